// Backup manager: captures what a plan is about to change, before anything is changed, and gives it back when
// the fix did not help. Both nodes may run twice; the journal tells what was already done.
import type { Clock } from "../domain/clock.ts";
import { HealError, isLeaseLost, messageOf } from "../domain/errors.ts";
import type { Incident, Rollback } from "../domain/incident.ts";
import type { FixPlan } from "../domain/plan.ts";
import type { JournalEntry, Lease } from "../knowledge/records.ts";
import type { Captured } from "../tools/action.ts";
import type { Backups, BackupStep } from "../tools/backup.ts";
import type { Bench, Workbench } from "./workbench.ts";

export interface BackupManagerParts {
  workbench: Workbench;
  backups: Backups;
  clock: Clock;
  /** Throws when this run no longer owns its service: another process has taken over. */
  checkLease: (runId: string) => Promise<Lease>;
  /** A hindrance that says it will pass is waited for so long: a server that fails over should be back by then. */
  undoPatienceMs: number;
}

export function makeBackUp({ workbench, backups }: Pick<BackupManagerParts, "workbench" | "backups">) {
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

const NEVER_BEGUN = ["intent", "captured"] as const;
export const NEVER_BEGUN_TEXT = "Was never begun.";
const MAY_HAVE_ACTED = ["applying", "applied", "verified", "undoing", "failed"] as const;
/** What hinders an undo may pass by itself. */
const UNDO_TRIES = 3;
const UNDO_PAUSE_MS = 500;

/** Takes a plan back in reverse order. Works from the journal and the backup alone, so it also serves a run whose
 * checkpoint is lost, and may run again after a crash in its middle: what is undone already is told again. Never
 * throws for a step that could not be undone, only HealError "lease-lost" when another process has taken over. */
export function makeRollBack(parts: BackupManagerParts) {
  const { journal } = parts.workbench;
  return async function rollBack(runId: string, planId: string, signal?: AbortSignal): Promise<Rollback> {
    const fence = await parts.checkLease(runId);
    const entries = (await journal.ofPlan(runId, planId)).sort((a, b) => b.step - a.step);
    const acted = entries.filter((one) => !wasNeverBegun(one));
    for (const one of entries.filter((each) => isIn(NEVER_BEGUN, each)))
      await journal.advance(one, NEVER_BEGUN, "undone", { detail: NEVER_BEGUN_TEXT, fence });
    if (acted.length === 0) return { outcome: "nothing-to-undo", steps: [] };
    const steps: Rollback["steps"] = [];
    const { first = [], last = [] } = Object.groupBy(acted, ({ action }) =>
      parts.workbench.actions.get(action)?.undoneLast === true ? "last" : "first",
    );
    for (const entry of first) steps.push(await undoOne(parts, entry, fence, signal));
    steps.push(...(await settle(parts, acted, signal)));
    for (const entry of last) steps.push(await undoOne(parts, entry, fence, signal));
    return { outcome: steps.every((one) => one.ok) ? "undone" : "failed", steps };
  };
}
export type RollBack = ReturnType<typeof makeRollBack>;

function isIn(states: readonly string[], { state }: JournalEntry): boolean {
  return states.includes(state);
}

function wasNeverBegun(entry: JournalEntry): boolean {
  return isIn(NEVER_BEGUN, entry) || (entry.state === "undone" && entry.detail === NEVER_BEGUN_TEXT);
}

async function undoOne(
  parts: BackupManagerParts,
  entry: JournalEntry,
  fence: Lease,
  signal?: AbortSignal,
): Promise<Rollback["steps"][number]> {
  const about = { step: entry.step, action: entry.action };
  const { journal } = parts.workbench;
  if (entry.state === "undone") return { ...about, ok: true, text: entry.detail };
  try {
    await journal.advance(entry, MAY_HAVE_ACTED, "undoing", { fence });
    const { text, proof } = await undone(parts, entry, signal);
    await journal.advance(entry, ["undoing"], "undone", { detail: proof, fence });
    return { ...about, ok: true, text: `${text} ${proof}`.trim() };
  } catch (error) {
    if (isLeaseLost(error)) throw error;
    await journal
      .advance(entry, MAY_HAVE_ACTED, "failed", { detail: `Undo failed: ${messageOf(error)}`, fence })
      .catch(() => undefined); // the first error is the one to tell
    return { ...about, ok: false, text: messageOf(error) };
  }
}

/** Undoes and proves it, a few times if need be: an action's undo may be repeated. */
async function undone(
  parts: BackupManagerParts,
  entry: JournalEntry,
  signal?: AbortSignal,
): Promise<{ text: string; proof: string }> {
  const captured = await capturedFor(parts, entry);
  const patientUntil = parts.clock.now() + parts.undoPatienceMs;
  for (let tries = 1; ; tries += 1) {
    await parts.checkLease(entry.runId);
    const { action, params, context } = parts.workbench.lay(entry, signal);
    try {
      const text = await action.undo(params, captured, context);
      const proof = await action.verifyUndo(params, captured, context);
      if (proof.ok) return { text, proof: proof.text };
      throw new HealError(`${text} But: ${proof.text}`, { code: "undo-not-proved" });
    } catch (error) {
      const passes = error instanceof HealError && error.retryable && parts.clock.now() < patientUntil;
      if (tries >= UNDO_TRIES && !passes) throw error;
      await parts.clock.sleep(UNDO_PAUSE_MS, signal);
    }
  }
}

async function capturedFor({ backups }: BackupManagerParts, entry: JournalEntry): Promise<Captured> {
  if (!entry.backupId)
    throw new HealError("The journal names no backup for this step.", { code: "backup-not-found" });
  const { steps } = await backups.read(entry.backupId);
  const kept = steps.find((one) => one.step === entry.step);
  if (kept) return kept.captured;
  throw new HealError(`Backup ${entry.backupId} holds nothing for step ${entry.step}.`, {
    code: "backup-corrupt",
  });
}

/** A file that was put back takes effect only when the service reads it again: the plan's own restart or reload,
 * which came after the edit, is done once more. What runs is captured first, so that after a crash in here the
 * world tells whether it was done. */
async function settle(
  parts: BackupManagerParts,
  undoneEntries: readonly JournalEntry[],
  signal?: AbortSignal,
): Promise<Rollback["steps"]> {
  const { workbench, checkLease } = parts;
  const changedFiles = undoneEntries.some(
    (entry) => workbench.actions.get(entry.action)?.class === "configuration",
  );
  const again = undoneEntries.find((entry) => ["restart", "reload"].includes(entry.action));
  if (!changedFiles || !again) return [];
  const about = { step: again.step, action: again.action };
  try {
    const bench = workbench.lay(again, signal);
    const captured = await captureOnce(parts, again, bench);
    await checkLease(again.runId);
    const text = await bench.action.apply(bench.params, captured, bench.context);
    return [{ ...about, ok: true, text: `${text} So that what was put back takes effect.` }];
  } catch (error) {
    if (isLeaseLost(error)) throw error;
    return [{ ...about, ok: false, text: messageOf(error) }];
  }
}

/** What was captured at the first try; the same backup is given again for the same key. */
async function captureOnce(
  { backups }: BackupManagerParts,
  { runId, planId, step, action, service }: JournalEntry,
  bench: Bench,
): Promise<Captured> {
  const { id } = await backups.take({
    runId,
    planId: `${planId}_settle`,
    service,
    reason: `Before the ${action} that follows a roll back`,
    confidenceBp: 0,
    steps: [{ step, action, service, captured: await bench.action.capture(bench.params, bench.context) }],
  });
  const [kept] = (await backups.read(id)).steps;
  if (kept) return kept.captured;
  throw new HealError(`Backup ${id} is empty.`, { code: "backup-corrupt" });
}
