// A repair of a replica is taken back: it gets its customers again only after everything else, the restart included that
// makes a file's undo take effect.
import { expect, it } from "vitest";
import { z } from "zod";
import { makeRollBack } from "../../agents/backup-manager.ts";
import { makeWorkbench } from "../../agents/workbench.ts";
import type { Service } from "../../domain/service.ts";
import type { Journal, JournalEntry, Lease } from "../../knowledge/records.ts";
import type { Action } from "../../tools/action.ts";
import type { Backups } from "../../tools/backup.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { keptNothing } from "./kept-nothing.ts";

const PLAN = ["drain", "edit-setting", "restart", "put-back"];

it("what was drained is put back after the restart that follows another undo", async () => {
  const done: string[] = [];
  const shipped = makeActions(keptNothing);
  /** The shipped action in all that it says of itself; what it does is written down. */
  const noted = (name: string): Action => ({
    ...(shipped.get(name) as Action),
    params: z.object({}),
    capture: () => Promise.resolve({ state: {}, files: [] }),
    apply: async () => `${done.push(`${name} again`)}`,
    undo: async () => `${done.push(`${name} back`)}`,
    verifyUndo: () => Promise.resolve({ ok: true, text: "" }),
  });
  const all = PLAN.map(noted);
  const entries = PLAN.map((action, index) => entry(action, index + 1));
  const rollBack = makeRollBack({
    workbench: makeWorkbench({
      actions: { get: (name) => all.find((one) => one.name === name), all: () => all },
      journal: { ofPlan: async () => entries, advance: async () => undefined } as unknown as Journal,
      surroundings: () => ({ service: { name: "web-1" } as Service, target: undefined, files: undefined }),
    }),
    backups: {
      take: async () => ({ id: "bak" }),
      read: async () => ({
        steps: entries.map(({ step }) => ({ step, captured: { state: {}, files: [] } })),
      }),
    } as unknown as Backups,
    clock: { now: () => 0, sleep: async () => undefined },
    checkLease: async () => ({}) as Lease,
    undoPatienceMs: 0,
  });

  expect(await rollBack("run", "plan")).toMatchObject({ outcome: "undone" });
  expect(done).toEqual(["put-back back", "restart back", "edit-setting back", "restart again", "drain back"]);
});

function entry(action: string, step: number): JournalEntry {
  return {
    runId: "run",
    planId: "plan",
    step,
    action,
    service: "web-1",
    params: {},
    state: "verified",
    detail: "",
    backupId: "bak",
    intentAt: 0,
    updatedAt: 0,
  };
}
