// Containers that have ended: which of them an owner's rule gives up, and how one goes and comes back with all that it is.
import { stat } from "node:fs/promises";
import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type Docker from "dockerode";
import pLimit from "p-limit";
import { HealError } from "../domain/errors.ts";
import type { ContainerRule, Service } from "../domain/service.ts";
import type { FileSystemUse } from "./clean-up-files.ts";
import { inspect } from "./docker-binding.ts";
import { askEngine, type DockerApi, type Inspected } from "./docker-engine.ts";
import { engineFileSystem, hasLabel } from "./docker-images.ts";
import { logText } from "./docker-logs.ts";
import { neededAmong } from "./docker-needed.ts";
import { createAgain, differences, notRepeatable, removeAlone } from "./docker-recreated.ts";
import { layerContent, putLayer, writableLayerOf } from "./docker-writable-layer.ts";
import type { Copies, SetAside } from "./set-aside.ts";
import { EMPTY_TAR } from "./tar-entries.ts";

export interface StoppedContainer {
  id: string;
  name: string;
  /** When it ended, Unix ms: another time is another run. */
  endedAt: number;
  /** What it has written beside its volumes, and its log. */
  bytes: number;
}

export interface StoppedContainers {
  /** The largest first, and why others that the rule means stay. `at`: the moment to which ages are counted, Unix ms. */
  list(
    rule: ContainerRule,
    at: number,
    signal?: AbortSignal,
  ): Promise<{ due: StoppedContainer[]; stay: { name: string; why: string }[] }>;
  /** Waits for the end of a removal that is under way. */
  isThere(id: string, signal?: AbortSignal): Promise<boolean>;
  /** Whether it still is as it was seen, and nobody has begun to need it. */
  mayGo(one: StoppedContainer, signal?: AbortSignal): Promise<boolean>;
  /** All that it takes to have it again, to be kept under these keys; the first is `aboutKey`. HealError "not-keepable". */
  parts(one: StoppedContainer, signal?: AbortSignal): Promise<Parameters<Copies["add"]>[0]>;
  /** Its volumes stay; gone already is well. */
  remove(one: StoppedContainer, signal?: AbortSignal): Promise<void>;
  /** False: it was there already. HealError "undo-conflict", "image-missing", "volume-missing". */
  bringBack(one: StoppedContainer, copies: Copies, signal?: AbortSignal): Promise<boolean>;
  /** What of it is not as it was. */
  differences(one: StoppedContainer, copies: Copies, signal?: AbortSignal): Promise<string[]>;
  /** On which they lie, if it is on this machine. */
  fileSystem(signal?: AbortSignal): Promise<FileSystemUse | undefined>;
}

export interface StoppedContainersParts {
  api: DockerApi;
  services: () => readonly Service[];
  /** Whoever has it asks to be watched. */
  label: string;
}

const ABOUT = "about ";
export const aboutKey = (id: string): string => `${ABOUT}${id}`;
export const filesKey = (id: string): string => `files ${id}`;
const logKey = (id: string): string => `log ${id}`;

const SIZE_LIMIT_MS = 60_000;
const LOOK_AGAIN_MS = 100;
/** So many, the oldest, are asked when they ended, and so many of them what they have written: the rest is for the next repair. */
const [MOST_ASKED, MOST_LOOKED_INTO] = [200, 50];
/** The engine walks through all that one has written to tell its size. */
const AT_A_TIME = 4;

