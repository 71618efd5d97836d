// Statements as a server counts them since its start, and which of them were slow since the last look.
import type { StatementUse } from "./database-inspector.ts";

export interface StatementCount {
  statement: string;
  calls: number;
  totalMs: number;
  /** Read or changed; absent where the server does not count them. */
  rows?: number;
  /** The one that its session was in; absent where the server counts those of one alone. */
  database?: string | undefined;
}

/** Of one statement since a time. */
export interface CountedStatement extends StatementUse {
  id: string;
  rows: number;
  database?: string | undefined;
}

/** By the server's own id of the statement. */
export type StatementCounts = ReadonlyMap<string, StatementCount>;

/** One call says little of a statement. */
const FEWEST_CALLS = 3;

/** What each cost since `before`, or since counting began; most total time first. */
export function usedSince(before: StatementCounts | undefined, now: StatementCounts): CountedStatement[] {
  return [...now]
    .flatMap(([id, { statement, calls, totalMs, rows = 0, database }]) => {
      const earlier = before?.get(id);
      // A counter that fell was set back: then all it shows is new.
      const isReset = earlier !== undefined && earlier.calls > calls;
      const [newCalls, newMs, newRows] =
        earlier === undefined || isReset
          ? [calls, totalMs, rows]
          : [calls - earlier.calls, totalMs - earlier.totalMs, rows - (earlier.rows ?? 0)];
      if (newCalls <= 0) return [];
      const meanMs = newMs / newCalls;
      return [{ id, statement, calls: newCalls, totalMs: newMs, meanMs, rows: newRows, database }];
    })
    .toSorted((a, b) => b.totalMs - a.totalMs);
}

/** Of those that matter (the ten that took most of the time) the slowest one; nothing at the first look. */
export function slowestSince(
  before: StatementCounts | undefined,
  now: StatementCounts | undefined,
): StatementUse | undefined {
  if (before === undefined || now === undefined) return undefined;
  return usedSince(before, now)
    .slice(0, 10)
    .filter((one) => one.calls >= FEWEST_CALLS)
    .toSorted((a, b) => b.meanMs - a.meanMs)[0];
}
