// What a container has written beside its volumes: which paths, a copy of them, and how they come back. The engine hands
// out nothing but whole file systems; what is not of the layer is left out while it streams by.
// Source: Docker Engine API 1.41, /containers/{id}/changes, /export and /archive; moby: pkg/archive.
import { stat } from "node:fs/promises";
import { Readable } from "node:stream";
import { HealError } from "../domain/errors.ts";
import { askEngine, type DockerApi, type Inspected, statusOf } from "./docker-engine.ts";
import { isBelow } from "./paths-below.ts";
import { tarOnly } from "./tar-entries.ts";

export interface WritableLayer {
  /** What was written, without "/" in front; places of mounts are the engine's. */
  written: ReadonlySet<string>;
  /** The folders above that, whose times the coming back would change. */
  above: ReadonlySet<string>;
}

const CHANGES_LIMIT_MS = 30_000;
const PUT_LIMIT_MS = 600_000;
/** Kinds of a change: 0 modified, 1 added. */
const DELETED = 2;
/** Bits of Go's FileMode. */
const [LINK, SOCKET] = [2 ** 27, 2 ** 24];

/** The layer or, in words, why it could not be had back. */
export async function writableLayerOf(
  api: DockerApi,
  info: Inspected,
  signal?: AbortSignal,
): Promise<WritableLayer | string> {
  const changes = await changesOf(api, info, signal);
  if (changes.length === 0) return { written: new Set(), above: new Set() };
  const lost = await missingSource(info);
  if (lost !== undefined) return `what it mounts is not there: ${lost}`;
  const mounts = await mountPlaces(api, info, signal);
  const own = changes.filter(({ Path: path }) => !mounts.some((one) => isBelow(path, one)));
  const isHidden = ({ Path: path }: Change): boolean =>
    mounts.some((one) => isBelow(path, one)) && !mounts.some((one) => isBelow(one, path));
  if (own.some((one) => one.Kind === DELETED)) return "files of its image were removed in it";
  if (changes.some(isHidden)) return "files lie below one of its mounts";
  if (own.length > 0 && info.HostConfig.ReadonlyRootfs === true) return "its file system is read-only";
  const written = new Set(own.map((one) => one.Path.slice(1)));
  return { written, above: new Set([...written].flatMap(foldersAbove)) };
}

interface Change {
  Path: string;
  Kind: number;
}

async function changesOf(api: DockerApi, info: Inspected, signal?: AbortSignal): Promise<Change[]> {
  const ask = { limitMs: CHANGES_LIMIT_MS, signal };
  const answer: unknown = await askEngine(api, `Asking what ${info.Name} has written`, ask, (abortSignal) =>
    api.getContainer(info.Id).changes({ abortSignal }),
  );
  // The engine says null for none, and dockerode gives that back as it came.
  if (Buffer.isBuffer(answer) && answer.toString().trim() === "null") return [];
  if (Array.isArray(answer)) return answer as Change[];
  throw new HealError(`Docker does not say what ${info.Name} has written.`, { code: "docker-refused" });
}

function foldersAbove(path: string): string[] {
  const parts = path.split("/");
  return parts.slice(1).map((_part, n) => parts.slice(0, n + 1).join("/"));
}

/** The engine makes a folder of this machine that a mount needs, even when a file of the container is only looked at. */
async function missingSource({ Mounts: mounts }: Inspected): Promise<string | undefined> {
  for (const { Type: type, Source: source } of mounts) {
    if (type === "bind" && !(await stat(source).catch(() => undefined))) return source;
  }
  return undefined;
}

/** Where its mounts really are: /var/run/x is /run/x in most images. What is put there would land in the volume. */
async function mountPlaces(api: DockerApi, info: Inspected, signal?: AbortSignal): Promise<string[]> {
  const places = [...info.Mounts.map((one) => one.Destination), ...Object.keys(info.HostConfig.Tmpfs ?? {})];
  const found: string[] = [];
  for (const place of places) found.push(await withoutLinks(api, info.Id, place, signal));
  return found;
}

async function withoutLinks(
  api: DockerApi,
  id: string,
  place: string,
  signal: AbortSignal | undefined,
): Promise<string> {
  let path = "";
  for (const part of place.split("/").filter((one) => one !== "")) {
    const next = `${path}/${part}`;
    const known = await pathIn(api, id, next, signal);
    path = known && isOf(known.mode, LINK) ? known.linkTarget.replace(/\/+$/, "") : next;
  }
  return path;
}

interface PathStat {
  mode: number;
  /** Of a link: where it leads in the end. */
  linkTarget: string;
}

const isOf = (mode: number, bit: number): boolean => Math.floor(mode / bit) % 2 === 1;

/** undefined: there is no such path. */
async function pathIn(
  api: DockerApi,
  id: string,
  path: string,
  signal: AbortSignal | undefined,
): Promise<PathStat | undefined> {
  try {
    const answer = (await askEngine(api, "Looking at a path in a container", { signal }, (abortSignal) =>
      api.getContainer(id).infoArchive({ path, abortSignal }),
    )) as Readable & { headers: Record<string, string | undefined> };
    answer.resume();
    const text = Buffer.from(answer.headers["x-docker-container-path-stat"] ?? "", "base64").toString();
    return JSON.parse(text) as PathStat;
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** A tar archive of the layer; the same bytes for the same layer. HealError "not-keepable". */
export async function* layerContent(
  api: DockerApi,
  { Id: id, Name: name }: Inspected,
  { written, above }: WritableLayer,
  signal?: AbortSignal,
): AsyncGenerator<Buffer> {
  const seen = new Set<string>();
  const source = written.size === 0 ? nothing() : exported(api, id, name, signal);
  yield* tarOnly(source, ({ path, type, link }) => {
    if (!written.has(path) && !above.has(path)) return false;
    if (type === "1" && !seen.has(link)) throw notKeepable(name, `${path} is another name of ${link}`);
    seen.add(path);
    return true;
  });
  for (const path of written) {
    if (seen.has(path)) continue;
    // A socket is made anew by whoever listens on it; no archive holds one.
    const there = await pathIn(api, id, `/${path}`, signal);
    if (!there || !isOf(there.mode, SOCKET)) throw notKeepable(name, `the engine does not hand out ${path}`);
  }
}

async function* nothing(): AsyncGenerator<Buffer> {
  yield Buffer.alloc(1024);
}

async function* exported(
  api: DockerApi,
  id: string,
  name: string,
  signal: AbortSignal | undefined,
): AsyncGenerator<Buffer> {
  const stream = await askEngine(api, `Reading the files of ${name}`, { signal }, () =>
    api.getContainer(id).export({ ...(signal && { abortSignal: signal }) }),
  );
  for await (const chunk of stream) yield chunk as Buffer;
}

/** Into a container that was not started yet. */
export async function putLayer(
  api: DockerApi,
  id: string,
  content: AsyncIterable<Buffer>,
  signal?: AbortSignal,
): Promise<void> {
  await askEngine(
    api,
    "Putting files back into a container",
    { limitMs: PUT_LIMIT_MS, signal },
    (abortSignal) => api.getContainer(id).putArchive(Readable.from(content), { path: "/", abortSignal }),
  );
}

function notKeepable(name: string, why: string): HealError {
  return new HealError(`${name.slice(1)} could not be had back: ${why}`, { code: "not-keepable" });
}
