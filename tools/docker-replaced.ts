// A container in the place of another: made like it from another image, with its name, ports, networks, volumes and
// labels, those of compose too. The original is stopped and kept so that it can come back as it was: one of compose as a copy,
// any other under a name of its own. Each step looks at what is done already, so that a half-done replacement can be finished
// or taken back.
import type Docker from "dockerode";
import { HealError } from "../domain/errors.ts";
import { type OwnCommand, withCommand } from "./docker-command.ts";
import { COMPOSE_PROJECT, inspect, listedName, MANAGED } from "./docker-binding.ts";
import { askEngine, type DockerApi, type Inspected, isMissing, statusOf } from "./docker-engine.ts";
import { connectMissing, endpointsOf } from "./docker-endpoints.ts";
import { likeIt, REPLACES } from "./docker-like.ts";
import type { KeptOriginal } from "./target.ts";

const LIMIT_MS = 40_000;
const STOP_SECONDS = 10;

/** The name under which an original is kept. */
export const keptName = (name: string, id: string): string => `${name}-opsmedic-before-${id.slice(0, 12)}`;
/** The name of a replacement until the original has given its own up. */
const newName = (name: string): string => `${name}-opsmedic-new`;
const KEPT = /-opsmedic-before-[0-9a-f]{12}$/;
export const isKept = (name: string): boolean => KEPT.test(name);

export interface Replacement {
  /** Id of the original, and the name that is to go on. */
  original: string;
  name: string;
  /** Id of the image: sha256:… */
  imageId: string;
  /** What is set beside the image's own command; absent: what the original's owner has set. */
  own?: OwnCommand | undefined;
}

/** A copy of an original: docker-kept-aside.ts. */
export interface Aside {
  has(): boolean;
  /** It is copied and gone afterwards, its volumes stay. False: it could not be had back so. */
  take(original: Inspected): Promise<boolean>;
  /** Made again under its name, and stopped; it is there already: nothing. HealError "copies-gone", "undo-conflict". */
  putBack(): Promise<void>;
  isBack(): Promise<boolean>;
}

