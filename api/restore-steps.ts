// Carries out a restore from its journal: each step is written ahead, and one that was under way when a process died
// is simply done again, since an undo may be repeated.
import { HealError, isLeaseLost, messageOf } from "../domain/errors.ts";
import type { JournalEntry } from "../knowledge/records.ts";
import type { BackupStep } from "../tools/backup.ts";
import type { RestoreSteps } from "./healer.ts";
import type { Wired } from "./wire.ts";

type Step = RestoreSteps["steps"][number];

/** As in the backup, with what its action was given, in the order in which they are put back: the last comes first. */
export interface WantedStep extends BackupStep {
  params: JournalEntry["params"];
}

export interface RestoreOrder {
  /** The run that took the backup: its journal has the parameters, and gets the entries of the restore. */
  runId: string;
  service: string;
  wanted: WantedStep[];
}

/** HealError "backup-not-found" | "backup-corrupt". */
export async function readOrder({ backups, opened }: Wired, backupId: string): Promise<RestoreOrder> {
  const { meta, steps } = await backups.read(backupId);
  const entries = await opened.store.journal.ofRun(meta.runId);
  const taken = entries.filter((one) => one.backupId === backupId);
  const params = new Map(taken.map((one) => [one.step, one.params]));
  const wanted = steps
    .toSorted((a, b) => b.step - a.step)
    .map((one) => ({ ...one, params: params.get(one.step) ?? {} }));
  return { runId: meta.runId, service: meta.service, wanted };
}

/** Puts back what is not put back yet. Never throws for a step that could not be, only HealError "lease-lost". */
export async function putBack(wired: Wired, planId: string, order: RestoreOrder): Promise<Step[]> {
  const entries = await wired.opened.store.journal.ofPlan(order.runId, planId);
  const done: Step[] = [];
  for (const one of order.wanted) {
    const entry = entries.find(({ step }) => step === one.step);
    if (entry) done.push(await putBackOne(wired, entry, one, order.service));
  }
  return done;
}

async function putBackOne(
  { engine, opened }: Wired,
  entry: JournalEntry,
  wanted: WantedStep,
  service: string,
): Promise<Step> {
  const { journal } = opened.store;
  const about = { step: wanted.step, action: wanted.action };
  if (["verified", "failed", "undone"].includes(entry.state))
    return { ...about, ok: entry.state === "verified", text: entry.detail };
  const fence = await engine.runner.checkService(service);
  try {
    await journal.advance(entry, ["captured", "applying", "applied"], "applying", { fence });
    const { action, params, context } = engine.workbench.lay(wanted);
    const text = await action.undo(params, wanted.captured, context);
    await journal.advance(entry, ["applying"], "applied", { detail: text, fence });
    const proof = await action.verifyUndo(params, wanted.captured, context);
    if (!proof.ok) throw new HealError(`${text} But: ${proof.text}`, { code: "undo-not-proved" });
    // For a repair that did not help that is the end; whoever asks for it by hand has not got what they asked for.
    if (proof.stays) throw new HealError(text, { code: "undo-conflict" });
    await journal.advance(entry, ["applied"], "verified", { detail: `${text} ${proof.text}`.trim(), fence });
    return { ...about, ok: true, text };
  } catch (error) {
    if (isLeaseLost(error)) throw error;
    await journal.advance(entry, ["captured", "applying", "applied"], "failed", {
      detail: messageOf(error),
      fence,
    });
    return { ...about, ok: false, text: messageOf(error) };
  }
}
