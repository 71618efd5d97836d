// backups ls, diff, verify, restore; rollback RUN restores the backup that a run took.
import { HealError } from "../../../domain/errors.ts";
import type { Operations } from "../../operations.ts";
import { answer, type Answer, type CliContext, type Command, isSet } from "../context.ts";
import { EXIT } from "../exit-codes.ts";
import { renderBackups, renderSteps } from "../render/lists.ts";
import { diffLines } from "../run-story/backup.ts";

export const list: Command = (context) =>
  context.withOperations(async (operations) => {
    const backups = await operations.backups();
    return answer(backups, (given) => renderBackups(given.backups, context.terminal.paint));
  });

export const diff: Command = (context, [id = ""]) =>
  context.withOperations(async (operations) => {
    const files = await operations.backupDiff(id);
    return answer(files, (given) => diffLines(given, context.terminal.paint).join("\n"));
  });

export const verify: Command = (context, [id]) =>
  context.withOperations(async (operations) => {
    const ids = id === undefined ? (await operations.backups()).backups.map((one) => one.id) : [id];
    const results = [];
    for (const one of ids) results.push({ id: one, ...(await operations.verifyBackup(one)) });
    const code = results.every(({ ok }) => ok) ? EXIT.ok : EXIT.problems;
    return answer(results, (given) => given.map(verified).join("\n") || "No backups yet.", code);
  });

function verified({ id, ok, problems }: { id: string; ok: boolean; problems: string[] }): string {
  return ok ? `✓ ${id}` : [`✕ ${id}`, ...problems.map((one) => `    ${one}`)].join("\n");
}

export const restore: Command = (context, [id = ""], options) =>
  context.withOperations((operations) => restored(context, operations, id, isSet(options, "dryRun")));

export const rollback: Command = (context, [runId = ""], options) =>
  context.withOperations(async (operations) => {
    const { backup, incident } = await operations.run(runId);
    const id = backup?.meta.id ?? incident?.backupId ?? undefined;
    if (id === undefined) {
      throw new HealError(`Run ${runId} took no backup, so it changed nothing`, {
        code: "no-backup",
        hint: `opsmedic runs show ${runId} tells what it did.`,
      });
    }
    return restored(context, operations, id, isSet(options, "dryRun"));
  });

async function restored(
  context: CliContext,
  operations: Operations,
  id: string,
  dryRun: boolean,
): Promise<Answer> {
  context.progress(`${dryRun ? "Looking at" : "Restoring"} ${id} …`);
  const result = await operations.restoreBackup(id, { dry_run: dryRun }, context.actor);
  const well = result.steps.every(({ ok }) => ok);
  return answer(
    { ...result, dry_run: dryRun },
    (given) => {
      const head = dryRun
        ? `Would restore ${id}:`
        : well
          ? `Restored ${id}.`
          : `${id} could not be restored fully:`;
      const before = given.backup_id === null ? [] : [`The state before is kept in ${given.backup_id}.`];
      return [head, renderSteps(given.steps), ...before].filter((line) => line !== "").join("\n");
    },
    well ? EXIT.ok : EXIT.error,
  );
}
