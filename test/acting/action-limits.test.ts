// What actions refuse: too large steps, more than the owner allows, plans that the world has overtaken; and what an
// undo does when someone else was there in between.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import type { Action, ActionContext } from "../../tools/action.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { keptHistory } from "./action-scenes.ts";
import { mebibyte, openWorld, type World } from "./world.ts";

const actions = makeActions({ fileHistory: keptHistory });
function actionNamed(name: string): Action {
  const action = actions.get(name);
  if (action === undefined) throw new Error(`no action ${name}`);
  return action;
}
const capture = (name: string, params: JsonObject, context: ActionContext) =>
  actionNamed(name).capture(params, context);

async function contentOf(world: World, path: string): Promise<string | undefined> {
  return (await world.context.files?.read(path))?.content;
}

const setting = { path: "config/app.json", pointer: "delayMs", from: 800, to: 1_200 };

describe("edit-setting", () => {
  const action = actionNamed("edit-setting");

  it.each<[string, JsonObject]>([
    ["more than twice", { from: 800, to: 1_601 }],
    ["less than half", { from: 800, to: 399 }],
    ["from nothing", { from: 0, to: 1 }],
    ["to the other sign", { from: 1, to: -1 }],
    ["another kind", { from: 800, to: "1200" }],
    ["a duration too far", { from: "800ms", to: "5000ms" }],
    ["another unit", { from: "800ms", to: "1s" }],
    ["a number turned to words", { from: "800ms", to: "forever" }],
    ["no number", { from: 800, to: null }],
  ])("refuses a step that is not small: %s", async (_what, change) => {
    await using world = await openWorld();
    await world.put("config/app.json", '{"delayMs": 800}');
    await expect(capture("edit-setting", { ...setting, ...change }, world.context)).rejects.toMatchObject({
      code: "action-params",
    });
  });

  it.each<[JsonObject, string]>([
    [{ from: 800, to: 1_600 }, '{"delayMs": 800}'],
    [{ from: 800, to: 400 }, '{"delayMs": 800}'],
    [{ from: "800ms", to: "1200ms" }, '{"delayMs": "800ms"}'],
    [{ from: false, to: true }, '{"delayMs": false}'],
    [{ from: "lru", to: "lfu" }, '{"delayMs": "lru"}'],
  ])("takes a small step: %j", async (change, content) => {
    await using world = await openWorld();
    await world.put("config/app.json", content);
    const captured = await capture("edit-setting", { ...setting, ...change }, world.context);
    await action.apply({ ...setting, ...change }, captured, world.context);
    expect(JSON.parse((await contentOf(world, "config/app.json")) ?? "")).toEqual({ delayMs: change["to"] });
  });

  it("refuses a plan that the file has overtaken", async () => {
    await using world = await openWorld();
    const stale = { code: "stale-plan" };
    await expect(capture("edit-setting", setting, world.context)).rejects.toMatchObject(stale);
    await world.put("config/app.json", '{"delayMs": 900}');
    await expect(capture("edit-setting", setting, world.context)).rejects.toMatchObject(stale);
    await world.put("config/app.json", '{"other": 800}');
    await expect(capture("edit-setting", setting, world.context)).rejects.toMatchObject(stale);
    await world.put("config/app.json", '{"delayMs": 800}');
    const captured = await capture("edit-setting", setting, world.context);
    await world.put("config/app.json", '{"delayMs": 800, "someone": "else"}');
    await expect(action.apply(setting, captured, world.context)).rejects.toMatchObject(stale);
    expect(await contentOf(world, "config/app.json")).toContain("else");
  });

  it("keeps what someone else changed in the file, when it is taken back", async () => {
    await using world = await openWorld();
    await world.put("config/app.json", '{"delayMs": 800}');
    const captured = await capture("edit-setting", setting, world.context);
    await action.apply(setting, captured, world.context);
    await world.put("config/app.json", '{"delayMs": 1200, "someone": "else"}');
    await action.undo(setting, captured, world.context);
    expect(await contentOf(world, "config/app.json")).toBe('{"delayMs": 800, "someone": "else"}');
    expect(await action.verifyUndo(setting, captured, world.context)).toMatchObject({ ok: true });
  });

  it.each(['{"delayMs": 5}', "{broken", "{}"])(
    "asks a person when this very value was changed since: %s",
    async (since) => {
      await using world = await openWorld();
      await world.put("config/app.json", '{"delayMs": 800}');
      const captured = await capture("edit-setting", setting, world.context);
      await action.apply(setting, captured, world.context);
      await world.put("config/app.json", since);
      await expect(action.undo(setting, captured, world.context)).rejects.toMatchObject({
        code: "undo-conflict",
      });
      expect(await contentOf(world, "config/app.json")).toBe(since);
      expect(await action.verifyUndo(setting, captured, world.context)).toMatchObject({ ok: false });
    },
  );

  it("brings a file back that was removed or whose mode was changed", async () => {
    await using world = await openWorld();
    await world.put("config/app.json", '{"delayMs": 800}', 0o600);
    const before = await world.folderHash();
    const captured = await capture("edit-setting", setting, world.context);
    await action.apply(setting, captured, world.context);
    await world.context.files?.write("config/app.json", undefined);
    expect(await action.verifyUndo(setting, captured, world.context)).toMatchObject({ ok: false });
    await action.undo(setting, captured, world.context);
    expect(await world.folderHash()).toBe(before);
    await world.put("config/app.json", '{"delayMs": 800}', 0o644);
    expect(await action.verifyUndo(setting, captured, world.context)).toMatchObject({ ok: false });
    await action.undo(setting, captured, world.context);
    expect(await world.folderHash()).toBe(before);
  });

  it("leaves alone what had the wanted value before, also when taken back", async () => {
    await using world = await openWorld();
    await world.put("config/app.json", '{"delayMs": 1200}');
    const captured = await capture("edit-setting", setting, world.context);
    expect(await action.apply(setting, captured, world.context)).toContain("already");
    await world.put("config/app.json", '{"delayMs": 1200, "someone": "else"}');
    await action.undo(setting, captured, world.context);
    expect(await contentOf(world, "config/app.json")).toBe('{"delayMs": 1200, "someone": "else"}');
  });

  it("cannot reach outside what is editable", async () => {
    await using world = await openWorld();
    await world.put("package.json", '{"delayMs": 800}');
    for (const [path, code] of [
      ["package.json", "path-not-editable"],
      ["../x.json", "path-outside-root"],
    ]) {
      await expect(
        capture("edit-setting", { ...setting, path: path ?? "" }, world.context),
      ).rejects.toMatchObject({ code });
    }
  });
});

