// Series made up for the tests of forecasts.
import type { Forecast } from "../../signals/forecast/forecast.ts";

/** About normal, mean 0, deviation 1; the same for the same seed. */
export function noise(count: number, seed: number): number[] {
  let state = seed >>> 0;
  const uniform = () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
  for (let skip = 0; skip < 20; skip++) uniform();
  return Array.from({ length: count }, () => {
    return Array.from({ length: 12 }, uniform).reduce((sum, value) => sum + value, 0) - 6;
  });
}

/** A day that goes up and down around 100. */
export function wave(count: number, season: number): number[] {
  return Array.from({ length: count }, (_, index) => 100 + 10 * Math.sin((2 * Math.PI * index) / season));
}

/** Mean width of the interval. */
export function spread({ lo, hi }: Forecast): number {
  return hi.reduce((sum, value, step) => sum + value - (lo[step] ?? 0), 0) / hi.length;
}
