// One scene for each action: a world in which it has something to do. The executor trusts an action's undo because a
// scene here exercised it; coveredActions lists those.
import type { JsonObject } from "../../domain/json.ts";
import type { FileHistory } from "../../tools/backup.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import type { ServiceFiles } from "../../tools/service-files.ts";
import type { ActionScene, OpenScene } from "../contract/action.contract.ts";
import { postgresScenes } from "./postgres-scenes.ts";
import { type FakeRuntime, Killed, mebibyte, openWorld, type World } from "./world.ts";

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
  const action = makeActions({ fileHistory: keptHistory }).get(name);
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

function worldOf({ status, starts, replicas, memoryLimitBytes }: FakeRuntime): JsonObject {
  return { status, starts, replicas, memoryLimitBytes: memoryLimitBytes ?? null };
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
