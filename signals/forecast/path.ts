// What every forecaster of whole paths looks like, and the plainest of them.
import { at, mean, median } from "./series.ts";

/** Says the next `horizon` values of a history; undefined where the history is too short for it. */
export type PathForecaster = (history: Float64Array, horizon: number) => Float64Array | undefined;

/** The same phase of the last `cycles` seasons, their mean or median: with one cycle the seasonal naive forecast. */
export function samePhase(
  season: number,
  cycles: number,
  middle: typeof mean | typeof median,
): PathForecaster {
  return (history, horizon) => {
    if (history.length < season * cycles) return undefined;
    return Float64Array.from({ length: horizon }, (_, step) => {
      const newest = history.length - season + (step % season);
      return middle(Array.from({ length: cycles }, (_, back) => at(history, newest - back * season)));
    });
  };
}

/** The newest season again, moved on by the mean change from season to season; with a season of 1 a straight line. */
export function drifting(season: number): PathForecaster {
  return (history, horizon) => {
    if (history.length < 2 * season) return undefined;
    const changes = history.subarray(season).map((value, index) => value - at(history, index));
    const drift = mean(changes);
    return Float64Array.from({ length: horizon }, (_, step) => {
      const cycles = Math.floor(step / season) + 1;
      return at(history, history.length - season + (step % season)) + cycles * drift;
    });
  };
}

/** The median of the last `window` values, whatever the hour: for a series whose season is none. */
export function flat(window: number): PathForecaster {
  return (history, horizon) => new Float64Array(horizon).fill(median(history.subarray(-window)));
}
