// The plan id of a restore names the backup that is restored: after a crash the journal alone tells what to finish.
import type { MakeId } from "../domain/clock.ts";

export function restorePlanId(backupId: string, makeId: MakeId): string {
  return `restore_of_${backupId}_${makeId("restore")}`;
}

/** undefined: a plan of a run. */
export function restoredBackup(planId: string): string | undefined {
  return /^restore_of_(backup_\d{8}_\d{6}(?:_\d+)?)_restore/.exec(planId)?.[1];
}
