// Restores a backup by hand. It is a repair like any other: the service's lease is held, the present state is
// captured first, and the journal is written ahead, so that a crash in the middle can be finished.
import { HealError, messageOf } from "../domain/errors.ts";
import type { BackupStep } from "../tools/backup.ts";
import { finishRestores } from "./finish-restores.ts";
import type { Healer, RestoreSteps } from "./healer.ts";
import { restorePlanId } from "./restore-plan.ts";
import { sayWhatIsStillToDo } from "./restored-files.ts";
import { putBack, readOrder, type RestoreOrder } from "./restore-steps.ts";
import type { Wired } from "./wire.ts";

export function makeRestore(wired: Wired): Healer["restore"] {
  const { engine, makeId } = wired;
  return async function restore(backupId, { dryRun, by }) {
    const order = await readOrder(wired, backupId);
    if (dryRun) return { restored: false, steps: planned(order), backup_id: null };
    await finishRestores(wired, order.service);
    const answer = await engine.runner.exclusively(order.service, async () => {
      const planId = restorePlanId(backupId, makeId);
      const before = await backUp(wired, planId, order, `before ${by} restored ${backupId}`);
      const steps = await putBack(wired, planId, order);
      return { restored: steps.every((one) => one.ok), steps, backup_id: before };
    });
    if (answer) return { ...answer, steps: await sayWhatIsStillToDo(wired, order.service, answer.steps) };
    throw new HealError(`A run is at work on ${order.service}; nothing was restored.`, {
      code: "lease-lost",
      retryable: true,
      hint: "Try again when it has ended (opsmedic runs ls), or cancel it first.",
    });
  };
}

function planned({ wanted }: RestoreOrder): RestoreSteps["steps"] {
  return wanted.map(({ step, action, service }) => ({
    step,
    action,
    ok: true,
    text: `would put back what ${action} changed on ${service}`,
  }));
}

/** The present state, as a backup of its own. All steps are captured in the journal before the first is begun, so
 * that whoever finds it half done knows of each. */
async function backUp(
  wired: Wired,
  planId: string,
  { runId, service, wanted }: RestoreOrder,
  reason: string,
): Promise<string> {
  const { backups, engine, opened } = wired;
  const { journal } = opened.store;
  for (const { captured: _, ...one } of wanted) await journal.intend({ runId, planId, ...one });
  const steps = await present(wired, wanted).catch(async (error: unknown) => {
    const detail = `Was never begun: ${messageOf(error)}`;
    for (const { step } of wanted)
      await journal.advance({ runId, planId, step }, ["intent"], "undone", { detail });
    throw error;
  });
  const before = await backups.take({ runId, planId, service, reason, confidenceBp: 10_000, steps });
  const fence = await engine.runner.checkService(service);
  for (const { step } of wanted)
    await journal.advance({ runId, planId, step }, ["intent"], "captured", { backupId: before.id, fence });
  return before.id;
}

async function present({ engine }: Wired, wanted: RestoreOrder["wanted"]): Promise<BackupStep[]> {
  const steps: BackupStep[] = [];
  for (const { params: given, ...one } of wanted) {
    const { action, params, context } = engine.workbench.lay({ ...one, params: given });
    steps.push({ ...one, captured: await action.capture(params, context) });
  }
  return steps;
}