/** undefined: the engine has it no more. */
export async function imageOf(
  api: DockerApi,
  id: string,
  signal?: AbortSignal,
): Promise<Docker.ImageInspectInfo | undefined> {
  try {
    return await askEngine(api, "Looking for an image", { signal }, () => api.getImage(id).inspect());
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** HealError "not-supported" for what could not be had back. */
export function assertReplaceable({ HostConfig: host, Name: name }: Inspected): void {
  if (host.AutoRemove !== true) return;
  throw new HealError(`${name} is removed as soon as it stops (--rm), so it is not replaced.`, {
    code: "not-supported",
    hint: "Start it without --rm where a repair may roll it back.",
  });
}

/** Afterwards a container of the other image has the name, and runs; the original is stopped and kept. */
export async function replaceContainer(
  api: DockerApi,
  wanted: Replacement,
  signal?: AbortSignal,
  aside?: Aside,
): Promise<void> {
  const original = await inspect(api, wanted.original, signal);
  if (!original && !aside?.has()) {
    throw new HealError(`the container that ${wanted.name} was is gone.`, { code: "container-missing" });
  }
  if (original) assertReplaceable(original);
  const id =
    (await replacementOf(api, wanted.original, wanted.name, signal))?.Id ??
    (original && (await make(api, original, wanted, signal)));
  if (id === undefined) {
    throw new HealError(`what replaced ${wanted.name} is gone.`, { code: "container-missing" });
  }
  // Also where a crash came between its making and these.
  if (original) await connectMissing(api, id, endpointsOf(original).slice(1), signal);
  const ask = { limitMs: LIMIT_MS, signal };
  if (original) {
    const old = api.getContainer(wanted.original);
    // What is kept must not come up by itself, with a restart of the engine.
    await askEngine(api, `Keeping ${wanted.name} stopped`, ask, () =>
      old.update({ RestartPolicy: { Name: "no" } }),
    );
    await askEngine(api, `Stopping ${wanted.name}`, ask, () => old.stop({ t: STOP_SECONDS })).catch(
      unlessDone,
    );
    const isOfCompose = original.Config.Labels[COMPOSE_PROJECT] !== undefined;
    if (!isOfCompose || !(await aside?.take(original)))
      await rename(api, wanted.original, keptName(wanted.name, wanted.original), signal);
  }
  await rename(api, id, wanted.name, signal);
  await askEngine(api, `Starting ${wanted.name}`, ask, () => api.getContainer(id).start()).catch(unlessDone);
}

/** `ran`: whether it ran when it was captured. */
export function originalOf(info: Inspected): KeptOriginal {
  const policy = info.HostConfig.RestartPolicy;
  return {
    id: info.Id,
    name: info.Name.slice(1),
    restartPolicy: { Name: policy?.Name ?? "no", MaximumRetryCount: policy?.MaximumRetryCount ?? 0 },
    ran: info.State.Running || info.State.Restarting,
  };
}

/**
 * Afterwards the original has its name and its restart policy again, and runs if it ran; what replaced it is gone.
 * HealError "original-gone", and nothing is touched, where somebody has removed it.
 */
export async function bringBack(
  api: DockerApi,
  original: KeptOriginal,
  signal?: AbortSignal,
  aside?: Aside,
): Promise<void> {
  const { id, name, restartPolicy, ran } = original;
  const ask = { limitMs: LIMIT_MS, signal };
  // Looked at first: without it the service would have no container at all.
  const isThere = (await inspect(api, id, signal)) !== undefined;
  if (!isThere && !aside?.has()) throw originalGone(original);
  const ours = await replacementOf(api, id, name, signal);
  if (ours) {
    await askEngine(api, `Stopping what replaced ${name}`, ask, () =>
      api.getContainer(ours.Id).stop({ t: STOP_SECONDS }),
    ).catch(unlessDone);
  }
  if (!isThere && aside) {
    if (ours) await rename(api, ours.Id, newName(name), signal);
    await aside.putBack().catch(async (error: unknown) => {
      // Its image or a volume is gone: what was there a moment ago goes on.
      if (ours) {
        await rename(api, ours.Id, name, signal);
        await askEngine(api, `Starting ${name}`, ask, () => api.getContainer(ours.Id).start());
      }
      throw error;
    });
  }
  if (ours) {
    // Without its volumes: they are the original's.
    await askEngine(api, `Removing what replaced ${name}`, ask, () =>
      api.getContainer(ours.Id).remove({ force: true, v: false }),
    ).catch(unlessDone);
  }
  if (isThere) await rename(api, id, name, signal);
  const back = api.getContainer(isThere ? id : name);
  await askEngine(api, `Giving ${name} its restart policy back`, ask, () =>
    back.update({ RestartPolicy: restartPolicy }),
  );
  if (ran) await askEngine(api, `Starting ${name}`, ask, () => back.start()).catch(unlessDone);
}

function originalGone({ id, name }: KeptOriginal): HealError {
  return new HealError(
    `the container that ${name} was (${id.slice(0, 12)}) was removed meanwhile; what runs in its place stays`,
    {
      code: "original-gone",
      hint: "it is kept until a repair has proved itself, unless somebody prunes stopped containers; roll its version out again",
    },
  );
}

/** Originals whose replacement was made before a time (Unix ms) and runs: they are not needed any more. */
export async function removeKept(api: DockerApi, olderThan: number, signal?: AbortSignal): Promise<string[]> {
  const found = await askEngine(api, "Looking for replaced containers", { signal }, (abortSignal) =>
    api.listContainers({ filters: { label: [REPLACES, `${MANAGED}=true`] }, abortSignal }),
  );
  const removed: string[] = [];
  for (const one of found) {
    const { Labels: labels, Created: created } = one;
    const id = labels[REPLACES] ?? "";
    const kept = created * 1_000 < olderThan ? await inspect(api, id, signal) : undefined;
    const expected = keptName(listedName(one), id);
    if (!kept || kept.State.Running || kept.Name !== `/${expected}`) continue;
    await askEngine(api, `Removing ${expected}`, { limitMs: LIMIT_MS, signal }, () =>
      api.getContainer(id).remove({ v: false }),
    );
    removed.push(expected);
  }
  return removed;
}

/** Labels go over into copies and into images that are made of a container: the name must be one that we gave it, too. */
async function replacementOf(
  api: DockerApi,
  original: string,
  name: string,
  signal?: AbortSignal,
): Promise<Inspected | undefined> {
  const label = [`${REPLACES}=${original}`, `${MANAGED}=true`];
  const all = await askEngine(api, "Looking for a replacement", { signal }, (abortSignal) =>
    api.listContainers({ all: true, filters: { label }, abortSignal }),
  );
  const found = all.find((one) => [name, newName(name)].includes(listedName(one)));
  return found && inspect(api, found.Id, signal);
}

async function make(
  api: DockerApi,
  original: Inspected,
  { name, imageId, own }: Replacement,
  signal?: AbortSignal,
) {
  const [from, to] = await Promise.all([imageOf(api, original.Image, signal), imageOf(api, imageId, signal)]);
  if (!to) {
    throw new HealError(`the image with which ${name} was well is not on this machine any more.`, {
      code: "image-missing",
      hint: "Pull it again, or roll the last good version out by hand.",
    });
  }
  const like = likeIt(original, from?.Config, { name: newName(name), imageId });
  const options = own ? withCommand(like, own) : like;
  const [[first, endpoint] = []] = endpointsOf(original);
  const ask = { limitMs: LIMIT_MS, signal };
  const { id } = await askEngine(api, `Creating another ${name}`, ask, (abortSignal) =>
    api.createContainer({
      ...options,
      ...(first && { NetworkingConfig: { EndpointsConfig: { [first]: endpoint ?? {} } } }),
      abortSignal,
    }),
  );
  return id;
}

async function rename(api: DockerApi, id: string, name: string, signal?: AbortSignal): Promise<void> {
  const info = await inspect(api, id, signal);
  if (info?.Name === `/${name}`) return;
  await askEngine(api, `Naming a container ${name}`, { signal }, () => api.getContainer(id).rename({ name }));
}

/** Started, stopped or removed already (304, 404): what was wanted. */
function unlessDone(error: unknown): void {
  if (statusOf(error) !== 304 && !isMissing(error)) throw error;
}
