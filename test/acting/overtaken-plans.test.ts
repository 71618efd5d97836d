// Plans that the world has overtaken, and what an undo does when someone else was there in between.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import type { Action, ActionContext } from "../../tools/action.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { keptHistory, keptParts } from "./action-scenes.ts";
import { openWorld, type World } from "./world.ts";

const actions = makeActions(keptParts());
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
    const none = makeActions({
      ...keptParts(),
      fileHistory: { ...keptHistory, lastGood: () => Promise.resolve(undefined) },
    });
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
