// What has been counted of an index since it was made, look after look: pure, from the server's counters at two looks to
// sums that outlive its restarts, and ours.
import { z } from "zod";
import { indexBaselineSchema } from "../tools/actions/index-baseline.ts";
import type { CountedUses, IndexUse, StatementTotals } from "../tools/index-use.ts";
import type { IndexProgress } from "./index-verdict.ts";

export const keptProgressSchema = z.object({
  /** Of the making; another one under the same name begins anew. */
  planId: z.string(),
  baseline: indexBaselineSchema.nullable(),
  lookedAt: z.number(),
  progress: z.object({
    since: z.number(),
    usesSince: z.number().nullable(),
    scans: z.number(),
    emptyToo: z.boolean(),
    activity: z.number(),
    reads: z.object({ calls: z.number(), totalMs: z.number() }),
    writes: z.object({ rows: z.number(), totalMs: z.number() }),
    rowsThen: z.number(),
    rowsNow: z.number(),
    replicas: z.number(),
  }),
  /** The server's counters at the last look. */
  last: z.object({
    uses: z
      .object({
        scans: z.number(),
        emptyToo: z.boolean(),
        activity: z.number(),
        by: z.string(),
        since: z.number().nullable(),
      })
      .nullable(),
    statements: z.record(
      z.string(),
      z.object({
        calls: z.number(),
        totalMs: z.number(),
        rows: z.number(),
        since: z.number().nullable(),
      }),
    ),
  }),
});
export type KeptProgress = z.infer<typeof keptProgressSchema>;

export interface MadeIndex {
  planId: string;
  baseline: KeptProgress["baseline"];
  /** Unix ms. */
  madeAt: number;
}

/** A server tells since when it runs to a second or two. */
const SAME_START_MS = 10_000;

export function counted(
  before: KeptProgress | undefined,
  { planId, baseline, madeAt }: MadeIndex,
  use: IndexUse,
  now: number,
): KeptProgress {
  const last = { uses: use.uses, statements: use.statements };
  const { rows: rowsNow, replicas } = use;
  if (before === undefined) {
    const none = { reads: { calls: 0, totalMs: 0 }, writes: { rows: 0, totalMs: 0 } };
    const first = { ...firstUses(use.uses, madeAt, now), activity: 0 };
    const progress = { since: madeAt, ...first, ...none, rowsThen: rowsNow, rowsNow, replicas };
    return { planId, baseline, lookedAt: now, progress, last };
  }
  const { progress: then } = before;
  const risen = (some: readonly { id: string }[] | undefined): Risen => {
    const all = (some ?? []).map(({ id }) => rise(before.last.statements[id], use.statements[id]));
    return {
      calls: all.reduce((sum, one) => sum + one.calls, 0),
      totalMs: all.reduce((sum, one) => sum + one.totalMs, 0),
      rows: all.reduce((sum, one) => sum + one.rows, 0),
    };
  };
  const [reads, writes] = [risen(baseline?.reads), risen(baseline?.writes)];
  const progress: KeptProgress["progress"] = {
    ...moreUses(then, before.last.uses, use.uses, now),
    reads: { calls: then.reads.calls + reads.calls, totalMs: then.reads.totalMs + reads.totalMs },
    writes: { rows: then.writes.rows + writes.rows, totalMs: then.writes.totalMs + writes.totalMs },
    rowsThen: then.rowsThen,
    rowsNow,
    replicas: Math.max(then.replicas, replicas),
  };
  return { planId, baseline, lookedAt: now, progress, last };
}

/**
 * Counters that outlive the server have counted since the index was made. Of others that is not certain, and our own
 * look-ups at its making are among them: they count from now on.
 */
function firstUses(
  uses: CountedUses | null,
  madeAt: number,
  now: number,
): Pick<IndexProgress, "usesSince" | "scans" | "emptyToo"> {
  if (uses === null) return { usesSince: null, scans: 0, emptyToo: false };
  const { scans, emptyToo, since } = uses;
  return since === null ? { usesSince: madeAt, scans, emptyToo } : { usesSince: now, scans: 0, emptyToo };
}

function moreUses(
  then: IndexProgress,
  before: CountedUses | null,
  uses: CountedUses | null,
  now: number,
): Pick<IndexProgress, "since" | "usesSince" | "scans" | "emptyToo" | "activity"> {
  const { since, usesSince, scans, activity } = then;
  if (uses === null) return { since, usesSince: null, scans, emptyToo: false, activity };
  const { emptyToo } = uses;
  // Nobody has counted for a while: whether it was used meanwhile is not known.
  if (before === null) return { since, usesSince: now, scans, emptyToo, activity };
  const more = (a: CountedUses, b: { scans: number; activity: number }) => ({
    scans: scans + a.scans - b.scans,
    activity: activity + a.activity - b.activity,
  });
  // Nor where the counters began anew.
  if (beganAnew(before, uses))
    return { since: now, usesSince: now, emptyToo, ...more(uses, { scans: 0, activity: 0 }) };
  return { since, usesSince: usesSince ?? now, emptyToo, ...more(uses, before) };
}

function beganAnew(before: CountedUses, uses: CountedUses): boolean {
  const isOtherStart = Math.abs((uses.since ?? 0) - (before.since ?? 0)) > SAME_START_MS;
  return (
    uses.by !== before.by || isOtherStart || uses.scans < before.scans || uses.activity < before.activity
  );
}

type Risen = Omit<StatementTotals, "since">;

/** A counter that fell, or that is counted anew, began at nothing. */
function rise(before: StatementTotals | undefined, now: StatementTotals | undefined): Risen {
  if (now === undefined) return { calls: 0, totalMs: 0, rows: 0 };
  if (before === undefined || now.calls < before.calls || now.since !== before.since) return now;
  return {
    calls: now.calls - before.calls,
    totalMs: now.totalMs - before.totalMs,
    rows: now.rows - before.rows,
  };
}
