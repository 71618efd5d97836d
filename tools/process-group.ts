// Signals to the process group of a service. The group is its shim's: killing the shim would lose the exit status.
import type { ProcessRecord } from "./process-folder.ts";
import { RUN_MARK } from "./process-shim.ts";
import { groupMembers, hasInEnvironment, isAlive } from "./process-table.ts";

/** Only while the main process is known to be ours, or was a moment ago: a group keeps its number while it has members. */
export function signalGroup(
  record: ProcessRecord,
  which: NodeJS.Signals,
  { sparing }: { sparing?: "shim" } = {},
): void {
  if (sparing === undefined) {
    send(-record.groupPid, which);
    return;
  }
  for (const { pid } of groupMembers(record.groupPid)) if (pid !== record.groupPid) send(pid, which);
}

/**
 * Kills what a crashed main process has left in its group. The group's number may belong to somebody else by now,
 * so each member must carry the mark of that run in its environment.
 */
export function signalStrays(record: ProcessRecord, mark: string): void {
  if (isAlive(record)) return;
  for (const { pid } of groupMembers(record.groupPid)) {
    if (pid !== record.groupPid && hasInEnvironment(pid, `${RUN_MARK}=${mark}`)) send(pid, "SIGKILL");
  }
}

function send(pid: number, which: NodeJS.Signals): void {
  try {
    process.kill(pid, which);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}
