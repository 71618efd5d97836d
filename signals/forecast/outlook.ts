// What the product asks about a metric: its next minutes or days, whether that can be believed, and when its limit is
// reached. Fifteen minutes for CPU, memory, latency and connections, days for disks: the same question, other seconds.
import { backtest, naiveForecasts } from "./backtest.ts";
import { type Forecast, forecast, type ForecastRequest } from "./forecast.ts";
import { rampToLimit } from "./ramp.ts";
import { at, median, withoutGaps } from "./series.ts";
import { type TimeToLimit, timeToLimit } from "./time-to-limit.ts";
import { type ForecastTrack, type Standing, standing, withForecast } from "./track.ts";

export interface Metric {
  /** Evenly spaced, oldest first; null or NaN where nothing was measured. */
  values: ArrayLike<number | null>;
  stepSeconds: number;
  limit?: number;
  trouble?: "above" | "below";
}

export interface Outlook {
  standing: Standing;
  /** Between the entries of `ahead`; coarser than the metric's own where one looks far ahead. */
  stepSeconds: number;
  /** Left out while silenced, and where there is no value at all. */
  ahead?: Forecast;
  /** Only for a metric with a limit; silenced with the forecast, but where a ramp has just begun. */
  untilLimit?: TimeLeft;
  /** The time to the limit is by the line of a ramp that has just begun: older forecasts' errors say nothing of it. */
  byRamp?: true;
}

/** From the newest value on; nine times in ten between `lo` and `hi`. */
export type TimeLeft = { seconds: number; lo: number; hi: number | "never" } | "never";

const DAY_SECONDS = 86_400;
/** Of how many steps a look ahead and a day consist at most: finer ones cost much and tell little more. */
const MOST_STEPS = 96;
/** Of the next days the line of the last hours says too little. */
const RAMP_SECONDS = 3_600;
/** Back-tested when no track is given. */
const ORIGINS = 12;

/** A look `aheadSeconds` far. With a track (see track.ts) the forecasts' own record decides, without one a back-test. */
export function outlook(metric: Metric, aheadSeconds: number, track?: ForecastTrack): Outlook {
  const request = requestFor(metric, aheadSeconds);
  const found = standing(track ?? backtest(request, ORIGINS));
  return outlookOf(metric, request, found, found.status === "silenced" ? undefined : forecast(request));
}

/**
 * The same look, and the track that knows what was foretold. `now` in milliseconds is the time of the newest value.
 * Forecasts go on while they are silenced, or their record could never become good again.
 */
export function trackedOutlook(
  metric: Metric,
  aheadSeconds: number,
  track: ForecastTrack,
  now: number,
): { outlook: Outlook; track: ForecastTrack } {
  const request = requestFor(metric, aheadSeconds);
  const { horizon, season = 1, stepSeconds } = request;
  const ahead = forecast(request);
  const series = withoutGaps(request.values);
  const [mean, lo, hi] = [ahead?.mean.at(-1), ahead?.lo.at(-1), ahead?.hi.at(-1)];
  const look = outlookOf(metric, request, standing(track), ahead);
  if (mean === undefined || lo === undefined || hi === undefined) return { outlook: look, track };
  const due = now + horizon * stepSeconds * 1_000;
  const naive = naiveForecasts(series, series.length, horizon, season);
  return { outlook: look, track: withForecast(track, { due, mean, lo, hi, naive }) };
}

function outlookOf(
  { limit, trouble = "above" }: Metric,
  { values, horizon, stepSeconds }: ForecastRequest & { stepSeconds: number },
  found: Standing,
  ahead: Forecast | undefined,
): Outlook {
  const isNear = limit !== undefined && horizon * stepSeconds <= RAMP_SECONDS;
  const ramp = isNear ? rampToLimit(withoutGaps(values), limit, { maxSteps: horizon, trouble }) : undefined;
  const byRamp = ramp && { untilLimit: inSeconds(ramp, stepSeconds), byRamp: true as const };
  if (found.status === "silenced") return { standing: found, stepSeconds, ...byRamp };
  const steps = limit === undefined ? undefined : timeToLimit(values, limit, { maxSteps: horizon, trouble });
  return {
    standing: found,
    stepSeconds,
    ...(ahead === undefined ? {} : { ahead }),
    ...(steps === undefined ? {} : { untilLimit: inSeconds(steps, stepSeconds) }),
    ...byRamp,
  };
}

/** The question in steps that suit its length, with a day as season where the steps divide one. */
export function requestFor(
  { values, stepSeconds }: Metric,
  aheadSeconds: number,
): ForecastRequest & { stepSeconds: number } {
  const factor = coarseness(stepSeconds, aheadSeconds);
  const step = factor * stepSeconds;
  const season = DAY_SECONDS / step;
  return {
    values: coarser(values, factor),
    horizon: Math.max(1, Math.ceil(aheadSeconds / step)),
    stepSeconds: step,
    ...(Number.isInteger(season) && season <= MOST_STEPS ? { season } : {}),
  };
}

/** So many steps become one; a few more where a day then has a whole number of them. */
function coarseness(stepSeconds: number, aheadSeconds: number): number {
  const least = Math.max(1, Math.ceil(aheadSeconds / stepSeconds / MOST_STEPS));
  for (let factor = least; factor < 2 * least; factor++) {
    if (DAY_SECONDS % (factor * stepSeconds) === 0) return factor;
  }
  return least;
}

/**
 * The median of each `factor` values, counted from the newest back; a part left over at the beginning is dropped. The
 * newest entry is the newest value itself: what is near its limit must not be said to be half a step behind.
 */
function coarser(values: ArrayLike<number | null>, factor: number): Float64Array {
  const series = withoutGaps(values);
  if (factor === 1) return series;
  const count = Math.floor(series.length / factor);
  const first = series.length - count * factor;
  return Float64Array.from({ length: count }, (_, index) => {
    if (index === count - 1) return at(series, series.length - 1);
    return median(series.subarray(first + index * factor, first + (index + 1) * factor));
  });
}

function inSeconds(found: TimeToLimit, stepSeconds: number): TimeLeft {
  if (found === "never") return "never";
  const hi = found.hi === "never" ? "never" : found.hi * stepSeconds;
  return { seconds: found.steps * stepSeconds, lo: found.lo * stepSeconds, hi };
}