export function makeStoppedContainers({ api, services, label }: StoppedContainersParts): StoppedContainers {
  const listed = (signal?: AbortSignal): Promise<Docker.ContainerInfo[]> =>
    askEngine(api, "Looking which containers have ended", { signal }, (abortSignal) =>
      api.listContainers({ all: true, abortSignal }),
    );

  async function due(one: Docker.ContainerInfo, rule: ContainerRule, at: number, signal?: AbortSignal) {
    const info = await inspect(api, one.Id, signal);
    return info && hasEnded(info) && at - endOf(info) >= rule.olderThanMs ? info : undefined;
  }

  return {
    async list(rule, at, signal) {
      const all = await listed(signal);
      const needed = neededAmong(all, { services: services(), label });
      const meant = all
        .filter((one) => !needed(one) && (rule.label === undefined || hasLabel(one.Labels, rule.label)))
        .toSorted((a, b) => a.Created - b.Created);
      const asked = await Promise.all(meant.slice(0, MOST_ASKED).map((one) => due(one, rule, at, signal)));
      const old = asked.flatMap((info) => info ?? []).slice(0, MOST_LOOKED_INTO);
      const few = pLimit(AT_A_TIME);
      const judged = await Promise.all(old.map((info) => few(() => judge(api, info, signal))));
      return {
        due: judged.flatMap((one) => ("why" in one ? [] : [one])).toSorted((a, b) => b.bytes - a.bytes),
        stay: judged.flatMap((one) => ("why" in one ? [one] : [])),
      };
    },
    isThere: async (id, signal) => (await settled(api, id, signal)) !== undefined,
    async mayGo({ id, endedAt }, signal) {
      const [all, info] = await Promise.all([listed(signal), inspect(api, id, signal)]);
      const needed = neededAmong(all, { services: services(), label });
      const now = all.find((one) => one.Id === id);
      return (
        now !== undefined && !needed(now) && info !== undefined && hasEnded(info) && endOf(info) === endedAt
      );
    },
    async parts({ id, name }, signal) {
      const info = await inspect(api, id, signal);
      const layer = info ? await writableLayerOf(api, info, signal) : "it is gone";
      const why = (info && notRepeatable(info)) ?? (typeof layer === "string" ? layer : undefined);
      if (!info || typeof layer === "string" || why !== undefined) {
        throw new HealError(`${name} could not be had back: ${why}`, { code: "not-keepable" });
      }
      return [
        { key: aboutKey(id), content: () => only(Buffer.from(JSON.stringify(info))) },
        { key: filesKey(id), content: () => layerContent(api, info, layer, signal) },
        { key: logKey(id), content: () => logText(api, info, signal) },
      ];
    },
    async remove({ id }, signal) {
      await removeAlone(api, id, signal);
      await settled(api, id, signal);
    },
    async bringBack({ id }, copies, signal) {
      const files = copies.get(filesKey(id));
      if (!files) throw new HealError("its files are not kept any more", { code: "copies-gone" });
      const fill = async (again: string): Promise<void> => {
        if (files.bytes > EMPTY_TAR.length) await putLayer(api, again, copies.read(files), signal);
      };
      return createAgain(api, await aboutIn(copies, id), fill, signal);
    },
    async differences({ id, name }, copies, signal) {
      const now = await inspect(api, name, signal);
      if (now?.Name !== `/${name}`) return ["it is not there"];
      const found = differences(await aboutIn(copies, id), now);
      const layer = await writableLayerOf(api, now, signal);
      if (typeof layer === "string") return [...found, "files"];
      const hash = createHash("sha256");
      for await (const chunk of layerContent(api, now, layer, signal)) hash.update(chunk);
      return hash.digest("hex") === copies.get(filesKey(id))?.sha256 ? found : [...found, "files"];
    },
    fileSystem: (signal) => engineFileSystem(api, signal),
  };
}

/** Images without which containers that were taken away could not come back. */
export async function imagesOfRemoved(setAside: Pick<SetAside, "list" | "open">): Promise<Set<string>> {
  const images = new Set<string>();
  for (const { id: archive } of await setAside.list()) {
    const copies = await setAside.open(archive);
    const about = copies?.keys().filter((one) => one.startsWith(ABOUT)) ?? [];
    for (const key of about) if (copies) images.add((await aboutIn(copies, key.slice(ABOUT.length))).Image);
  }
  return images;
}

export async function aboutIn(copies: Copies, id: string): Promise<Inspected> {
  const copy = copies.get(aboutKey(id));
  if (!copy) throw new HealError("what it was is not kept any more", { code: "copies-gone" });
  const chunks: Buffer[] = [];
  for await (const chunk of copies.read(copy)) chunks.push(chunk);
  return JSON.parse(Buffer.concat(chunks).toString()) as Inspected;
}

export async function* only(content: Buffer): AsyncGenerator<Buffer> {
  yield content;
}

/** By itself, and for good: the engine would start no other again. */
function hasEnded({ State: state, HostConfig: host }: Inspected): boolean {
  const policy = host.RestartPolicy?.Name ?? "";
  return state.Status === "exited" && (policy === "" || policy === "no") && host.AutoRemove !== true;
}

const endOf = ({ State: state }: Inspected): number => Date.parse(state.FinishedAt);

async function judge(
  api: DockerApi,
  info: Inspected,
  signal?: AbortSignal,
): Promise<StoppedContainer | { name: string; why: string }> {
  const name = info.Name.slice(1);
  const layer = await writableLayerOf(api, info, signal);
  const why = notRepeatable(info) ?? (typeof layer === "string" ? layer : undefined);
  if (why !== undefined) return { name, why };
  const sized = await askEngine(api, `Measuring ${name}`, { limitMs: SIZE_LIMIT_MS, signal }, (abortSignal) =>
    api.getContainer(info.Id).inspect({ size: true, abortSignal } as object),
  );
  const written = Number((sized as { SizeRw?: unknown }).SizeRw ?? 0);
  const log =
    info.LogPath === ""
      ? 0
      : await stat(info.LogPath).then(
          (one) => one.size,
          () => 0,
        );
  return { id: info.Id, name, endedAt: endOf(info), bytes: written + log };
}

/** undefined: it is gone. One that a killed removal has left dead is removed now. */
async function settled(api: DockerApi, id: string, signal?: AbortSignal): Promise<Inspected | undefined> {
  for (;;) {
    const info = await inspect(api, id, signal);
    const status = info?.State.Status;
    if (status === "dead") await removeAlone(api, id, signal);
    else if (status !== "removing") return info;
    await sleep(LOOK_AGAIN_MS, undefined, { signal });
  }
}
