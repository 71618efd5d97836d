// Where a log file that appears is read from, so that no line is given out twice and none is left out: the same
// file under a new name, a copy made before truncating, a file of an earlier run, or a new one.
import type { Clock } from "../domain/clock.ts";
import {
  beginsAs,
  fileId,
  type FilePosition,
  goesOnAt,
  type OpenedFile,
  PRINT_BYTES,
} from "./log-file-reader.ts";

export interface LogFileStarts {
  /** undefined: cannot be told yet, since it may be a copy that is still being made; ask again later. */
  of(name: string, opened: OpenedFile, followed: readonly FilePosition[]): Promise<number | undefined>;
  /** This one is no longer followed; it may come back. */
  ended(position: FilePosition): void;
  /** It was there from the beginning, but could not be opened: what is in it is old. */
  unreadable(name: string): void;
  /** What appears from now on is new. */
  begun(): void;
}

/** How long a file that begins like another may take to show whether it becomes its copy. */
const COPYING_MS = 5_000;
const ENDED_LIMIT = 100;

/** Without positions of an earlier run, what is in the files at the beginning is old. */
export function makeLogFileStarts(
  clock: Pick<Clock, "now">,
  positions: readonly FilePosition[],
): LogFileStarts {
  let earlier: readonly FilePosition[] = positions;
  let first = true;
  const old = new Set<string>();
  const growing = new Map<string, number>();

  function mayGrow(id: string): boolean {
    const since = growing.get(id) ?? clock.now();
    growing.set(id, since);
    return clock.now() - since < COPYING_MS;
  }

  return {
    async of(name, { handle, stats }, followed) {
      const id = fileId(stats);
      for (const one of [...followed, ...earlier]) {
        const same = one.inode === stats.ino && one.device === stats.dev;
        // Only a long beginning tells a copy from a file that was begun by the same program.
        if (one.offset === 0 || (!same && one.head.bytes < PRINT_BYTES)) continue;
        const longEnough = one.offset <= stats.size;
        if (longEnough && (await goesOnAt(handle, one))) return one.offset;
        if (!longEnough && !same && (await beginsAs(handle, one)) && mayGrow(id)) return undefined;
      }
      growing.delete(id);
      return (first && positions.length === 0) || old.delete(name) ? stats.size : 0;
    },
    ended(position) {
      earlier = [...earlier, position].slice(-ENDED_LIMIT);
    },
    unreadable(name) {
      if (first && positions.length === 0) old.add(name);
    },
    begun() {
      first = false;
    },
  };
}
