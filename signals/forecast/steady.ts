// Forecasts of a series without seasons: does it come back to its level, or go on from where it is? The quantiles of
// the last few and the last many values answer for the one, the changes so far for the other; the back-test decides.
import { pinball, trust } from "./pool.ts";
import { at, mean, median, weightedQuantile } from "./series.ts";
import { slidingQuantiles } from "./sliding.ts";

/** Lower end, middle and upper end of an interval that holds 9 values in 10. */
export type Interval = readonly [lo: number, middle: number, hi: number];
const SHARES = [0.05, 0.5, 0.95] as const;
/** Per end of the interval, what would have been said at each moment of the past. */
type Forecaster = readonly Float64Array[];

const WINDOWS = [12, 24, 48, 96, Number.POSITIVE_INFINITY] as const;
/**
 * Weights before any back-test, in the order of `forecasters`: the last value; the last value held within the bulk of
 * the last dozen; the quantiles of the last 12, 24, 48, 96 and all values; the changes from the last and the held value.
 */
const priors = {
  walk: { middle: [3, 1, 0, 0, 0, 0, 0, 0, 1], ends: [0, 0, 1, 0, 1, 0, 0, 3, 3] },
  level: { middle: [0, 0, 1, 2, 2, 2, 2, 0, 0], ends: [0, 0, 1, 1, 1, 1, 1, 0, 1] },
} as const;
/** Roughness under which a series walks, and over which it keeps a level. White noise has about 1.4. */
const WALKS = 0.3;
const KEEPS_LEVEL = 0.7;
/** The back-test begins when this many values are known, or enough to have seen a change over so many steps. */
const FIRST_ORIGIN = 8;
const LEARNING_RATE = 0.5;
/** Ends of an interval are chosen a little on the wide side of what the forecasters say: each was fitted to a short past. */
const CAUTION = 0.7;
/** Older values neither help nor are worth their time. */
const MEMORY = 600;

/** One interval for each step up to `horizon`; far steps are computed on a ladder and joined by lines. */
export function steadyForecast(history: Float64Array, horizon: number): Interval[] {
  const series = history.subarray(-MEMORY);
  const windows = WINDOWS.map((window) => slidingQuantiles(series, window, SHARES));
  const held = heldValues(series);
  const rough = roughness(series);
  const rungs = ladder(horizon);
  const poolAt = (step: number) => forecasters(series, held, windows, step);
  const known = rungs.map((step) => intervalAt(series, step, poolAt, rough));
  return joined(rungs, known, horizon);
}

/**
 * Typical step over typical distance from the median: 0 for a straight line, about 1.4 for white noise. By means or by
 * medians, whichever is smaller: a single spike makes two large steps, and must not make a walk look rough.
 */
export function roughness(series: Float64Array): number {
  const middle = median(series);
  const distances = series.map((value) => Math.abs(value - middle));
  const steps = series.subarray(1).map((value, index) => Math.abs(value - at(series, index)));
  const byMedian = median(distances) > 0 ? median(steps) / median(distances) : Number.POSITIVE_INFINITY;
  return mean(distances) > 0 ? Math.min(mean(steps) / mean(distances), byMedian) : 0;
}

/** Each value, or where it is a spike the nearest value that is usual among the last dozen. */
function heldValues(series: Float64Array): Float64Array {
  const [low, high] = slidingQuantiles(series, 12, [0.15, 0.85]) as [Float64Array, Float64Array];
  return series.map((value, index) => Math.min(Math.max(value, at(low, index)), at(high, index)));
}

function forecasters(
  series: Float64Array,
  held: Float64Array,
  windows: readonly Forecaster[],
  step: number,
): Forecaster[] {
  return [
    [series, series, series],
    [held, held, held],
    ...windows,
    changesFrom(series, series, step),
    changesFrom(series, held, step),
  ];
}

/**
 * From `base` on as the series has changed in `step` steps so far. Where it is too short for that, shorter changes are
 * stretched: the series' own slope goes on in proportion to time, chance adds up by its root.
 */
