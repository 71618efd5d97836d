// Backup manager: captures what a plan is about to change, before anything is changed, and gives it back when
// the fix did not help. Both nodes may run twice; the journal tells what was already done.
import { HealError, messageOf } from "../domain/errors.ts";
import type { Incident, Rollback } from "../domain/incident.ts";
import type { FixPlan } from "../domain/plan.ts";
import type { JournalEntry } from "../knowledge/records.ts";
import type { Backups, BackupStep } from "../tools/backup.ts";
import type { Workbench } from "./workbench.ts";

export interface BackupManagerParts {
  workbench: Workbench;
  backups: Backups;
}

export function makeBackUp({ workbench, backups }: BackupManagerParts) {
  return async function backUp(
    { runId, plan, diagnosis }: Pick<Incident, "runId" | "plan" | "diagnosis">,
    signal?: AbortSignal,
  ): Promise<Pick<Incident, "backupId">> {
    if (!plan) throw new HealError("There is no plan to back up for.", { code: "no-plan" });
    for (const { step, action, service, params } of plan.actions) {
      await workbench.journal.intend({ runId, planId: plan.id, step, action, service, params });
    }
    const backup = await backups.take({
      runId,
      planId: plan.id,
      service: plan.service,
      reason: plan.title,
      confidenceBp: diagnosis?.hypotheses[0]?.scoreBp ?? 0,
      steps: await captureAll(workbench, plan, signal),
    });
    const entries = await workbench.entries(runId, plan.id);
    for (const { step } of plan.actions) {
      if (entries.get(step)?.state !== "intent") continue;
      await workbench.journal.advance({ runId, planId: plan.id, step }, ["intent"], "captured", {
        backupId: backup.id,
      });
    }
    return { backupId: backup.id };
  };
}

async function captureAll(workbench: Workbench, plan: FixPlan, signal?: AbortSignal): Promise<BackupStep[]> {
  const steps: BackupStep[] = [];
  for (const planned of plan.actions) {
    const { action, params, context } = workbench.lay(planned, signal);
    steps.push({
      step: planned.step,
      action: planned.action,
      service: planned.service,
      captured: await action.capture(params, context),
    });
  }
  return steps;
}

const MAY_HAVE_ACTED = ["applying", "applied", "verified", "undoing", "failed"] as const;

/** Takes a plan back in reverse order. Works from the journal and the backup alone, so it also serves a run whose
 * checkpoint is lost. Never throws for a step that could not be undone: that is part of the answer. */
export function makeRollBack({ workbench, backups }: BackupManagerParts) {
  return async function rollBack(runId: string, planId: string, signal?: AbortSignal): Promise<Rollback> {
    const entries = (await workbench.journal.ofPlan(runId, planId))
      .filter((entry) => (MAY_HAVE_ACTED as readonly string[]).includes(entry.state))
      .sort((a, b) => b.step - a.step);
    if (entries.length === 0) return { outcome: "nothing-to-undo", steps: [] };
    const steps: Rollback["steps"] = [];
    for (const entry of entries) steps.push(await undoOne(workbench, backups, entry, signal));
    steps.push(...(await settle(workbench, entries, signal)));
    return { outcome: steps.every((one) => one.ok) ? "undone" : "failed", steps };
  };
}
export type RollBack = ReturnType<typeof makeRollBack>;

async function undoOne(
  workbench: Workbench,
  backups: Backups,
  entry: JournalEntry,
  signal?: AbortSignal,
): Promise<Rollback["steps"][number]> {
  const about = { step: entry.step, action: entry.action };
  const key = { runId: entry.runId, planId: entry.planId, step: entry.step };
  try {
    if (!entry.backupId)
      throw new HealError("The journal names no backup for this step.", { code: "backup-not-found" });
    const { steps } = await backups.read(entry.backupId);
    const kept = steps.find((one) => one.step === entry.step);
    if (!kept)
      throw new HealError(`Backup ${entry.backupId} holds nothing for step ${entry.step}.`, {
        code: "backup-corrupt",
      });
    if (entry.state !== "undoing") await workbench.journal.advance(key, MAY_HAVE_ACTED, "undoing");
    const { action, params, context } = workbench.lay(entry, signal);
    const text = await action.undo(params, kept.captured, context);
    const proof = await action.verifyUndo(params, kept.captured, context);
    if (!proof.ok) throw new HealError(`${text} But: ${proof.text}`, { code: "undo-not-proved" });
    await workbench.journal.advance(key, ["undoing"], "undone", { detail: proof.text });
    return { ...about, ok: true, text: `${text} ${proof.text}`.trim() };
  } catch (error) {
    await workbench.journal
      .advance(key, MAY_HAVE_ACTED, "failed", { detail: `Undo failed: ${messageOf(error)}` })
      .catch(() => undefined); // the first error is the one to tell
    return { ...about, ok: false, text: messageOf(error) };
  }
}

/** A file that was put back takes effect only when the service reads it again: the plan's own restart or reload,
 * which came after the edit, is done once more. Harmless to repeat, so a crash in here only repeats it. */
async function settle(
  workbench: Workbench,
  undone: readonly JournalEntry[],
  signal?: AbortSignal,
): Promise<Rollback["steps"]> {
  const changedFiles = undone.some((entry) => workbench.actions.get(entry.action)?.class === "configuration");
  const again = undone.find((entry) => ["restart", "reload"].includes(entry.action));
  if (!changedFiles || !again) return [];
  try {
    const { action, params, context } = workbench.lay(again, signal);
    const text = await action.apply(params, await action.capture(params, context), context);
    return [
      {
        step: again.step,
        action: again.action,
        ok: true,
        text: `${text} So that what was put back takes effect.`,
      },
    ];
  } catch (error) {
    return [{ step: again.step, action: again.action, ok: false, text: messageOf(error) }];
  }
}
