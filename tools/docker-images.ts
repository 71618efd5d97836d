// Images that no container uses, running or not: which of them an owner's rule gives up, and how one goes and comes back.
import { Readable } from "node:stream";
import type { ImageRule } from "../domain/service.ts";
import { fileSystemOf, type FileSystemUse } from "./clean-up-files.ts";
import { askEngine, type DockerApi, statusOf } from "./docker-engine.ts";
import { imageOf } from "./docker-replaced.ts";

export interface UnusedImage {
  id: string;
  tags: string[];
  /** With the layers that it shares with others: what goes free is at most this. */
  bytes: number;
}

export interface UnusedImages {
  /** The largest first. `at`: the moment to which ages are counted, Unix ms. */
  list(rule: ImageRule, at: number, signal?: AbortSignal): Promise<UnusedImage[]>;
  /** Whether a container uses it, or a repair may go back to it. */
  isUsed(id: string, signal?: AbortSignal): Promise<boolean>;
  tagsOf(id: string, signal?: AbortSignal): Promise<string[] | undefined>;
  content(id: string): AsyncIterable<Buffer>;
  /** All its tags that are still its own, then itself; what is gone already is well. */
  remove(image: UnusedImage, signal?: AbortSignal): Promise<void>;
  /** The names that are another image's by now, and stay so: whoever took them wants that one to be started. */
  load(content: AsyncIterable<Buffer>, image: UnusedImage, signal?: AbortSignal): Promise<string[]>;
  /** Whether it is there, with all its names but those that are another image's by now. */
  isBack(image: UnusedImage, signal?: AbortSignal): Promise<boolean>;
  /** The folder in which the engine keeps them, and what containers write that is in no volume. */
  root(signal?: AbortSignal): Promise<string | undefined>;
  /** Of that folder, if it is on this machine. */
  fileSystem(signal?: AbortSignal): Promise<FileSystemUse | undefined>;
}

const LOAD_LIMIT_MS = 600_000;

/** `kept`: ids of images that no rule reaches, such as those with which services were well. */
export function makeUnusedImages({
  api,
  kept,
}: {
  api: DockerApi;
  kept: () => Promise<ReadonlySet<string>>;
}): UnusedImages {
  async function used(signal?: AbortSignal): Promise<Set<string>> {
    const all = await askEngine(api, "Looking which images are used", { signal }, (abortSignal) =>
      api.listContainers({ all: true, abortSignal }),
    );
    return new Set([...all.map((one) => one.ImageID), ...(await kept())]);
  }
  /** Names of one image that mean another by now. */
  async function takenFrom({ id, tags }: UnusedImage, signal?: AbortSignal): Promise<string[]> {
    const now = await Promise.all(tags.map((name) => imageOf(api, name, signal)));
    return tags.filter((_name, place) => (now[place]?.Id ?? id) !== id);
  }
  return {
    async list({ olderThanMs, label }, at, signal) {
      const [images, taken] = await Promise.all([
        askEngine(api, "Listing images", { signal }, () => api.listImages()),
        used(signal),
      ]);
      const old = images.filter((one) => !taken.has(one.Id) && at - one.Created * 1_000 >= olderThanMs);
      // An image made long ago may have been pulled today.
      const tagged = await Promise.all(old.map((one) => taggedAt(api, one.Id, signal)));
      return old
        .filter((_one, place) => at - (tagged[place] ?? 0) >= olderThanMs)
        .filter((one) => label === undefined || hasLabel(one.Labels, label))
        .map((one) => ({ id: one.Id, tags: tagsIn(one.RepoTags), bytes: one.Size }))
        .toSorted((a, b) => b.bytes - a.bytes);
    },
    isUsed: async (id, signal) => (await used(signal)).has(id),
    tagsOf: async (id, signal) => {
      const image = await imageOf(api, id, signal);
      return image && tagsIn(image.RepoTags);
    },
    async *content(id) {
      const stream = await api.getImage(id).get();
      yield* stream as unknown as AsyncIterable<Buffer>;
    },
    async remove(image, signal) {
      const { id, tags } = image;
      for (const name of [...tags, id]) {
        // Right before it: a pull may just have given the name to a newer one, whose only name it is.
        if ((await takenFrom({ ...image, tags: [name] }, signal)).length > 0) continue;
        await askEngine(api, `Removing the image ${name}`, { signal }, () =>
          api.getImage(name).remove(),
        ).catch((error: unknown) => {
          if (statusOf(error) !== 404) throw error;
        });
      }
    },
    async load(content, image, signal) {
      const { id, tags } = image;
      const ask = { limitMs: LOAD_LIMIT_MS, signal };
      await askEngine(api, "Loading an image", ask, async () =>
        drained(await api.loadImage(readable(content))),
      );
      const taken = await takenFrom(image, signal);
      for (const name of tags) {
        if (taken.includes(name)) continue;
        const cut = name.lastIndexOf(":");
        const to = { repo: name.slice(0, cut), tag: name.slice(cut + 1) };
        await askEngine(api, `Tagging ${name}`, { signal }, () => api.getImage(id).tag(to));
      }
      return taken;
    },
    async isBack(image, signal) {
      const now = await imageOf(api, image.id, signal);
      if (now === undefined) return false;
      const names = new Set([...tagsIn(now.RepoTags), ...(await takenFrom(image, signal))]);
      return image.tags.every((name) => names.has(name));
    },
    root: (signal) => rootOf(api, signal),
    fileSystem: (signal) => engineFileSystem(api, signal),
  };
}

/** Of the folder in which the engine keeps images and containers, if it is on this machine. */
export async function engineFileSystem(
  api: DockerApi,
  signal?: AbortSignal,
): Promise<FileSystemUse | undefined> {
  const root = await rootOf(api, signal);
  return root === undefined ? undefined : fileSystemOf(root);
}

async function rootOf(api: DockerApi, signal?: AbortSignal): Promise<string | undefined> {
  const info = (await askEngine(api, "Asking Docker where it keeps images", { signal }, () =>
    api.info(),
  )) as { DockerRootDir?: unknown };
  return typeof info.DockerRootDir === "string" ? info.DockerRootDir : undefined;
}

/** When it got its name here, Unix ms; 0 where the engine does not tell. */
async function taggedAt(api: DockerApi, id: string, signal?: AbortSignal): Promise<number> {
  const image = (await imageOf(api, id, signal)) as { Metadata?: { LastTagTime?: string } } | undefined;
  const at = Date.parse(image?.Metadata?.LastTagTime ?? "");
  return Number.isNaN(at) ? 0 : Math.max(0, at);
}

/** "name" or "name=value", as Docker's own filters take it. */
export function hasLabel(labels: Record<string, string> | null | undefined, label: string): boolean {
  const cut = label.indexOf("=");
  const [name, value] = cut < 0 ? [label, undefined] : [label.slice(0, cut), label.slice(cut + 1)];
  const found = labels?.[name];
  return found !== undefined && (value === undefined || found === value);
}

const tagsIn = (tags: readonly string[] | null | undefined): string[] =>
  (tags ?? []).filter((one) => !one.startsWith("<none>"));

function readable(content: AsyncIterable<Buffer>): NodeJS.ReadableStream {
  return Readable.from(content);
}

/** The engine tells its progress; an error comes as a line of it. */
async function drained(progress: NodeJS.ReadableStream): Promise<void> {
  let last = "";
  for await (const chunk of progress) last = String(chunk);
  if (/"error"\s*:/.test(last)) throw new Error(last.slice(0, 500));
}
