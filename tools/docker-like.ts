// How a container is made that is like another one, but for its image and its name.
import type Docker from "dockerode";
import { MANAGED } from "./docker-binding.ts";
import type { ImageDefaults } from "./docker-command.ts";
import type { Inspected } from "./docker-engine.ts";

/** On the new one: the id of the container that it replaces. */
export const REPLACES = "opsmedic.replaces";
const COMPOSE_IMAGE = "com.docker.compose.image";

/** Pure. What the container has from its image is left to the other image; what its owner has set is set again. */
export function likeIt(
  { Config: config, HostConfig: host, Id: id, Mounts: mounts }: Inspected,
  image: ImageDefaults,
  { name, imageId }: { name: string; imageId: string },
): Docker.ContainerCreateOptions {
  const { Hostname, Labels, Env, Volumes: _volumes, ...rest } = config;
  const own = Object.fromEntries(
    Object.entries(rest).filter(([key, value]) => !isSame(value, (image as Record<string, unknown>)?.[key])),
  );
  const labels = Object.entries(Labels).filter(([key, value]) => image?.Labels?.[key] !== value);
  return {
    ...own,
    ...(!id.startsWith(Hostname) && Hostname !== "" && { Hostname }),
    name,
    Image: imageId,
    Env: (Env ?? []).filter((pair) => !(image?.Env ?? []).includes(pair)),
    Labels: {
      ...Object.fromEntries(labels),
      ...(Labels[COMPOSE_IMAGE] !== undefined && { [COMPOSE_IMAGE]: imageId }),
      [REPLACES]: id,
      [MANAGED]: "true",
    },
    HostConfig: { ...host, ...sameVolumes(host, mounts), ContainerIDFile: "" },
  };
}

/** Volumes without a name are data, too: the new one gets the very same, by the names that the engine gave them. */
export function sameVolumes(
  host: Inspected["HostConfig"],
  mounts: Inspected["Mounts"],
): Pick<Inspected["HostConfig"], "Binds" | "Mounts"> {
  const named = host.Binds ?? [];
  const volumeAt = (place: string): string =>
    mounts.find((one) => one.Type === "volume" && one.Destination === place)?.Name ?? "";
  const asked = host.Mounts?.map((one) =>
    one.Type === "volume" && !one.Source ? { ...one, Source: volumeAt(one.Target) } : one,
  );
  const known = new Set([
    ...named.map((one) => one.split(":")[1]),
    ...(asked ?? []).map((one) => one.Target),
  ]);
  const unnamed = mounts
    .filter((one) => one.Type === "volume" && one.Name !== undefined && !known.has(one.Destination))
    .map((one) => `${one.Name}:${one.Destination}${one.RW ? "" : ":ro"}`);
  return { Binds: [...named, ...unnamed], ...(asked && { Mounts: asked }) };
}

function isSame(a: unknown, b: unknown): boolean {
  return JSON.stringify(a ?? null) === JSON.stringify(b ?? null);
}
