// What the counts of a log pattern say: it is new, rises, falls, or bursts. Counts of events are compared as counts:
// their scatter grows with them, and lines come in clumps, so the scatter seen is used, never less than Poisson's.

export type Trend = "new" | "rising" | "steady" | "falling" | "vanished";

export interface Burst {
  /** In the last minute. */
  lines: number;
  /** What a minute usually has. */
  usual: number;
}

const BUCKETS_AN_HOUR = 12;
/** What is younger says nothing about what is usual. */
const LEARNING_MS = 10 * 60_000;
const NEW_FOR_MS = 15 * 60_000;
/** Standard errors. One false alarm in tens of thousands of comparisons, even where clumps are worse than seen. */
const SURE = 4;
const DOUBLE = 2;
/** A burst is acted on within seconds, so it has to be plainer than a trend. */
const PLAIN = 6;
const BURST_LINES = 10;
const BURST_TIMES = 5;

/** New: came up after the service had been watched for ten minutes, less than a quarter of an hour ago. Unix ms. */
export function isNew(firstSeen: number, watchedSince: number, now: number): boolean {
  return firstSeen - watchedSince > LEARNING_MS && now - firstSeen < NEW_FOR_MS;
}

/**
 * The last half hour against the four hours before it. `fiveMinutes`: counts of five-minute buckets, oldest first,
 * the last of which may not be over yet and is left out.
 */
export function trendOf(fiveMinutes: readonly number[]): "rising" | "steady" | "falling" {
  const whole = fiveMinutes.slice(0, -1);
  const recent = whole.slice(-BUCKETS_AN_HOUR / 2);
  const before = whole.slice(-5 * BUCKETS_AN_HOUR, -BUCKETS_AN_HOUR / 2);
  if (before.length < BUCKETS_AN_HOUR / 2) return "steady";
  const [now, then] = [mean(recent), mean(before)];
  const pooled = (sum(recent) + sum(before)) / (recent.length + before.length);
  const error = Math.sqrt(
    clumping(before) * Math.max(pooled, Number.MIN_VALUE) * (1 / recent.length + 1 / before.length),
  );
  if ((now - then) / error > SURE && now >= DOUBLE * then) return "rising";
  if ((then - now) / error > SURE && then >= DOUBLE * now) return "falling";
  return "steady";
}

/**
 * `tenSeconds`: counts of the last minute and the one that is going on (seven buckets or more, oldest first);
 * `fiveMinutes` as for trendOf. `known`: since when the pattern could have been seen, in five-minute buckets.
 */
export function burstOf(
  tenSeconds: readonly number[],
  fiveMinutes: readonly number[],
  known: number,
): Burst | undefined {
  const lines = sum(tenSeconds.slice(-6));
  if (lines < BURST_LINES || known < 2) return undefined;
  const past = fiveMinutes.slice(0, -1).slice(-known);
  const usual = mean(past) / 5;
  const scatter = Math.sqrt(clumping(past) * Math.max(usual, 0.2));
  const plain = (lines - usual) / scatter > PLAIN && lines >= BURST_TIMES * usual;
  return plain ? { lines, usual } : undefined;
}

/** Variance in units of the mean: 1 for independent lines, more where they come in clumps. */
export function clumping(counts: readonly number[]): number {
  const middle = mean(counts);
  if (counts.length < 2 || middle === 0) return 1;
  const variance = sum(counts.map((one) => (one - middle) ** 2)) / (counts.length - 1);
  return Math.max(1, variance / middle);
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0);
}

export function mean(values: readonly number[]): number {
  return values.length === 0 ? 0 : sum(values) / values.length;
}
