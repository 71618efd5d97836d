// Forecasts of a series with a season, and perhaps a longer one around it: a pool of path forecasters, each trusted by
// its error from several moments of the past, joined by their weighted median.
import { autoregression } from "./autoregression.ts";
import { drifting, flat, type PathForecaster, samePhase } from "./path.ts";
import { trust } from "./pool.ts";
import { at, mean, median, quantile, weightedQuantile } from "./series.ts";
import { seasonalSmoothing } from "./smoothing.ts";
import type { Interval } from "./steady.ts";

/** From so many moments of the past the pool is tested. */
const ORIGINS = 10;
const LEARNING_RATE = 3;
/** The errors behind the interval were made by weights that had seen them; new ones are this much larger. */
const CAUTION = 1.4;

/** Of a long history the newest so many of its longest seasons, or values if that is more. */
const SEASONS_KEPT = 6;
const VALUES_KEPT = 1_000;

/** undefined where the history is too short to test a season on it. */
export function seasonalForecast(
  series: Float64Array,
  horizon: number,
  season: number,
  long: number | undefined,
): Interval[] | undefined {
  if (series.length < 3 * season + horizon) return undefined;
  const usableLong = long !== undefined && series.length >= 3 * long + horizon ? long : undefined;
  const history = series.subarray(-Math.max(VALUES_KEPT, SEASONS_KEPT * (usableLong ?? season) + horizon));
  const pool = poolFor(season, usableLong);
  const tests = pastTests(history, horizon, season, pool);
  const now = pool.map((forecaster) => forecaster(history, horizon));
  const weights = trustIn(tests, now);
  const errors = tests.map(({ actual, said }) =>
    joined(said, weights, horizon).map((value, step) => at(actual, step) - value),
  );
  return Array.from(joined(now, weights, horizon), (middle, step) => around(middle, step, errors, season));
}

function poolFor(season: number, long: number | undefined): PathForecaster[] {
  const day = [season - 1, season, season + 1];
  const days = [1, 2, 3, ...day, 2 * season, 3 * season];
  const smoothing = (level: number, short: number, outer: number, around: number | undefined) =>
    seasonalSmoothing({ level, short, long: outer }, season, around);
  const daily = [
    samePhase(season, 1, mean),
    samePhase(season, 3, median),
    flat(season),
    drifting(1),
    drifting(season),
    smoothing(0.05, 0.3, 0, undefined),
    smoothing(0.3, 0.3, 0, undefined),
    autoregression({ lags: days, ridge: 1 }),
    autoregression({ lags: [1, 2, 3, season, season + 1, 2 * season], ridge: 3, difference: season }),
  ];
  if (long === undefined) return daily;
  const week = [long - 1, long, long + 1];
  const all = [...days, 2 * season - 1, 2 * season + 1, 4 * season, 5 * season, 6 * season, ...week];
  return [
    ...daily,
    samePhase(long, 1, mean),
    samePhase(long, 3, median),
    smoothing(0.02, 0.2, 0.2, long),
    smoothing(0.05, 0.1, 0.3, long),
    smoothing(0.01, 0.05, 0.1, long),
    autoregression({ lags: all, ridge: 3, halfLife: 2 * long }),
    autoregression({ lags: [...days, 6 * season, long], ridge: 3, difference: season }),
    autoregression({ lags: days, ridge: 3, difference: long }),
  ];
}

interface PastTest {
  actual: Float64Array;
  said: (Float64Array | undefined)[];
}

/** Newest first, one season apart; fewer where the history ends. */
function pastTests(
  history: Float64Array,
  horizon: number,
  season: number,
  pool: readonly PathForecaster[],
): PastTest[] {
  const tests: PastTest[] = [];
  for (let back = 0; back < ORIGINS; back++) {
    const origin = history.length - horizon - back * season;
    if (origin < 2 * season) break;
    const before = history.subarray(0, origin);
    tests.push({
      actual: history.subarray(origin, origin + horizon),
      said: pool.map((forecaster) => forecaster(before, horizon)),
    });
  }
  return tests;
}

/** None for a forecaster that had nothing to say once. */
function trustIn(tests: readonly PastTest[], now: readonly (Float64Array | undefined)[]): number[] {
  const losses = now.map((path, index) => {
    const said = tests.map((test) => test.said[index]);
    if (path === undefined || said.includes(undefined)) return Number.POSITIVE_INFINITY;
    return mean(tests.map(({ actual }, test) => distance(actual, said[test] as Float64Array)));
  });
  const usable = losses.filter(Number.isFinite);
  const weights = trust(
    usable,
    usable.map(() => 1),
    LEARNING_RATE,
  );
  return losses.map((loss) => (Number.isFinite(loss) ? (weights.shift() ?? 0) : 0));
}

function distance(actual: Float64Array, said: Float64Array): number {
  return mean(actual.map((value, step) => Math.abs(value - at(said, step))));
}

function joined(
  paths: readonly (Float64Array | undefined)[],
  weights: readonly number[],
  horizon: number,
): Float64Array {
  return Float64Array.from({ length: horizon }, (_, step) => {
    const said = paths.map((path) => (path === undefined ? 0 : at(path, step)));
    return weightedQuantile(said, weights, 0.5);
  });
}

/** The interval from the errors at this step and its neighbours a sixth of a season around. */
function around(middle: number, step: number, errors: readonly Float64Array[], season: number): Interval {
  const reach = Math.ceil(season / 6);
  const near = errors.flatMap((path) =>
    Array.from(path.subarray(Math.max(0, step - reach), step + reach + 1)),
  );
  const sorted = Float64Array.from(near).sort();
  const [low, high] = [quantile(sorted, 0.05) * CAUTION, quantile(sorted, 0.95) * CAUTION];
  return [middle + Math.min(0, low), middle, middle + Math.max(0, high)];
}
