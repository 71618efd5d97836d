// What a backup keeps of a container, and its memory limit in both directions.
import { createHash } from "node:crypto";
import type { Json, JsonObject } from "../domain/json.ts";
import { commandIdOf } from "./docker-command.ts";
import { askEngine, type DockerApi, type Inspected } from "./docker-engine.ts";

const hostMemory = new WeakMap<DockerApi, Promise<number>>();

/** Bytes of the engine's machine; asked once, since it does not change. */
export async function memoryOfHost(api: DockerApi, signal?: AbortSignal): Promise<number> {
  const known = hostMemory.get(api);
  if (known) return known;
  const info = await askEngine(api, "Asking Docker for its memory", { signal }, () => api.info());
  const bytes = Number((info as { MemTotal?: unknown }).MemTotal ?? 0);
  hostMemory.set(api, Promise.resolve(bytes));
  return bytes;
}

/** undefined: no limit but the host's memory. */
export function limitOf({ HostConfig: host }: Inspected, hostBytes: number): number | undefined {
  const limit = host.Memory ?? 0;
  return limit > 0 && limit < hostBytes ? limit : undefined;
}

/**
 * Memory and MemorySwap together, since the engine refuses a limit above the old swap limit. What could be swapped
 * before can be swapped after. The engine cannot lift a limit of a container (it reads 0 as "leave it"): the host's
 * memory takes its place, and counts as no limit.
 */
export function memorySettings(
  { HostConfig: host }: Inspected,
  bytes: number | undefined,
  hostBytes: number,
): { Memory: number; MemorySwap: number } {
  // Not -1 for the swap: an update reads that as "leave it" too, and the old one would stand in the way.
  if (bytes === undefined || bytes >= hostBytes) return { Memory: hostBytes, MemorySwap: 2 * hostBytes };
  const [memory, swap] = [host.Memory ?? 0, host.MemorySwap ?? 0];
  if (swap === -1) return { Memory: bytes, MemorySwap: -1 };
  // Without a setting the engine's own default: as much swap as memory.
  const swapAlone = memory > 0 && swap > 0 ? Math.max(0, swap - memory) : bytes;
  return { Memory: bytes, MemorySwap: bytes + swapAlone };
}

/** Values of environment variables are often secrets: only their fingerprints are kept, enough to see a change. */
export function describeContainer(
  info: Inspected,
  { replicas, limitBytes }: { replicas: number; limitBytes: number | undefined },
): JsonObject {
  const { Config: config, HostConfig: host, NetworkSettings: settings } = info;
  return plain({
    kind: "docker",
    container: info.Name.slice(1),
    id: info.Id,
    image: config.Image,
    imageId: info.Image,
    created: info.Created,
    status: info.State.Status,
    replicas,
    memoryLimitBytes: limitBytes ?? null,
    command: [...entrypointOf(config.Entrypoint), ...(config.Cmd ?? [])],
    commandId: commandIdOf(info),
    environment: Object.fromEntries((config.Env ?? []).map(fingerprinted)),
    labels: config.Labels,
    user: config.User,
    workingDir: config.WorkingDir,
    networks: Object.keys(settings.Networks),
    mounts: info.Mounts,
    ports: host.PortBindings,
    restartPolicy: host.RestartPolicy,
    resources: {
      Memory: host.Memory,
      MemorySwap: host.MemorySwap,
      NanoCpus: host.NanoCpus,
      CpuShares: host.CpuShares,
      CpuQuota: host.CpuQuota,
      CpusetCpus: host.CpusetCpus,
    },
    healthcheck: config.Healthcheck,
  });
}

function entrypointOf(entrypoint: string | string[] | null | undefined): string[] {
  return typeof entrypoint === "string" ? [entrypoint] : (entrypoint ?? []);
}

function fingerprinted(pair: string): [string, string] {
  const [name = "", ...value] = pair.split("=");
  return [name, `sha256:${createHash("sha256").update(value.join("=")).digest("hex").slice(0, 12)}`];
}

/** Drops what is undefined. */
function plain(value: object): JsonObject {
  return JSON.parse(JSON.stringify(value)) as { [key: string]: Json };
}
