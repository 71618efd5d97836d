// The forecasts that would have been made in a series' own past, judged by what came: what a new track begins with.
import { forecast, type ForecastRequest } from "./forecast.ts";
import { at, withoutGaps } from "./series.ts";
import { judge, type Judged, newTrack, type ForecastTrack, standing, type Standing } from "./track.ts";

export interface Backtest extends Standing {
  /** Oldest first, each for the last step of the horizon. */
  judged: Judged[];
}

/** A forecast from fewer values says little about later ones. */
const FEWEST_VALUES = 12;

/**
 * Rolling-origin evaluation (Tashman 2000): at each of the last `origins` moments that are a horizon or more old, a
 * forecast is made from what was known then. Costs as much as that many forecasts. No forecast sees what it is judged by.
 */
export function backtest(request: ForecastRequest, origins = 20): Backtest {
  const { horizon, season = 1 } = request;
  const series = withoutGaps(request.values);
  const newest = series.length - horizon;
  const oldest = Math.max(FEWEST_VALUES, newest - origins + 1);
  const judged: Judged[] = [];
  for (let known = oldest; known <= newest; known++) {
    const found = forecast({ ...request, values: series.subarray(0, known) });
    if (found === undefined) continue;
    const [mean = 0, lo = 0, hi = 0] = [found.mean.at(-1), found.lo.at(-1), found.hi.at(-1)];
    judged.push(
      judge(
        { mean, lo, hi, naive: naiveForecasts(series, known, horizon, season) },
        at(series, known + horizon - 1),
      ),
    );
  }
  return { judged, ...standing({ judged }) };
}

/** The last value, and where a season is known and seen the value at the same phase of the newest whole season. */
export function naiveForecasts(
  series: Float64Array,
  known: number,
  horizon: number,
  season: number,
): [number, ...number[]] {
  const last = at(series, known - 1);
  if (season <= 1 || known < season) return [last];
  return [last, at(series, known - season + ((horizon - 1) % season))];
}

/** A track that already knows the past of the series, so that a restart or a new service need not wait. */
export function trackFrom({ judged }: Pick<Backtest, "judged">): ForecastTrack {
  return { ...newTrack, judged };
}
