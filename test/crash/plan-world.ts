// A world for random plans: numbers in files, and a service that reads them when it starts. Its actions are real ones
// as far as their contract goes (absolute aims, undo that may be repeated) and fail as they are told.
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { PlannedAction } from "../../domain/plan.ts";
import type { Action, Actions, Captured } from "../../tools/action.ts";
import type { Backups, BackupMeta, BackupStep } from "../../tools/backup.ts";

export const applyFailures = ["none", "before", "after", "not-proved"] as const;
export const undoFailures = ["none", "before", "after"] as const;

export interface Step {
  /** null: a restart. */
  file: number | null;
  apply: (typeof applyFailures)[number];
  undo: (typeof undoFailures)[number];
}

export interface World {
  files: number[];
  /** What the running service has read. */
  read: number[];
  instance: number;
}

export const openWorld = (): World => ({ files: [10, 20, 30, 40], read: [10, 20, 30, 40], instance: 1 });

/** One process's: dies at one of its moments, and nothing moves any more. */
export interface Life {
  dead: boolean;
  /** Something that leaves a trace: a write of the journal, an action, a backup. Death comes before or after it. */
  moment<Answer>(work: () => Answer | Promise<Answer>): Promise<Answer>;
}

export const fine = (aim: number): number => aim + 1;

const paramsSchema = z.object({ step: z.int() });

/** Each failure happens once in the plan's life, but for a proof, which never comes. */
export function actionsOn(world: World, steps: readonly Step[], life: () => Life): Actions {
  const left = steps.map(({ apply, undo }) => ({ apply, undo }));
  const stepOf = (params: unknown): { index: number; file: number | null } => {
    const { step } = paramsSchema.parse(params);
    return { index: step - 1, file: steps[step - 1]?.file ?? null };
  };
  const failing = (index: number, which: "apply" | "undo", work: () => void): void => {
    const mine = left[index];
    const how = mine?.[which];
    if (mine && how !== "not-proved") mine[which] = "none";
    if (how !== "before") work();
    if (how === "before" || how === "after")
      throw new HealError(`It broke ${how} acting.`, { code: "told-to" });
  };
  const aimed = (file: number | null, captured: Captured): boolean =>
    file === null
      ? world.instance > Number(captured.state)
      : world.files[file] === fine(Number(captured.state));
  const start = (): void => {
    world.instance += 1;
    world.read = [...world.files];
  };
  const make = (name: "restart" | "edit-setting"): Action => ({
    name,
    summary: "",
    undoes: "",
    class: name === "restart" ? "restart" : "configuration",
    effect: name === "restart" ? "repeatable" : "reversible",
    risk: "low",
    params: paramsSchema,
    downtimeMs: () => 0,
    async capture(params) {
      const { file } = stepOf(params);
      return { state: file === null ? world.instance : (world.files[file] ?? null), files: [] };
    },
    apply(params, captured) {
      const { index, file } = stepOf(params);
      return life().moment(() => {
        failing(index, "apply", () => {
          // An edit that is made twice would show: nobody but the fix engineer keeps it from that.
          if (file !== null) world.files[file] = fine(world.files[file] ?? 0);
          else if (!aimed(file, captured)) start();
        });
        return "done";
      });
    },
    async verify(params, captured) {
      const { index, file } = stepOf(params);
      return proof(left[index]?.apply !== "not-proved" && aimed(file, captured));
    },
    undo(params, captured) {
      const { index, file } = stepOf(params);
      return life().moment(() => {
        failing(index, "undo", () => {
          if (file !== null) world.files[file] = Number(captured.state);
        });
        return "taken back";
      });
    },
    async verifyUndo(params, captured) {
      const { file } = stepOf(params);
      return proof(file === null || world.files[file] === captured.state);
    },
  });
  const all = [make("restart"), make("edit-setting")];
  return { all: () => all, get: (name) => all.find((one) => one.name === name) };
}

const proof = (ok: boolean) => ({ ok, text: ok ? "as wanted" : "not as wanted" });

export const plannedSteps = (steps: readonly Step[]): PlannedAction[] =>
  steps.map(({ file }, index) => ({
    step: index + 1,
    action: file === null ? "restart" : "edit-setting",
    service: "shop",
    params: { step: index + 1 },
    effect: file === null ? "repeatable" : "reversible",
  }));

/** In memory, and like the real ones in what counts: the same run and plan give the first backup again. */
export function memoryBackups(life: () => Life): Backups {
  const kept = new Map<string, { meta: BackupMeta; steps: BackupStep[] }>();
  return {
    take({ runId, planId, service, reason, confidenceBp, steps }) {
      const id = `${runId} ${planId}`;
      const meta = { id, at: 0, runId, service, reason, confidenceBp, files: [] };
      return life().moment(() => {
        const known = kept.get(id) ?? { meta, steps: structuredClone(steps) };
        kept.set(id, known);
        return known.meta;
      });
    },
    async read(id) {
      const found = kept.get(id);
      if (!found) throw new HealError(`no backup ${id}`, { code: "backup-not-found" });
      return found;
    },
    list: async () => [...kept.values()].map((one) => one.meta),
    verify: async () => ({ ok: true, problems: [] }),
    prune: async () => [],
  };
}
