// How much extra time, or how many failed requests more than usual, a service has in each interval, from its own metrics.
import type { Account } from "./complaint.ts";
import { meaningOf, typicality } from "./metric-words.ts";
import { keyOf, type Point, type Series, valuesOf } from "./series.ts";
import { median, robustSpread, sum } from "./statistics.ts";

/** Spread that any latency is granted, as a share of its level. */
const LEAST_SPREAD = 0.05;

/** What one service has too much of, interval by interval. */
export interface Excess {
  /** Seconds or failed requests, by begin of the interval. */
  amount: Map<number, number>;
  /** The same in spreads of the normal period. */
  deviation: Map<number, number>;
}

/** `weights`: how much each interval belongs to the complaint; those with none tell the level beside it. */
export function excessOf(
  account: Account,
  all: readonly Series[],
  calm: ReadonlyMap<string, Series>,
  weights: ReadonlyMap<number, number>,
): Excess | undefined {
  const requests = all.find((one) => meaningOf(one.name) === "requests");
  const counts = new Map(requests?.points.map((one) => [one.at, one.value]));
  const fitting = all.filter((one) => (meaningOf(one.name) === "latency") === (account === "time"));
  const series = fitting
    .filter((one) => account === "time" || ["success", "failures"].includes(meaningOf(one.name) ?? ""))
    .toSorted((a, b) => typicality(b.name) - typicality(a.name))[0];
  if (series === undefined || series.points.length === 0) return undefined;
  const usual = valuesOf(calm.get(keyOf(series)));
  return account === "time"
    ? extraTime(series.points, usual, counts, weights)
    : extraFailures(series, usual, counts, weights);
}

/**
 * The level without the incident: normal, unless the intervals beside the complaint agree on another (traffic and
 * machines have changed since); then the nearest of theirs.
 */
function levelBeside(
  points: readonly Point[],
  usual: readonly number[],
  weights: ReadonlyMap<number, number>,
): number {
  const beside = points.filter((one) => (weights.get(one.at) ?? 0) === 0).map((one) => one.value);
  const middle = median(usual) ?? median(beside) ?? median(points.map((one) => one.value)) ?? 0;
  if (beside.length === 0) return middle;
  return Math.min(Math.max(middle, Math.min(...beside)), Math.max(...beside));
}

function extraTime(
  points: readonly Point[],
  usual: readonly number[],
  counts: ReadonlyMap<number, number>,
  weights: ReadonlyMap<number, number>,
): Excess {
  const level = levelBeside(points, usual, weights);
  const spread = Math.max(robustSpread(usual), Math.abs(level) * LEAST_SPREAD, 1e-12);
  const excess = points.map(({ at, value }) => [at, value - level] as const);
  return {
    amount: new Map(excess.map(([at, one]) => [at, one * (counts.get(at) ?? 1)])),
    deviation: new Map(excess.map(([at, one]) => [at, one / spread])),
  };
}

/** Failed requests against the binomial spread of as many as are usual. */
function extraFailures(
  { name, points }: Series,
  usual: readonly number[],
  counts: ReadonlyMap<number, number>,
  weights: ReadonlyMap<number, number>,
): Excess {
  // Success shares come in percent or as ratios.
  const whole = [...usual, ...points.map((one) => one.value)].some((one) => one > 1.5) ? 100 : 1;
  const share = (value: number) => (meaningOf(name) === "success" ? 1 - value / whole : value / whole);
  const failing = points.map((one) => ({ at: one.at, value: share(one.value) }));
  const level = Math.max(0, levelBeside(failing, usual.map(share), weights));
  const mean = usual.length === 0 ? level : Math.max(level, sum(usual.map(share)) / usual.length);
  const amount = new Map<number, number>();
  const deviation = new Map<number, number>();
  for (const { at, value } of failing) {
    const requests = counts.get(at) ?? 1;
    amount.set(at, (value - level) * requests);
    deviation.set(at, ((value - level) * requests) / Math.sqrt(requests * mean * (1 - mean) + 1));
  }
  return { amount, deviation };
}
