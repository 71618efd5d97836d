// Fix engineer: carries out a plan's actions, one at a time, each written to the journal before it is done.
// After a crash the node runs again from its first line: what the journal calls done is skipped, and what was
// under way is looked at in the world before anything is repeated.
import { HealError, isLeaseLost, messageOf } from "../domain/errors.ts";
import type { Clock } from "../domain/clock.ts";
import type { Application, Incident } from "../domain/incident.ts";
import type { FixPlan, PlannedAction } from "../domain/plan.ts";
import type { Policy } from "../domain/policy.ts";
import type { Lease } from "../knowledge/records.ts";
import type { Backups } from "../tools/backup.ts";
import type { Captured } from "../tools/action.ts";
import type { Bench, Workbench } from "./workbench.ts";

export interface FixEngineerParts {
  workbench: Workbench;
  backups: Backups;
  policy: () => Policy;
  clock: Clock;
  /** Throws when this run no longer owns its service: another process has taken over. */
  checkLease: (runId: string) => Promise<Lease>;
}

/** How long a service may take until an action shows in the world: a restart until its process runs. */
const SETTLE_MS = 15_000;
const LOOK_EVERY_MS = 100;

export function makeApply(parts: FixEngineerParts) {
  return async function apply(
    { runId, plan, backupId }: Pick<Incident, "runId" | "plan" | "backupId">,
    signal?: AbortSignal,
  ): Promise<Pick<Incident, "application">> {
    if (!plan || !backupId)
      throw new HealError("Nothing is applied without a plan and its backup.", { code: "no-backup" });
    const { steps: kept } = await parts.backups.read(backupId);
    const steps: Application["steps"] = [];
    for (const planned of plan.actions) {
      const captured = kept.find((one) => one.step === planned.step)?.captured;
      const step = await applyOne(parts, { runId, plan, planned, captured }, signal);
      steps.push(step);
      if (!step.ok) return { application: { outcome: "failed", appliedAt: parts.clock.now(), steps } };
    }
    return { application: { outcome: "applied", appliedAt: parts.clock.now(), steps } };
  };
}

interface Work {
  runId: string;
  plan: FixPlan;
  planned: PlannedAction;
  captured: Captured | undefined;
}

async function applyOne(
  parts: FixEngineerParts,
  work: Work,
  signal?: AbortSignal,
): Promise<Application["steps"][number]> {
  const { planned, plan, runId, captured } = work;
  const { clock, workbench } = parts;
  const key = { runId, planId: plan.id, step: planned.step };
  const startedAt = clock.now();
  const done = (ok: boolean, text: string) => ({
    step: planned.step,
    action: planned.action,
    ok,
    text,
    ms: clock.now() - startedAt,
  });
  const entry = (await workbench.entries(runId, plan.id)).get(planned.step);
  if (entry?.state === "verified") return done(true, entry.detail);
  if (entry?.state === "failed") return done(false, entry.detail);
  const fence = await parts.checkLease(runId);
  try {
    if (!captured)
      throw new HealError(`The backup holds nothing for step ${planned.step}.`, { code: "backup-corrupt" });
    const bench = workbench.lay(planned, signal);
    let text = entry?.detail ?? "";
    if (entry?.state !== "applied") {
      if (parts.policy().paused)
        throw new HealError("Healing was paused before this action.", { code: "paused" });
      const wasUnderWay = entry?.state === "applying";
      if (!wasUnderWay) await workbench.journal.advance(key, ["captured"], "applying", { fence });
      // After a crash in the middle of apply only the world knows whether it happened.
      const happened = wasUnderWay && (await bench.action.verify(bench.params, captured, bench.context)).ok;
      // Asked for the last time: a process that was frozen until now finds its lease gone.
      await parts.checkLease(runId);
      text = happened
        ? "Was done before the crash."
        : await bench.action.apply(bench.params, captured, bench.context);
      await workbench.journal.advance(key, ["applying"], "applied", { detail: text, fence });
    }
    const proof = await settled(bench, captured, clock);
    if (!proof.ok) throw new HealError(told(text, `but ${proof.text}`), { code: "not-applied" });
    const detail = told(text, proof.text);
    await workbench.journal.advance(key, ["applied"], "verified", { detail, fence });
    return done(true, detail);
  } catch (error) {
    // Whoever took over carries the step on; nothing is said of it here.
    if (isLeaseLost(error)) throw error;
    await workbench.journal
      .advance(key, ["captured", "applying", "applied"], "failed", { detail: failed(error), fence })
      .catch(() => undefined); // the first error is the one to tell
    return done(false, failed(error));
  }
}

/** What was done and what was seen then, as two sentences or as one. */
function told(done: string, seen: string): string {
  const all = [done, seen].filter((one) => one !== "");
  return all.join(/[.!?]$/.test(done) ? " " : "; ");
}

/** A right that is missing is given by a person, who wants to know where it is told. */
function failed(error: unknown): string {
  const hint = error instanceof HealError && error.code === "database-refused" ? error.hint : undefined;
  return hint === undefined ? messageOf(error) : `${messageOf(error)} (${hint})`;
}

async function settled(
  { action, params, context }: Bench,
  captured: Captured,
  clock: Clock,
): Promise<{ ok: boolean; text: string }> {
  const deadline = clock.now() + SETTLE_MS;
  let proof = await action.verify(params, captured, context);
  while (!proof.ok && clock.now() < deadline) {
    await clock.sleep(LOOK_EVERY_MS, context.signal);
    proof = await action.verify(params, captured, context);
  }
  return proof;
}
