// Was a process killed by the kernel for its memory? The kernel tells it in two places: a count of all OOM kills
// (/proc/vmstat), which the shim notes at start and end, and its log, which only root may read.
import { constants, closeSync, openSync, readSync } from "node:fs";
import type { ProcessExit, ProcessRecord } from "./process-folder.ts";

const SIGKILL_EXIT = 137;
/** One record at most, says the kernel's documentation (Documentation/ABI/testing/dev-kmsg). */
const RECORD_BYTES = 8_192;
const MOST_RECORDS = 20_000;

/**
 * Only for exit code 137 of a process that we did not end. Where the kernel's log cannot be read, a kill while the
 * machine's count went up is taken for one: nothing else kills by chance.
 */
export function endedByOom(record: ProcessRecord, exit: ProcessExit): boolean {
  if (exit.code !== SIGKILL_EXIT || exit.oomKills <= record.oomKills) return false;
  return namedInKernelLog(record.pid) ?? true;
}

/** undefined: it cannot be read. */
function namedInKernelLog(pid: number): boolean | undefined {
  try {
    const log = openSync("/dev/kmsg", constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      return readsUntilEnd(log, new RegExp(`[Kk]illed process ${pid} \\(`));
    } finally {
      closeSync(log);
    }
  } catch {
    return undefined;
  }
}

function readsUntilEnd(log: number, wanted: RegExp): boolean {
  const buffer = Buffer.alloc(RECORD_BYTES);
  for (let count = 0; count < MOST_RECORDS; count += 1) {
    try {
      const length = readSync(log, buffer);
      if (wanted.test(buffer.toString("latin1", 0, length))) return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === "EAGAIN") return false;
      if (code !== "EPIPE") throw error; // EPIPE: records were overwritten meanwhile; the next read goes on
    }
  }
  return false;
}