function changesFrom(series: Float64Array, base: Float64Array, step: number): Forecaster {
  const lag = testable(series, step);
  const quantiles = slidingQuantiles(changesAfter(lag, series, base), Number.POSITIVE_INFINITY, SHARES);
  const middles = quantiles[1] ?? series;
  if (step === lag)
    return quantiles.map((changes) => changes.map((change, index) => at(base, index) + change));
  const [slopes] = slidingQuantiles(changesAfter(lag, series, series), Number.POSITIVE_INFINITY, [0.5]);
  const [further, chance] = [step / lag - 1, Math.sqrt(step / lag)];
  return quantiles.map((changes) =>
    changes.map((change, index) => {
      const middle = at(middles, index);
      return at(base, index) + middle + further * at(slopes ?? series, index) + (change - middle) * chance;
    }),
  );
}

/** Unknown (NaN) for the first `lag` moments. */
function changesAfter(lag: number, series: Float64Array, base: Float64Array): Float64Array {
  return series.map((value, index) => (index < lag ? NaN : value - at(base, index - lag)));
}

/** Steps that a third of the series has room for: what lies further ahead is tested, and its changes taken, this far. */
function testable(series: Float64Array, step: number): number {
  return Math.min(step, Math.max(1, Math.floor(series.length / 3)));
}

function intervalAt(
  series: Float64Array,
  step: number,
  poolAt: (step: number) => Forecaster[],
  rough: number,
): Interval {
  const tested = testable(series, step);
  const past = poolAt(tested);
  const now = tested === step ? past : poolAt(step);
  const rate = LEARNING_RATE * Math.sqrt(Math.max(0, series.length - firstTested(tested)));
  const [lo, middle, hi] = SHARES.map((share, end) => {
    const losses = past.map((forecaster) => backtested(series, forecaster[end] ?? series, tested, share));
    const weights = trust(losses, priorFor(rough, end === 1 ? "middle" : "ends"), rate);
    const said = now.map((forecaster) => at(forecaster[end] ?? series, series.length - 1));
    return weightedQuantile(said, weights, end === 0 ? 1 - CAUTION : end === 1 ? 0.5 : CAUTION);
  }) as [number, number, number];
  return [Math.min(lo, middle), middle, Math.max(hi, middle)];
}

/** Index of the first value whose forecast is tested: made when some changes over so many steps had been seen. */
function firstTested(step: number): number {
  return step + Math.max(FIRST_ORIGIN, step + 1);
}

/** Mean pinball loss of what was said `step` steps before. */
function backtested(series: Float64Array, said: Float64Array, step: number, share: number): number {
  let sum = 0;
  for (let index = firstTested(step); index < series.length; index++) {
    sum += pinball(at(series, index), at(said, index - step), share);
  }
  return sum / Math.max(1, series.length - firstTested(step));
}

function priorFor(rough: number, part: "middle" | "ends"): number[] {
  const level = Math.min(1, Math.max(0, (rough - WALKS) / (KEEPS_LEVEL - WALKS)));
  const [walk, keep] = [priors.walk[part], priors.level[part]];
  return walk.map(
    (weight, index) => ((1 - level) * weight) / total(walk) + (level * at(keep, index)) / total(keep),
  );
}

function total(weights: readonly number[]): number {
  return weights.reduce((sum, weight) => sum + weight, 0);
}

/** 1, 2, 3, 4, 5, 6, 8, 10, 13 and so on by a quarter, and the horizon itself. */
function ladder(horizon: number): number[] {
  const rungs: number[] = [];
  for (let step = 1; step < horizon; step = Math.max(step + 1, Math.round(step * 1.25))) rungs.push(step);
  return [...rungs, horizon];
}

function joined(rungs: readonly number[], known: readonly Interval[], horizon: number): Interval[] {
  const steps: Interval[] = [];
  for (let step = 1, rung = 0; step <= horizon; step++) {
    while (at(rungs, rung) < step) rung++;
    const [right, left] = [known[rung] as Interval, known[Math.max(0, rung - 1)] as Interval];
    const before = rung === 0 ? 0 : at(rungs, rung - 1);
    const reach = rung === 0 ? 1 : (step - before) / (at(rungs, rung) - before);
    steps.push(left.map((value, end) => value + reach * (at(right, end) - value)) as unknown as Interval);
  }
  return steps;
}
