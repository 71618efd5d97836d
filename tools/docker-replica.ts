// One more copy of a container: same image, command and networks, no published ports (two cannot share one),
// labelled as ours so that nobody else's container is ever removed.
import { MANAGED, REPLICA_OF } from "./docker-containers.ts";
import type { ContainerInfo, Engine } from "./docker-engine.ts";

export async function addReplica(
  engine: Engine,
  service: string,
  original: ContainerInfo,
  number: number,
  signal?: AbortSignal,
): Promise<void> {
  const { Config, HostConfig, NetworkSettings } = original;
  const { Hostname: _hostname, ExposedPorts: _ports, ...config } = Config;
  const networks = Object.entries(NetworkSettings.Networks);
  const [first, ...others] = networks.map(([name, { Aliases }]) => ({
    name,
    aliases: withoutId(Aliases, original.Id),
  }));
  const name = `${original.Name.replace(/^\//, "")}-opsmedic-${number}`;
  const created = await engine.call(
    `create ${name}`,
    (abortSignal) =>
      engine.docker.createContainer({
        ...config,
        name,
        Labels: {
          ...Config.Labels,
          [REPLICA_OF]: service,
          [MANAGED]: "true",
          "opsmedic.replica": String(number),
        },
        HostConfig: { ...HostConfig, PortBindings: {} },
        ...(first && { NetworkingConfig: { EndpointsConfig: { [first.name]: { Aliases: first.aliases } } } }),
        abortSignal,
      }),
    signal,
  );
  for (const { name: network, aliases } of others) {
    await engine.call(
      "connect",
      () =>
        engine.docker
          .getNetwork(network)
          .connect({ Container: created.id, EndpointConfig: { Aliases: aliases } }),
      signal,
    );
  }
  await engine.call(`start ${name}`, (abortSignal) => created.start({ abortSignal }), signal);
}

/** The engine adds a container's own short id as an alias; a copy must not answer to it. */
function withoutId(aliases: readonly string[] | undefined, id: string): string[] {
  return (aliases ?? []).filter((alias) => !id.startsWith(alias));
}
