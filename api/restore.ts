// Restores a backup by hand. It is a repair like any other: the service's lease is held, the present state is
// captured first, and the journal is written ahead, so that a crash in the middle can be taken back.
import { HealError, messageOf } from "../domain/errors.ts";
import type { BackupStep } from "../tools/backup.ts";
import type { Healer, RestoreSteps } from "./healer.ts";
import type { Wired } from "./wire.ts";

type Step = RestoreSteps["steps"][number];

export function makeRestore({ backups, engine, opened, makeId }: Wired): Healer["restore"] {
  const { journal } = opened.store;
  const { workbench, runner } = engine;

  /** The parameters of each captured step are in the journal of the run that captured it. */
  async function paramsOf(runId: string, backupId: string) {
    const entries = await journal.ofRun(runId);
    return new Map(entries.filter((one) => one.backupId === backupId).map((one) => [one.step, one.params]));
  }

  async function putBack(backupId: string, by: string): Promise<RestoreSteps> {
    const { meta, steps } = await backups.read(backupId);
    const params = await paramsOf(meta.runId, backupId);
    const wanted = steps.toSorted((a, b) => b.step - a.step);
    const planId = makeId("restore");
    const bench = (one: BackupStep) => workbench.lay({ ...one, params: params.get(one.step) ?? {} });
    const key = (one: BackupStep) => ({ runId: meta.runId, planId, step: one.step });
    for (const one of wanted) {
      await journal.intend({
        ...key(one),
        action: one.action,
        service: one.service,
        params: params.get(one.step) ?? {},
      });
    }
    const present: BackupStep[] = [];
    for (const one of wanted) {
      const { action, params: given, context } = bench(one);
      present.push({ ...one, captured: await action.capture(given, context) });
    }
    const before = await backups.take({
      runId: meta.runId,
      planId,
      service: meta.service,
      reason: `before ${by} restored ${backupId}`,
      confidenceBp: 10_000,
      steps: present,
    });
    const done: Step[] = [];
    for (const one of wanted) {
      await journal.advance(key(one), ["intent"], "captured", { backupId: before.id });
      done.push(await putBackOne(one));
    }
    return { restored: done.every((one) => one.ok), steps: done, backup_id: before.id };

    async function putBackOne(one: BackupStep): Promise<Step> {
      const about = { step: one.step, action: one.action };
      await journal.advance(key(one), ["captured"], "applying");
      try {
        const { action, params: given, context } = bench(one);
        const text = await action.undo(given, one.captured, context);
        const proof = await action.verifyUndo(given, one.captured, context);
        if (!proof.ok) throw new HealError(proof.text, { code: "undo-not-proved" });
        await journal.advance(key(one), ["applying"], "applied", { detail: text });
        await journal.advance(key(one), ["applied"], "verified", { detail: proof.text });
        return { ...about, ok: true, text };
      } catch (error) {
        await journal.advance(key(one), ["applying", "applied"], "failed", { detail: messageOf(error) });
        return { ...about, ok: false, text: messageOf(error) };
      }
    }
  }

  return async function restore(backupId, { dryRun, by }) {
    const { meta, steps } = await backups.read(backupId);
    if (dryRun) {
      const plan = steps
        .toSorted((a, b) => b.step - a.step)
        .map((one) => ({
          step: one.step,
          action: one.action,
          ok: true,
          text: `would put back what ${one.action} changed on ${one.service}`,
        }));
      return { restored: false, steps: plan, backup_id: null };
    }
    const answer = await runner.exclusively(meta.service, () => putBack(backupId, by));
    if (answer) return answer;
    throw new HealError(`A run is at work on ${meta.service}; nothing was restored.`, {
      code: "lease-lost",
      retryable: true,
      hint: "Try again when it has ended (opsmedic runs ls), or cancel it first.",
    });
  };
}