describe("restore-files", () => {
  const action = actionNamed("restore-files");
  const params = { version: "v1", paths: ["config/app.json", ".env"] };

  it("refuses another version than the last good one", async () => {
    await using world = await openWorld();
    await expect(action.capture({ ...params, version: "v0" }, world.context)).rejects.toMatchObject({
      code: "stale-plan",
    });
    const none = makeActions({ fileHistory: { ...keptHistory, lastGood: () => Promise.resolve(undefined) } });
    await expect(none.get("restore-files")?.capture(params, world.context)).rejects.toMatchObject({
      code: "stale-plan",
    });
  });

  it("refuses paths twice, none, or outside", async () => {
    await using world = await openWorld();
    for (const paths of [[], [".env", ".env"]]) {
      await expect(action.capture({ version: "v1", paths }, world.context)).rejects.toMatchObject({
        code: "action-params",
      });
    }
    await expect(action.capture({ version: "v1", paths: ["../x"] }, world.context)).rejects.toMatchObject({
      code: "path-outside-root",
    });
  });

  it("writes nothing at all when one file was changed after the backup", async () => {
    await using world = await openWorld();
    await world.put(".env", "PORT=1\n");
    const captured = await action.capture(params, world.context);
    await world.put(".env", "PORT=2\n");
    const before = await world.folderHash();
    await expect(action.apply(params, captured, world.context)).rejects.toMatchObject({ code: "stale-plan" });
    expect(await world.folderHash()).toBe(before);
  });

  it("asks a person when a restored file was changed since", async () => {
    await using world = await openWorld();
    await world.put(".env", "PORT=1\n");
    const captured = await action.capture(params, world.context);
    await action.apply(params, captured, world.context);
    await world.put(".env", "PORT=2\n");
    await expect(action.undo(params, captured, world.context)).rejects.toMatchObject({
      code: "undo-conflict",
    });
    expect(await contentOf(world, ".env")).toBe("PORT=2\n");
  });
});

