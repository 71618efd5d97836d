// Restores that a crash left half done: what was begun is finished, what was never begun is dropped. Asked for at every
// start, before anything else happens to a service, and now and then for what another process has left.
import { HealError, messageOf } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { JournalEntry } from "../knowledge/records.ts";
import { restoredBackup } from "./restore-plan.ts";
import { putBack, readOrder } from "./restore-steps.ts";
import type { Wired } from "./wire.ts";

const NOT_BEGUN = ["intent", "captured"] as const;
const UNFINISHED = ["captured", "applying", "applied"] as const;

/** Of one service, or of all. What a run or another restore is at work on is left to the next time. */
export async function finishRestores(wired: Wired, service?: string): Promise<void> {
  const { journal } = wired.opened.store;
  const halfDone = (await journal.unfinished()).filter(
    (one) => restoredBackup(one.planId) !== undefined && (service ?? one.service) === one.service,
  );
  for (const one of new Map(halfDone.map((each) => [each.planId, each])).values())
    await wired.engine.runner.exclusively(one.service, () => finish(wired, one));
}

async function finish(wired: Wired, { runId, planId, service }: JournalEntry): Promise<void> {
  const { journal, audit } = wired.opened.store;
  const backupId = restoredBackup(planId) ?? "";
  const tell = async (action: string, detail: JsonObject): Promise<void> => {
    const about = { actor: "opsmedic", door: "system", target: backupId } as const;
    await audit.append({ ...about, action, detail: { runId, planId, service, ...detail } });
  };
  // Read again, now that nobody else may be at it.
  const entries = await journal.ofPlan(runId, planId);
  if (!entries.some((one) => isIn(UNFINISHED, one))) return;
  if (entries.every((one) => isIn(NOT_BEGUN, one))) {
    await tell("backup.restore.dropped", { why: "opsmedic ended before it was begun; nothing was changed" });
    for (const one of entries)
      await journal.advance(one, NOT_BEGUN, "undone", { detail: "Was never begun: opsmedic ended." });
    return;
  }
  await tell("backup.restore.taken-up", { why: "opsmedic ended in the middle of it" });
  const steps = await putBackOr(wired, entries, backupId);
  const ok = steps.every((one) => one.ok);
  await tell(ok ? "backup.restore.finished" : "backup.restore.failed", { steps });
}

/** Without its backup nothing can be put back any more: that is the end of it, and is told. */
async function putBackOr(wired: Wired, entries: readonly JournalEntry[], backupId: string) {
  try {
    return await putBack(wired, entries[0]?.planId ?? "", await readOrder(wired, backupId));
  } catch (error) {
    if (!(error instanceof HealError && error.code.startsWith("backup-"))) throw error;
    const text = messageOf(error);
    const open = entries.filter((one) => isIn(UNFINISHED, one));
    for (const one of open)
      await wired.opened.store.journal.advance(one, UNFINISHED, "failed", { detail: text });
    return open.map(({ step, action }) => ({ step, action, ok: false, text }));
  }
}

function isIn(states: readonly string[], { state }: JournalEntry): boolean {
  return states.includes(state);
}
