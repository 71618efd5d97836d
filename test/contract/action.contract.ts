// What every action must do: be applied once however often it is asked, and be taken back completely, also when it was
// cut off in the middle. An action without a scene here is an action whose undo was never exercised.
import { describe, expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import type { FileHistory } from "../../tools/backup.ts";
import type { Action, ActionContext, Captured } from "../../tools/action.ts";

export interface ActionScene extends AsyncDisposable {
  action: Action;
  params: JsonObject;
  context: ActionContext;
  /** What the action has been given as the past, where it asks for it. */
  history?: FileHistory | undefined;
  /** A text that is equal exactly when the world is. */
  world(): Promise<string>;
  /** Makes the next apply or undo end in the middle; the act itself must then reject. */
  cut(when: "before" | "after"): void;
}

export type OpenScene = () => Promise<ActionScene>;

export function actionContract(name: string, open: OpenScene): void {
  describe(`${name} as an Action`, () => {
    it("is harmless: reversible or repeatable, with a class and words for a person", async () => {
      await using scene = await open();
      const { action } = scene;
      expect(action.name).toBe(name);
      expect(["repeatable", "reversible"]).toContain(action.effect);
      expect(action.class).not.toBe("human");
      expect(action.summary.length).toBeGreaterThan(10);
      expect(action.undoes.length).toBeGreaterThan(10);
      expect(action.downtimeMs(scene.params)).toBeGreaterThanOrEqual(0);
    });

    it("refuses parameters that it does not know", async () => {
      await using scene = await open();
      const params = { ...scene.params, command: "rm -rf /" };
      const before = await scene.world();
      await expect(scene.action.capture(params, scene.context)).rejects.toMatchObject({
        code: "action-params",
      });
      expect(await scene.world()).toBe(before);
    });

    it("changes nothing by capturing, and captures plain data", async () => {
      await using scene = await open();
      const before = await scene.world();
      const captured = await scene.action.capture(scene.params, scene.context);
      expect(await scene.world()).toBe(before);
      expect(throughBackup(captured)).toEqual(captured);
    });

    it("is not verified before it is applied, and is afterwards", async () => {
      await using scene = await open();
      const { action, params, context } = scene;
      const captured = throughBackup(await action.capture(params, context));
      // Of a reload nothing shows from outside but that the service runs on.
      const early = await action.verify(params, captured, context);
      expect(early.ok).toBe(action.class === "reload");
      await action.apply(params, captured, context);
      expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });
    });

    it("applied twice is applied once", async () => {
      await using scene = await open();
      const { action, params, context } = scene;
      const captured = throughBackup(await action.capture(params, context));
      await action.apply(params, captured, context);
      const once = await scene.world();
      await action.apply(params, captured, context);
      expect(await scene.world()).toBe(once);
      expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });
    });

    it("gives the world back, also when asked twice", async () => {
      await using scene = await open();
      const { action, params, context } = scene;
      const before = await scene.world();
      const captured = throughBackup(await action.capture(params, context));
      await action.apply(params, captured, context);
      await action.undo(params, captured, context);
      expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
      const undone = await scene.world();
      expect(undone).toBe(dueAfterUndo(action, before, undone));
      await action.undo(params, captured, context);
      expect(await scene.world()).toBe(undone);
      expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    });

    it("can be undone before it was applied", async () => {
      await using scene = await open();
      const { action, params, context } = scene;
      const before = await scene.world();
      const captured = throughBackup(await action.capture(params, context));
      await action.undo(params, captured, context);
      expect(await scene.world()).toBe(before);
      expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
    });

    for (const when of ["before", "after"] as const) {
      it(`cut off ${when} the act, it can be finished or undone`, async () => {
        await using finished = await open();
        await applyCut(finished, when);
        const captured = await capturedBefore(finished);
        await finished.action.apply(finished.params, captured, finished.context);
        expect(await finished.action.verify(finished.params, captured, finished.context)).toMatchObject({
          ok: true,
        });

        await using undone = await open();
        const before = await undone.world();
        await applyCut(undone, when);
        const kept = await capturedBefore(undone);
        await undone.action.undo(undone.params, kept, undone.context);
        expect(await undone.action.verifyUndo(undone.params, kept, undone.context)).toMatchObject({
          ok: true,
        });
        const now = await undone.world();
        expect(now).toBe(dueAfterUndo(undone.action, before, now));
      });

      it(`its undo, cut off ${when} the act, can be finished`, async () => {
        await using scene = await open();
        const { action, params, context } = scene;
        const before = await scene.world();
        const captured = throughBackup(await action.capture(params, context));
        await action.apply(params, captured, context);
        scene.cut(when);
        await action.undo(params, captured, context).catch(() => undefined);
        await action.undo(params, captured, context);
        expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
        const now = await scene.world();
        expect(now).toBe(dueAfterUndo(action, before, now));
      });
    }
  });
}

/** A reversible action gives the very world back; a repeatable one has nothing to give back. */
function dueAfterUndo(action: Action, before: string, now: string): string {
  return action.effect === "reversible" ? before : now;
}

const capturedOf = new WeakMap<ActionScene, Captured>();

async function applyCut(scene: ActionScene, when: "before" | "after"): Promise<void> {
  const captured = throughBackup(await scene.action.capture(scene.params, scene.context));
  capturedOf.set(scene, captured);
  scene.cut(when);
  const act = scene.action.apply(scene.params, captured, scene.context);
  await expect(act).rejects.toBeInstanceOf(Error);
}

function capturedBefore(scene: ActionScene): Promise<Captured> {
  const captured = capturedOf.get(scene);
  return captured === undefined
    ? Promise.reject(new Error("nothing was captured"))
    : Promise.resolve(captured);
}

/** As it comes back from a backup: through JSON. */
function throughBackup(captured: Captured): Captured {
  return JSON.parse(JSON.stringify(captured)) as Captured;
}
