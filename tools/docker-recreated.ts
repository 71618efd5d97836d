// A container that was removed, made again as it was: name, settings, limits, networks, the very same volumes. Under a name
// of opsmedic's own until all of it is there; the last step gives it its name, so whoever finds the name finds it whole.
import { setTimeout as sleep } from "node:timers/promises";
import { HealError } from "../domain/errors.ts";
import { inspect } from "./docker-binding.ts";
import { connectMissing, endpointsOf, isEmpty, placesIn } from "./docker-endpoints.ts";
import { askEngine, type DockerApi, type Inspected, statusOf } from "./docker-engine.ts";
import { sameVolumes } from "./docker-like.ts";
import { imageOf } from "./docker-replaced.ts";

const LIMIT_MS = 40_000;
/** As long as the engine may take to make one. */
const TRY_AGAIN_MS = 200;
const MOST_TRIES = LIMIT_MS / TRY_AGAIN_MS;

/** The name under which it comes back. */
export const comingBackName = (name: string, id: string): string =>
  `${name}-opsmedic-back-${id.slice(0, 12)}`;
const COMING_BACK = /-opsmedic-back-[0-9a-f]{12}$/;
export const isComingBack = (name: string): boolean => COMING_BACK.test(name);

/** Why the engine could not make another like it, in words; undefined: it could. */
export function notRepeatable({
  HostConfig: host,
  NetworkSettings: settings,
}: Inspected): string | undefined {
  const shared = [host.NetworkMode, host.PidMode, host.IpcMode].some((one) => one?.startsWith("container:"));
  if (shared) return "it lives in the namespaces of another container";
  if (host.UTSMode === "host") return "it has the machine's own name";
  if (!isEmpty(host.Links) || !isEmpty(host.VolumesFrom))
    return "it was made with the links or volumes of another";
  if (Object.keys(settings.Networks).length === 0) return "it is in no network, not even in none";
  return undefined;
}

/**
 * Made, filled and given its name; it does not run. False: it is there already. HealError "undo-conflict" where another has
 * its name, "image-missing", "volume-missing".
 */
export async function createAgain(
  api: DockerApi,
  kept: Inspected,
  fill: (id: string) => Promise<void>,
  signal?: AbortSignal,
): Promise<boolean> {
  const name = kept.Name.slice(1);
  const present = await inspect(api, name, signal);
  if (present?.Name === kept.Name) {
    if (differences(kept, present).length === 0) return false;
    throw taken(name);
  }
  const image = await imageFor(api, kept, signal);
  await assertVolumes(api, kept, signal);
  const id = await createAnew(api, kept, { image, name: comingBackName(name, kept.Id) }, signal);
  await fill(id);
  await askEngine(api, `Giving ${name} its name back`, { limitMs: LIMIT_MS, signal }, () =>
    api.getContainer(id).rename({ name }),
  ).catch((error: unknown) => {
    throw statusOf(error) === 409 ? taken(name) : error;
  });
  return true;
}

/** In the place of a half one: a killed undo has left it, or the engine is still making it. */
async function createAnew(
  api: DockerApi,
  kept: Inspected,
  wanted: { image: string; name: string },
  signal?: AbortSignal,
): Promise<string> {
  for (let left = MOST_TRIES; ; left -= 1) {
    const half = await inspect(api, wanted.name, signal);
    if (half?.Name === `/${wanted.name}`) await removeAlone(api, half.Id, signal);
    try {
      return await create(api, kept, wanted, signal);
    } catch (error) {
      if (statusOf(error) !== 409 || left === 0) throw error;
      await sleep(TRY_AGAIN_MS, undefined, { signal });
    }
  }
}

/** Without its volumes: they are its data. Gone already is well. */
export async function removeAlone(api: DockerApi, id: string, signal?: AbortSignal): Promise<void> {
  await askEngine(api, "Removing a container", { limitMs: LIMIT_MS, signal }, () =>
    api.getContainer(id).remove({ v: false }),
  ).catch((error: unknown) => {
    if (statusOf(error) !== 404) throw error;
  });
}

async function create(
  api: DockerApi,
  kept: Inspected,
  { image, name }: { image: string; name: string },
  signal?: AbortSignal,
): Promise<string> {
  const { Config: config, HostConfig: host, Mounts: mounts } = kept;
  const [[first, endpoint] = [], ...others] = endpointsOf(kept);
  const ask = { limitMs: LIMIT_MS, signal };
  const { id } = await askEngine(api, `Creating ${name}`, ask, (abortSignal) =>
    api.createContainer({
      ...config,
      // An empty one would be read as "the image's"; this is how the engine is told of none.
      Entrypoint: isEmpty(config.Entrypoint) ? [""] : config.Entrypoint,
      Image: image,
      name,
      HostConfig: { ...host, ...sameVolumes(host, mounts) },
      ...(first && { NetworkingConfig: { EndpointsConfig: { [first]: endpoint ?? {} } } }),
      abortSignal,
    }),
  );
  await connectMissing(api, id, others, signal);
  return id;
}

/** By its old name where that still means the same image, else by its id. */
async function imageFor(api: DockerApi, kept: Inspected, signal?: AbortSignal): Promise<string> {
  const name = kept.Config.Image;
  if ((await imageOf(api, name, signal))?.Id === kept.Image) return name;
  if (await imageOf(api, kept.Image, signal)) return kept.Image;
  throw new HealError(`the image of ${kept.Name.slice(1)} (${name}) is not on this machine any more`, {
    code: "image-missing",
    hint: `bring ${kept.Image} back first, by a pull or from the backup of the repair that removed it`,
  });
}

/** A volume that is gone would be made anew, and empty. */
async function assertVolumes(
  api: DockerApi,
  { Name: name, Mounts: mounts }: Inspected,
  signal?: AbortSignal,
) {
  for (const { Type: type, Name: volume } of mounts) {
    if (type !== "volume" || volume === undefined) continue;
    await askEngine(api, `Looking for the volume ${volume}`, { signal }, () =>
      api.getVolume(volume).inspect(),
    ).catch((error: unknown) => {
      if (statusOf(error) !== 404) throw error;
      throw new HealError(`the volume ${volume} of ${name.slice(1)} was removed meanwhile`, {
        code: "volume-missing",
        hint: "make it again, with its data if there is a copy, and undo once more",
      });
    });
  }
}

function taken(name: string): HealError {
  return new HealError(`another container has the name ${name} now`, {
    code: "undo-conflict",
    hint: `rename that one (docker rename), and undo once more; all of the old ${name} is kept`,
  });
}

/** What of it is not as it was, by name; the image's name may have moved to another image. */
export function differences(kept: Inspected, now: Inspected): string[] {
  const [before, after] = [shapeOf(kept), shapeOf(now)];
  const keys = new Set([...Object.keys(before), ...Object.keys(after)]);
  return [...keys].filter(
    (key) => JSON.stringify(before[key] ?? null) !== JSON.stringify(after[key] ?? null),
  );
}

/** Volumes without a name are asked for by the names that the engine gave them: the mounts tell that they are the same. */
function shapeOf(info: Inspected): Record<string, unknown> {
  const { Config: config, HostConfig: host } = info;
  const { Image: _name, ...settings } = config;
  const { Binds: _binds, Mounts: _asked, ...limits } = host;
  const mounts = info.Mounts.map(({ Type, Name, Source, Destination, RW }) =>
    [Destination, Type, Name ?? Source, RW].join(" "),
  );
  return {
    name: info.Name,
    image: info.Image,
    ...settings,
    ...limits,
    mounts: mounts.toSorted(),
    networks: placesIn(info),
  };
}
