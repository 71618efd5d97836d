// The places of a container in its networks, as its owner has asked for them: addresses that are fixed, aliases, links.
// A container that is made again, or another in its place, gets the very same.
import type Docker from "dockerode";
import { inspect } from "./docker-binding.ts";
import { askEngine, type DockerApi, type Inspected } from "./docker-engine.ts";

const LIMIT_MS = 40_000;

export type Endpoint = Docker.EndpointSettings;

/** The first is the one that the engine wants to hear of at once. */
export function endpointsOf({
  Id: id,
  HostConfig: host,
  NetworkSettings: settings,
}: Inspected): [string, Endpoint][] {
  const isFirst = ([network]: [string, unknown]): number => (network === host.NetworkMode ? 0 : 1);
  return Object.entries(settings.Networks)
    .map(([network, one]): [string, Endpoint] => [network, asked(one as Endpoint, id)])
    .toSorted((a, b) => isFirst(a) - isFirst(b));
}

/** Without what the engine has given it: addresses, and its own short id as an alias. */
function asked({ IPAMConfig, Links, Aliases, DriverOpts }: Endpoint, id: string): Endpoint {
  const aliases = (Aliases ?? []).filter((one) => !id.startsWith(one));
  const all = Object.entries({ IPAMConfig, Links, Aliases: aliases, DriverOpts });
  return Object.fromEntries(all.filter(([_key, value]) => !isEmpty(value)));
}

/** In words that are alike for two containers in the same places: a start adds the hostname to the aliases, asked for or not. */
export function placesIn(info: Inspected): string[] {
  const { Hostname: hostname } = info.Config;
  return endpointsOf(info)
    .map(([network, { Aliases = [], ...rest }]) =>
      JSON.stringify([network, { ...rest, aliases: Aliases.filter((one) => one !== hostname) }]),
    )
    .toSorted();
}

/** Of a container that was made in the first of them; one whose making was cut off is in some of the others already. */
export async function connectMissing(
  api: DockerApi,
  id: string,
  wanted: readonly [string, Endpoint][],
  signal?: AbortSignal,
): Promise<void> {
  if (wanted.length === 0) return;
  const is = new Set(Object.keys((await inspect(api, id, signal))?.NetworkSettings.Networks ?? {}));
  for (const [network, EndpointConfig] of wanted) {
    if (is.has(network)) continue;
    await askEngine(
      api,
      `Connecting a container to ${network}`,
      { limitMs: LIMIT_MS, signal },
      (abortSignal) =>
        api.getNetwork(network).connect({ Container: id, EndpointConfig, abortSignal } as object),
    );
  }
}

export function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === "") return true;
  return typeof value === "object" && Object.keys(value).length === 0;
}