describe("limits", () => {
  it("of replicas", async () => {
    await using world = await openWorld();
    for (const replicas of [4, 1_000]) {
      await expect(capture("scale", { replicas }, world.context)).rejects.toMatchObject({
        code: "limit-exceeded",
      });
    }
    for (const replicas of [0, -1, 1.5, "2"]) {
      await expect(capture("scale", { replicas }, world.context)).rejects.toMatchObject({
        code: "action-params",
      });
    }
    const captured = await capture("scale", { replicas: 3 }, world.context);
    await expect(actionNamed("scale").apply({ replicas: 4 }, captured, world.context)).rejects.toMatchObject({
      code: "limit-exceeded",
    });
    expect(world.runtime.replicas).toBe(1);
  });

  it.each([
    ["more than twice", 513 * mebibyte],
    ["less than half", 127 * mebibyte],
    ["less than it uses", 150 * mebibyte],
  ])("of memory: %s", async (_what, bytes) => {
    await using world = await openWorld();
    world.runtime.memoryBytes = 200 * mebibyte;
    await expect(capture("set-memory-limit", { bytes }, world.context)).rejects.toMatchObject({
      code: "limit-exceeded",
    });
    expect(world.runtime.memoryLimitBytes).toBe(256 * mebibyte);
  });

  it("of memory: what the owner allows, where nothing is said nothing", async () => {
    await using world = await openWorld();
    world.runtime.memoryLimitBytes = 800 * mebibyte;
    const bytes = 1_025 * mebibyte;
    await expect(capture("set-memory-limit", { bytes }, world.context)).rejects.toMatchObject({
      code: "limit-exceeded",
    });
    const silent = { ...world.context, service: { ...world.context.service, limits: { maxReplicas: 1 } } };
    await expect(capture("set-memory-limit", { bytes }, silent)).rejects.toMatchObject({
      code: "limit-exceeded",
    });
  });

  it("of memory that there were not are none again after the undo; those of a stopped service are known", async () => {
    await using world = await openWorld();
    const action = actionNamed("set-memory-limit");
    const params = { bytes: 512 * mebibyte };
    world.runtime.memoryLimitBytes = undefined;
    const captured = await action.capture(params, world.context);
    await action.apply(params, captured, world.context);
    expect(world.runtime.memoryLimitBytes).toBe(params.bytes);
    world.runtime.status = "exited";
    expect(await action.verify(params, captured, world.context)).toMatchObject({ ok: true });
    await action.undo(params, captured, world.context);
    expect(world.runtime.memoryLimitBytes).toBeUndefined();
    expect(await action.verifyUndo(params, captured, world.context)).toMatchObject({ ok: true });
  });
});

describe("signals and restarts", () => {
  it("reload sends none that ends a service, and none to one that is down", async () => {
    await using world = await openWorld();
    for (const signal of ["SIGKILL", "SIGTERM", "SIGSTOP", "9", ""]) {
      await expect(capture("reload", { signal }, world.context)).rejects.toMatchObject({
        code: "action-params",
      });
    }
    const params = { signal: "SIGHUP" };
    const captured = await capture("reload", params, world.context);
    world.runtime.status = "exited";
    await expect(actionNamed("reload").apply(params, captured, world.context)).rejects.toMatchObject({
      code: "not-running",
    });
  });

  it("a reload that ended the service is not verified, and its undo brings the service back", async () => {
    await using world = await openWorld();
    const action = actionNamed("reload");
    const params = { signal: "SIGHUP" };
    world.runtime.endsOnReload = true;
    const captured = await action.capture(params, world.context);
    await action.apply(params, captured, world.context);
    expect(await action.verify(params, captured, world.context)).toMatchObject({ ok: false });
    expect(await action.verifyUndo(params, captured, world.context)).toMatchObject({ ok: false });
    await action.undo(params, captured, world.context);
    expect(world.runtime.status).toBe("running");
    expect(await action.verifyUndo(params, captured, world.context)).toMatchObject({ ok: true });
  });

  it("a restart is not done by an instance that ended again", async () => {
    await using world = await openWorld();
    const action = actionNamed("restart");
    const captured = await action.capture({}, world.context);
    await action.apply({}, captured, world.context);
    world.runtime.status = "exited";
    expect(await action.verify({}, captured, world.context)).toMatchObject({ ok: false });
    await action.undo({}, captured, world.context);
    expect(world.runtime.status).toBe("running");
  });

  it("what did not run before is not started by an undo", async () => {
    await using world = await openWorld();
    world.runtime.status = "exited";
    const captured = await capture("restart", {}, world.context);
    await actionNamed("restart").undo({}, captured, world.context);
    expect(world.runtime.status).toBe("exited");
  });
});

describe("surroundings that lack something", () => {
  it("are named", async () => {
    await using world = await openWorld();
    const context = { ...world.context, target: undefined, files: undefined };
    for (const [name, params] of [
      ["start", {}],
      ["restart", {}],
      ["reload", { signal: "SIGHUP" }],
      ["scale", { replicas: 2 }],
      ["set-memory-limit", { bytes: 512 * mebibyte }],
    ] as const) {
      await expect(capture(name, params, context)).rejects.toMatchObject({ code: "no-target" });
    }
    await expect(capture("edit-setting", setting, context)).rejects.toMatchObject({ code: "no-files" });
    await expect(capture("restore-files", { version: "v1", paths: [".env"] }, context)).rejects.toMatchObject(
      { code: "no-files" },
    );
  });

  it("a backup that is none of this action's is not acted on", async () => {
    await using world = await openWorld();
    const captured = { state: { something: "else" }, files: [] };
    await world.put("config/app.json", '{"delayMs": 800}');
    const before = await world.folderHash();
    for (const action of actions.all()) {
      const params = {
        start: {},
        restart: {},
        reload: { signal: "SIGHUP" },
        scale: { replicas: 2 },
        "set-memory-limit": { bytes: 512 * mebibyte },
        "edit-setting": setting,
        "restore-files": { version: "v1", paths: [".env"] },
      }[action.name];
      await expect(action.undo(params ?? {}, captured, world.context)).rejects.toMatchObject({
        code: "captured-unreadable",
      });
    }
    expect(await world.folderHash()).toBe(before);
  });
});
