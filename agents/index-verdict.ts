// Whether an index that opsmedic made pays: what statements cost before it and since, how often it is used, and what it
// costs those who write. Pure: numbers in, a verdict out.
import type { IndexBaseline } from "../tools/actions/index-baseline.ts";

/** What was counted since the index was first looked at. */
export interface IndexProgress {
  /** Unix ms: since when it is there, or the server's counters were last seen to begin anew. */
  since: number;
  /** Since when its uses are counted without a gap; null: nobody counts them. */
  usesSince: number | null;
  /** Uses by plans, or rows that were found with it. */
  scans: number;
  /** Whether a look-up that found nothing is among them. */
  emptyToo: boolean;
  /** Anything at all that was done with the table: reads of it and changed rows. */
  activity: number;
  reads: { calls: number; totalMs: number };
  writes: { rows: number; totalMs: number };
  /** Rows of the table at the first look, and at the last. */
  rowsThen: number;
  rowsNow: number;
  /** A replica may use what the primary does not. */
  replicas: number;
}

export interface IndexTimes {
  /** Under this age nothing is said of it. */
  judgeAfterMs: number;
  /** So long without a use it is of no use. */
  unusedForMs: number;
}

export type IndexVerdict = {
  verdict: "pays" | "not-yet" | "unused" | "no-gain" | "harms-writes";
  text: string;
};

/** A mean of fewer says little. */
const FEWEST_BEFORE = 5;
const FEWEST_READS = 50;
const FEWEST_ROWS_BEFORE = 20;
const FEWEST_ROWS = 200;
/** Statements must take a fifth less than before. */
const LEAST_GAIN = 0.8;
/** Writes that take half as long again are slower for a reason. */
const HARM = 1.5;
/** A table that has grown so far is another one: what statements cost before says nothing of now. */
const GROWN = 1.5;

export function indexVerdict(
  baseline: IndexBaseline | null,
  progress: IndexProgress,
  { judgeAfterMs, unusedForMs }: IndexTimes,
  now: number,
): IndexVerdict {
  const { scans, activity, replicas, since, usesSince } = progress;
  const age = now - since;
  const unusedMs = now - (usesSince ?? Number.POSITIVE_INFINITY);
  const isUnused = scans === 0 && (progress.emptyToo || asksNobody(baseline, progress));
  if (isUnused && activity > 0 && replicas === 0 && unusedMs >= unusedForMs)
    return { verdict: "unused", text: `no statement has used it for ${inHours(unusedMs)}` };
  if (age < judgeAfterMs) return { verdict: "not-yet", text: `it is ${inHours(age)} old` };
  const reads = baseline && readsOf(baseline, progress);
  if (!reads)
    return { verdict: "not-yet", text: "too few statements were counted, before it or since, to compare" };
  const words = `statements took ${amount(reads.before)} ms before it and ${amount(reads.now)} ms since (${progress.reads.calls} calls)`;
  if (reads.now > reads.before * LEAST_GAIN) return { verdict: "no-gain", text: words };
  const writes = writesOf(baseline, progress);
  if (writes && writes.now > writes.before * HARM) {
    const lost = (writes.now - writes.before) * progress.writes.rows;
    const gained = (reads.before - reads.now) * progress.reads.calls;
    const harm = `writes took ${amount(writes.before)} ms a row before it and ${amount(writes.now)} ms since (${progress.writes.rows} rows)`;
    if (lost > gained) {
      const sum = `in all it cost them ${Math.round(lost)} ms and saved ${Math.round(gained)} ms of reads`;
      return { verdict: "harms-writes", text: `${harm}: ${sum}` };
    }
  }
  return { verdict: "pays", text: words };
}

/** None of the statements that it was made for has been asked since. */
function asksNobody(baseline: IndexBaseline | null, { reads }: IndexProgress): boolean {
  return (baseline?.reads.length ?? 0) > 0 && reads.calls === 0;
}

interface Compared {
  /** Mean ms, of a call or of a row. */
  before: number;
  now: number;
}

function readsOf({ reads }: IndexBaseline, { reads: since, rowsThen, rowsNow }: IndexProgress) {
  const calls = sum(reads, (one) => one.calls);
  const hasGrown = rowsNow > Math.max(1, rowsThen) * GROWN;
  if (calls < FEWEST_BEFORE || since.calls < FEWEST_READS || hasGrown) return undefined;
  return {
    before: sum(reads, (one) => one.totalMs) / calls,
    now: since.totalMs / since.calls,
  } satisfies Compared;
}

function writesOf({ writes }: IndexBaseline, { writes: since }: IndexProgress): Compared | undefined {
  const rows = sum(writes, (one) => one.rows);
  if (rows < FEWEST_ROWS_BEFORE || since.rows < FEWEST_ROWS) return undefined;
  return { before: sum(writes, (one) => one.totalMs) / rows, now: since.totalMs / since.rows };
}

function sum<T>(list: readonly T[], of: (one: T) => number): number {
  return list.reduce((all, one) => all + of(one), 0);
}

function amount(ms: number): string {
  return ms >= 10 ? String(Math.round(ms)) : ms.toPrecision(2);
}

function inHours(ms: number): string {
  const hours = ms / 3_600_000;
  if (hours < 1) return `${Math.round(ms / 60_000)} minutes`;
  return hours < 48 ? `${Math.round(hours)} hours` : `${Math.round(hours / 24)} days`;
}
