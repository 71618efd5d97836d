// What actions refuse: more than the owner allows, signals that end a service, surroundings that lack something.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import type { Action, ActionContext } from "../../tools/action.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { keptParts } from "./action-scenes.ts";
import { badCommand, badImage, goodCommand, goodImage, mebibyte, openWorld } from "./world.ts";

/** These say it of themselves, on servers of their own. */
const DATABASES = /^(?:postgres|mysql|redis)-/;
const actions = makeActions(keptParts());
function actionNamed(name: string): Action {
  const action = actions.get(name);
  if (action === undefined) throw new Error(`no action ${name}`);
  return action;
}
const capture = (name: string, params: JsonObject, context: ActionContext) =>
  actionNamed(name).capture(params, context);

const setting = { path: "config/app.json", pointer: "delayMs", from: 800, to: 1_200 };

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

describe("a limit of memory that was raised", () => {
  it("is not taken back over another one that was set since, nor below what the service uses", async () => {
    await using world = await openWorld();
    const action = actionNamed("set-memory-limit");
    const params = { bytes: 384 * mebibyte };
    const captured = await action.capture(params, world.context);
    await action.apply(params, captured, world.context);
    const { runtime } = world;
    [runtime.memoryLimitBytes, runtime.memoryBytes] = [768 * mebibyte, 300 * mebibyte];
    await expect(action.undo(params, captured, world.context)).rejects.toMatchObject({
      code: "undo-conflict",
    });
    expect(runtime.memoryLimitBytes).toBe(768 * mebibyte);
    runtime.memoryLimitBytes = params.bytes;
    await expect(action.undo(params, captured, world.context)).rejects.toMatchObject({
      code: "limit-in-use",
    });
    expect(runtime.memoryLimitBytes).toBe(params.bytes);
    runtime.memoryBytes = 64 * mebibyte;
    await action.undo(params, captured, world.context);
    expect(runtime.memoryLimitBytes).toBe(256 * mebibyte);
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

  it("what its operator has stopped since is started neither by a restart nor by an undo", async () => {
    await using world = await openWorld();
    const captured = await capture("restart", {}, world.context);
    Object.assign(world.runtime, { status: "exited", stoppedByOperator: true });
    const { apply, undo, verify, verifyUndo } = actionNamed("restart");
    expect(await apply({}, captured, world.context)).toContain("its operator has stopped it since");
    expect(await verify({}, captured, world.context)).toMatchObject({ ok: false });
    expect(await undo({}, captured, world.context)).toContain("stays so");
    expect(await verifyUndo({}, captured, world.context)).toMatchObject({ ok: true });
    expect(world.runtime.status).toBe("exited");
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
    for (const action of actions.all().filter((one) => !DATABASES.test(one.name))) {
      const params = {
        start: {},
        restart: {},
        reload: { signal: "SIGHUP" },
        scale: { replicas: 2 },
        "set-memory-limit": { bytes: 512 * mebibyte },
        "edit-setting": setting,
        "edit-settings": { edits: [setting] },
        "restore-files": { version: "v1", paths: [".env"] },
        "roll-back-image": { from: badImage, to: goodImage },
        "roll-back-command": { from: badCommand, to: goodCommand },
        "remove-images": { at: 1, images: [{ id: goodImage, name: "shop", bytes: 1 }] },
        "remove-containers": { at: 1, containers: [{ id: "c".repeat(64), name: "import", bytes: 1 }] },
        "free-space": { at: 1, items: [{ path: "/srv/x.log", does: "empty", files: 1, bytes: 1 }] },
      }[action.name];
      await expect(action.undo(params ?? {}, captured, world.context)).rejects.toMatchObject({
        code: "captured-unreadable",
      });
    }
    expect(await world.folderHash()).toBe(before);
  });
});
