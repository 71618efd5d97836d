// What a metric will be: the next values of a series, with an interval that should hold 9 values in 10.
import { at, mean, median, withoutGaps } from "./series.ts";
import { seasonalForecast } from "./seasonal.ts";
import { type Interval, steadyForecast } from "./steady.ts";

export interface ForecastRequest {
  /** Evenly spaced, oldest first; null or NaN where nothing was measured. */
  values: ArrayLike<number | null>;
  /** How many steps ahead. */
  horizon: number;
  /** Steps in one cycle, such as 24 for hourly values with a day; 1 or nothing where there is none. */
  season?: number;
  /** Seconds between values; tells whether a season is a day, and so may lie in a week. */
  stepSeconds?: number;
}

/** Three arrays of the length of the horizon; lo ≤ mean ≤ hi. The middle is a median: it has the least absolute error. */
export interface Forecast {
  mean: number[];
  lo: number[];
  hi: number[];
}

const DAY_SECONDS = 86_400;

/** undefined without a single value. The same function for every metric: only the arguments tell them apart. */
export function forecast(request: ForecastRequest): Forecast | undefined {
  const { horizon, season = 1, stepSeconds } = request;
  const series = withoutGaps(request.values);
  if (series.length === 0) return undefined;
  const centre = median(series);
  const spread = mean(series.map((value) => Math.abs(value - centre))) || 1;
  const standard = series.map((value) => (value - centre) / spread);
  const long = season * (stepSeconds ?? 0) === DAY_SECONDS ? 7 * season : undefined;
  const seasonal = season > 1 ? seasonalForecast(standard, horizon, season, long) : undefined;
  const steps = seasonal ?? steadyForecast(standard, horizon);
  const back = (end: 0 | 1 | 2) => steps.map((interval: Interval) => centre + spread * at(interval, end));
  const middle = back(1);
  // Rounding of the smallest numbers must not turn the order round.
  const lo = back(0).map((value, step) => Math.min(value, at(middle, step)));
  const hi = back(2).map((value, step) => Math.max(value, at(middle, step)));
  return { mean: middle, lo, hi };
}
