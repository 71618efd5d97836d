// One scene for each action: a world in which it has something to do. The executor trusts an action's undo because a
// scene here exercised it; coveredActions lists those.
import { mkdtemp, rm, utimes } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { JsonObject } from "../../domain/json.ts";
import type { FileHistory } from "../../tools/backup.ts";
import type { CleanUpRule } from "../../domain/service.ts";
import { type CatalogueParts, makeActions } from "../../tools/actions/catalogue.ts";
import { clearableNow } from "../../tools/clean-up.ts";
import type { UnusedImage, UnusedImages } from "../../tools/docker-images.ts";
import { fakeContainers, removeContainersScene } from "./containers-scene.ts";
import { makeSetAside, type SetAside } from "../../tools/set-aside.ts";
import type { ServiceFiles } from "../../tools/service-files.ts";
import type { ActionScene, OpenScene } from "../contract/action.contract.ts";
import { rollBackCommandScene } from "./command-scene.ts";
import { postgresScenes } from "./postgres-scenes.ts";
import { rotationScene } from "./rotation-scene.ts";
import {
  badCommand,
  badImage,
  goodCommand,
  type FakeRuntime,
  goodImage,
  Killed,
  mebibyte,
  openWorld,
  type World,
} from "./world.ts";

const settings =
  '\uFEFF{\r\n  // how long a call may take\r\n  "retry": { "delayMs": 800, "times": 3 }\r\n}\r\n';

const good: Awaited<ReturnType<FileHistory["lastGood"]>> = {
  version: "v1",
  at: 1,
  files: [
    { path: "config/app.json", content: settings, mode: 0o640 },
    { path: ".env", content: "PORT=8080\n", mode: 0o600 },
  ],
};
export const keptHistory: FileHistory = {
  keepGood: () => Promise.resolve("v1"),
  lastGood: () => Promise.resolve(good),
};

/** Copies of clean-ups go to a folder of the test's own. */
export const keptParts = (): CatalogueParts => ({
  fileHistory: keptHistory,
  freeSpace: { setAside: makeSetAside(join(tmpdir(), `opsmedic-copies-${process.pid}`)), ownFolders: [] },
  images: fakeImages(new Map()),
  containers: fakeContainers(new Map()),
});

const DAY = 24 * 3_600_000;
/** A log of yesterday, one that is too large, one of today, and temporary files old and new. */
async function putOldFiles(world: World): Promise<void> {
  const old = Date.now() / 1_000 - 10 * 86_400;
  await world.put("logs/app.log.1", "old line\n".repeat(50_000), 0o640);
  await world.put("logs/app.log", "line\n".repeat(40_000));
  await world.put("logs/small.log", "line of today\n");
  await world.put("tmp/upload/a.part", Buffer.alloc(300_000, 7), 0o600);
  await world.put("tmp/upload/new.part", "just now");
  for (let n = 0; n < 5; n += 1) await world.put(`tmp/session-${n}`, `session ${n}`);
  for (const name of ["logs/app.log.1", "tmp/upload/a.part", "tmp/session-0", "tmp/session-1"]) {
    await utimes(join(world.root, name), old, old);
  }
}

export function cleanUpOf(root: string): CleanUpRule[] {
  return [
    { kind: "logs", root: join(root, "logs"), glob: "*.log*", olderThanMs: DAY, largerThanBytes: 100_000 },
    { kind: "temporary", root: join(root, "tmp"), glob: "**", olderThanMs: 7 * DAY },
  ];
}

export const actionScenes: Record<string, OpenScene> = {
  start: () => scene("start", {}, { runtime: { status: "exited" } }),
  restart: () => scene("restart", {}, {}),
  reload: () => scene("reload", { signal: "SIGHUP" }, {}),
  scale: () => scene("scale", { replicas: 3 }, {}),
  "set-memory-limit": () => scene("set-memory-limit", { bytes: 384 * mebibyte }, {}),
  "edit-setting": () =>
    scene(
      "edit-setting",
      { path: "config/app.json", pointer: "retry.delayMs", from: 800, to: 1_200 },
      { put: (world) => world.put("config/app.json", settings, 0o640) },
    ),
  "edit-settings": () =>
    scene(
      "edit-settings",
      {
        edits: [
          { path: "config/app.json", pointer: "retry.delayMs", from: 800, to: 1_200 },
          { path: "config/app.json", pointer: "retry.times", from: 3, to: 2 },
          { path: ".env", pointer: "RETRY_DELAY", from: "800ms", to: "1200ms" },
        ],
      },
      {
        async put(world) {
          await world.put("config/app.json", settings, 0o640);
          await world.put(".env", "# how long\nRETRY_DELAY=800ms # agreed\n", 0o600);
        },
      },
    ),
  "restore-files": () =>
    scene(
      "restore-files",
      { version: "v1", paths: ["config/app.json", ".env", "config/extra.json"] },
      {
        // One file was changed, one is gone, one came up that did not exist while all was well.
        async put(world) {
          await world.put("config/app.json", "{broken", 0o600);
          await world.put("config/extra.json", "{}");
        },
      },
    ),
};

actionScenes["roll-back-command"] = () => rollBackCommandScene(keptParts());
actionScenes["roll-back-image"] = () =>
  scene(
    "roll-back-image",
    { from: badImage, to: goodImage, fromCommand: badCommand, toCommand: goodCommand },
    {},
  );
interface FakeImage extends UnusedImage {
  content: string;
}

