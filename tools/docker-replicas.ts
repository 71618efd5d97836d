// Replicas of a container: copies by inspect, without published ports, reachable under the same names in the same
// networks. They carry our labels and the original's name with a number, and only what has both is ever touched.
import type Docker from "dockerode";
import { HealError } from "../domain/errors.ts";
import {
  COMPOSE_SERVICE,
  inspect,
  listedName,
  MANAGED,
  REPLICA_NUMBER,
  REPLICA_OF,
  replicaIn,
  replicaName,
} from "./docker-binding.ts";
import { connectMissing } from "./docker-endpoints.ts";
import { askEngine, type DockerApi, type Inspected, isMissing, statusOf } from "./docker-engine.ts";

const CREATE_LIMIT_MS = 30_000;
const STOP_SECONDS = 10;
/** Networks of the engine itself, where containers have no names. */
const NAMELESS = new Set(["bridge", "host", "none"]);

export interface Replica {
  id: string;
  number: number;
  running: boolean;
}

/** Those that opsmedic has made for this service of this container, or of another of its compose service, by number. */
export async function replicasOf(
  api: DockerApi,
  service: string,
  original: Inspected,
  signal?: AbortSignal,
): Promise<Replica[]> {
  const label = [`${REPLICA_OF}=${service}`, `${MANAGED}=true`];
  const found = await askEngine(api, `Counting the replicas of ${service}`, { signal }, (abortSignal) =>
    api.listContainers({ all: true, filters: { label }, abortSignal }),
  );
  return found
    .flatMap((one) => {
      const replica = replicaIn({ name: listedName(one), labels: one.Labels });
      if (!replica || !isNamedFor(replica.original, original)) return [];
      return [{ id: one.Id, number: replica.number, running: one.State === "running" }];
    })
    .toSorted((a, b) => a.number - b.number);
}

/** Of compose any of the service's: the one that was copied may be gone since. Two opsmedics may both watch a "shop". */
function isNamedFor(name: string, { Name, Config: config }: Inspected): boolean {
  const own = Name.slice(1);
  if (config.Labels[COMPOSE_SERVICE] === undefined) return name === own;
  return name.replace(/\d+$/, "") === own.replace(/\d+$/, "");
}

/** Absolute and repeatable: 2…`replicas` run afterwards, and none with a higher number. */
export async function scaleTo(
  api: DockerApi,
  { service, original, replicas }: { service: string; original: Inspected; replicas: number },
  signal?: AbortSignal,
): Promise<void> {
  if (replicas > 1) refuseWhatCannotBeCopied(service, original);
  const present = await replicasOf(api, service, original, signal);
  for (const one of present.filter(({ number }) => !(number <= replicas)).toReversed()) {
    await remove(api, service, one, signal);
  }
  for (let number = 2; number <= replicas; number += 1) {
    const known = present.find((one) => one.number === number);
    if (known?.running) continue;
    const id = known?.id ?? (await create(api, service, original, number, signal));
    // Also where a crash came between its making and these.
    await connectMissing(api, id, endpointsOf(original).slice(1), signal);
    await askEngine(api, `Starting replica ${number} of ${service}`, { signal }, (abortSignal) =>
      api.getContainer(id).start({ abortSignal }),
    ).catch(unlessDone);
  }
}

function refuseWhatCannotBeCopied(service: string, { HostConfig: host, Name: name }: Inspected): void {
  const mode = host.NetworkMode ?? "default";
  if (mode !== "host" && !mode.startsWith("container:")) return;
  throw new HealError(`${service} cannot have replicas: container ${name} uses network mode ${mode}.`, {
    code: "not-supported",
    hint: "Replicas would fight for its ports; run it in a network of its own.",
  });
}

async function create(
  api: DockerApi,
  service: string,
  original: Inspected,
  number: number,
  signal?: AbortSignal,
): Promise<string> {
  const name = replicaName(original.Name.slice(1), number);
  const options = copyOf(original, { service, number, name });
  const [[first, endpoint] = []] = endpointsOf(original);
  const ask = { limitMs: CREATE_LIMIT_MS, signal };
  try {
    const { id } = await askEngine(api, `Creating ${name}`, ask, (abortSignal) =>
      api.createContainer({
        ...options,
        ...(first && { NetworkingConfig: { EndpointsConfig: { [first]: endpoint ?? {} } } }),
        abortSignal,
      }),
    );
    return id;
  } catch (error) {
    const taken = statusOf(error) === 409 ? await inspect(api, name, signal) : undefined;
    // Another opsmedic has made it in this moment. A stranger of that name is not touched.
    const labels = taken?.Config.Labels ?? {};
    if (taken?.Name === `/${name}` && labels[REPLICA_OF] === service && replicaIn({ name, labels }))
      return taken.Id;
    throw error;
  }
}

/** Pure: what createContainer is asked for. The image by its id, so that a moved tag makes no difference. */
export function copyOf(
  { Config: config, HostConfig: host, Id: id, Image: image }: Inspected,
  { service, number, name }: { service: string; number: number; name: string },
): Docker.ContainerCreateOptions {
  const { Hostname, Labels, ...rest } = config;
  const ownHostname = Hostname !== "" && !id.startsWith(Hostname);
  return {
    ...rest,
    ...(ownHostname && { Hostname }),
    name,
    Image: image,
    Labels: {
      // compose must not take it for its own, and discovery not for a service of its own. Labels of proxies stay.
      ...Object.fromEntries(
        Object.entries(Labels).filter(([key]) => !/^(com\.docker\.compose|opsmedic)\./.test(key)),
      ),
      [REPLICA_OF]: service,
      [MANAGED]: "true",
      [REPLICA_NUMBER]: String(number),
    },
    HostConfig: { ...host, PortBindings: {}, PublishAllPorts: false, ContainerIDFile: "" },
  };
}

/** The same names as the original's, its own name too, but no addresses: those are the original's. */
function endpointsOf({
  Id: id,
  Name: name,
  NetworkSettings: settings,
}: Inspected): [string, Docker.EndpointSettings][] {
  return Object.entries(settings.Networks).map(([network, { Aliases }]) => {
    if (NAMELESS.has(network)) return [network, {}];
    const aliases = (Aliases as string[] | null | undefined) ?? [];
    const names = aliases.filter((alias) => !id.startsWith(alias));
    const unique = [...new Set([...names, name.slice(1)])];
    return [network, { Aliases: unique }];
  });
}

async function remove(
  api: DockerApi,
  service: string,
  { id, number }: Replica,
  signal?: AbortSignal,
): Promise<void> {
  const what = `Removing replica ${number} of ${service}`;
  const ask = { limitMs: (STOP_SECONDS + 20) * 1000, signal };
  await askEngine(api, what, ask, (abortSignal) =>
    api.getContainer(id).stop({ t: STOP_SECONDS, abortSignal }),
  ).catch(unlessDone);
  // v: only volumes without a name, which nobody else can use.
  await askEngine(api, what, ask, (abortSignal) =>
    api.getContainer(id).remove({ force: true, v: true, abortSignal } as object),
  ).catch(unlessDone);
}

/** Started, stopped or removed already (304, 404): what was wanted. */
function unlessDone(error: unknown): void {
  if (statusOf(error) !== 304 && !isMissing(error)) throw error;
}