/** An engine's images in memory: by id. */
function fakeImages(there: Map<string, FakeImage>): UnusedImages {
  return {
    list: () => Promise.resolve([...there.values()].map(({ id, tags, bytes }) => ({ id, tags, bytes }))),
    isUsed: () => Promise.resolve(false),
    tagsOf: (id) => Promise.resolve(there.get(id)?.tags),
    async *content(id) {
      await Promise.resolve();
      yield Buffer.from(there.get(id)?.content ?? "");
    },
    remove: ({ id }) => Promise.resolve(void there.delete(id)),
    async load(content, image) {
      const chunks: Buffer[] = [];
      for await (const chunk of content) chunks.push(chunk);
      there.set(image.id, { ...image, content: Buffer.concat(chunks).toString() });
      return [];
    },
    isBack: ({ id }) => Promise.resolve(there.has(id)),
    root: () => Promise.resolve(undefined),
    fileSystem: () => Promise.resolve(undefined),
  };
}

actionScenes["remove-containers"] = () => removeContainersScene(keptParts(), cuttableCopies);
actionScenes["drain"] = () => rotationScene("drain", "in", keptParts());
actionScenes["put-back"] = () => rotationScene("put-back", "out", keptParts());

actionScenes["remove-images"] = async () => {
  const world = await openWorld();
  const all = [badImage, goodImage].map((id, n) => ({
    id,
    tags: [`shop:${n}`],
    bytes: 7,
    content: `image ${n}`,
  }));
  const there = new Map(all.map((one) => [one.id, one]));
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-copies-"));
  const setAside = cuttableCopies(makeSetAside(folder), world.runtime);
  const parts = { ...keptParts(), freeSpace: { setAside, ownFolders: [] }, images: fakeImages(there) };
  const action = makeActions(parts).get("remove-images");
  if (action === undefined) throw new Error("no action remove-images");
  return {
    action,
    params: {
      at: Date.now(),
      images: all.map(({ id, tags, bytes }) => ({ id, name: tags[0] ?? "", bytes })),
    },
    context: { ...world.context, service: { ...world.context.service, cleanUpImages: { olderThanMs: 0 } } },
    world: () =>
      Promise.resolve(JSON.stringify([...there.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1)))),
    cut: (when) => {
      world.runtime.cut = when;
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};
actionScenes["free-space"] = async () => {
  const world = await openWorld();
  await putOldFiles(world);
  const cleanUp = cleanUpOf(world.root);
  const at = Date.now();
  const found = await clearableNow(cleanUp, at, []);
  if (found?.files !== 5) throw new Error(`${found?.files} files are to go, not 5`);
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-copies-"));
  const setAside = cuttableCopies(makeSetAside(folder), world.runtime);
  const parts = { ...keptParts(), freeSpace: { setAside, ownFolders: [] } };
  const action = makeActions(parts).get("free-space");
  if (action === undefined) throw new Error("no action free-space");
  return {
    action,
    params: { at, items: found.items.map((one) => ({ ...one })) },
    context: { ...world.context, service: { ...world.context.service, cleanUp } },
    world: () => world.folderHash(),
    cut: (when) => {
      world.runtime.cut = when;
    },
    async [Symbol.asyncDispose]() {
      await world[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
};

/** The real copies, but the next one that is made or read may break off, before or after it was. */
function cuttableCopies(real: SetAside, runtime: FakeRuntime): SetAside {
  const cutAt = (when: "before" | "after"): void => {
    if (runtime.cut !== when) return;
    runtime.cut = undefined;
    throw new Killed(when);
  };
  return {
    ...real,
    async open(id, options) {
      const copies = await real.open(id, options);
      return (
        copies && {
          get: copies.get,
          keys: copies.keys,
          async add(items) {
            cutAt("before");
            const added = await copies.add(items);
            cutAt("after");
            return added;
          },
          async *read(copy) {
            cutAt("before");
            yield* copies.read(copy);
            cutAt("after");
          },
        }
      );
    },
  };
}

/** Those of databases are exercised on real servers, in files of their own. */
export const coveredActions: readonly string[] = [
  ...Object.keys(actionScenes),
  ...Object.keys(postgresScenes),
];

interface Props {
  runtime?: Partial<FakeRuntime>;
  put?: (world: World) => Promise<void>;
}

async function scene(name: string, params: JsonObject, { runtime, put }: Props): Promise<ActionScene> {
  const world = await openWorld();
  Object.assign(world.runtime, runtime);
  await put?.(world);
  const action = makeActions(keptParts()).get(name);
  if (action === undefined) throw new Error(`no action ${name}`);
  const files = cuttable(world);
  return {
    action,
    params,
    context: { ...world.context, files },
    world: async () => JSON.stringify([await world.folderHash(), worldOf(world.runtime)]),
    cut: (when) => {
      world.runtime.cut = when;
    },
    [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
  };
}

function worldOf({ status, starts, replicas, memoryLimitBytes, containers }: FakeRuntime): JsonObject {
  return { containers, status, starts, replicas, memoryLimitBytes: memoryLimitBytes ?? null };
}

/** The real files, but the next write may break off, before or after it was done. */
function cuttable(world: World): ServiceFiles {
  const files = world.context.files;
  if (files === undefined) throw new Error("the world has no files");
  return {
    list: () => files.list(),
    read: (path) => files.read(path),
    async write(path, content, mode) {
      const { cut } = world.runtime;
      world.runtime.cut = undefined;
      if (cut === "before") throw new Killed("before");
      await files.write(path, content, mode);
      if (cut === "after") throw new Killed("after");
    },
  };
}
