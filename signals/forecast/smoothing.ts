// Exponential smoothing with one or two seasons, one in the other.
import type { PathForecaster } from "./path.ts";
import { at, mean } from "./series.ts";

export interface SmoothingRates {
  level: number;
  /** Of the short season, such as a day. */
  short: number;
  /** Of the long season, such as a week; unused without one. */
  long: number;
}

interface Smoothed {
  level: number;
  short: Float64Array;
  long: Float64Array;
  /** The last error, how much of an error is left one step later, and what that is computed from. */
  error: number;
  carry: number;
  products: number;
  squares: number;
}

/** How slowly the carried share of the error is learned, per step. */
const CARRY_MEMORY = 0.998;
/** A long season is taken over from only two cycles, so a part of it is chance. */
const FIRST_CYCLES = 0.7;

/**
 * Additive double seasonal exponential smoothing with an autoregressive error (Taylor, "Short-term electricity demand
 * forecasting using double seasonal exponential smoothing", JORS 54, 2003); without `long` Holt-Winters without trend.
 */
export function seasonalSmoothing(
  rates: SmoothingRates,
  short: number,
  long: number | undefined,
): PathForecaster {
  return (history, horizon) => {
    if (history.length < 2 * (long ?? short)) return undefined;
    const state = begin(history, short, long);
    for (let time = 0; time < history.length; time++) update(state, rates, time, at(history, time));
    return Float64Array.from({ length: horizon }, (_, step) => {
      const time = history.length + step;
      return expected(state, time) + state.error * state.carry ** (step + 1);
    });
  };
}

function begin(history: Float64Array, short: number, long: number | undefined): Smoothed {
  const first = history.subarray(0, 2 * (long ?? short));
  const level = mean(first);
  const state: Smoothed = {
    level,
    short: new Float64Array(short),
    long: new Float64Array(long ?? 1),
    error: 0,
    carry: 0.5,
    products: 0,
    squares: 1e-9,
  };
  state.short.set(phaseMeans(first, short, () => level));
  if (long === undefined) return state;
  const rest = phaseMeans(first, long, (time) => level + at(state.short, time % short));
  state.long.set(rest.map((value) => value * FIRST_CYCLES));
  return state;
}

function phaseMeans(
  values: Float64Array,
  season: number,
  expectedAt: (time: number) => number,
): Float64Array {
  const sums = new Float64Array(season);
  const cycles = values.length / season;
  for (let time = 0; time < values.length; time++) {
    sums[time % season] = at(sums, time % season) + (at(values, time) - expectedAt(time)) / cycles;
  }
  return sums;
}

function expected({ level, short, long }: Smoothed, time: number): number {
  return level + at(short, time % short.length) + (long.length > 1 ? at(long, time % long.length) : 0);
}

function update(state: Smoothed, rates: SmoothingRates, time: number, value: number): void {
  const raw = value - expected(state, time);
  state.products = CARRY_MEMORY * state.products + raw * state.error;
  state.squares = CARRY_MEMORY * state.squares + state.error ** 2;
  state.carry = Math.min(0.98, Math.max(0, state.products / state.squares));
  const surprise = raw - state.carry * state.error;
  const [day, week] = [time % state.short.length, time % state.long.length];
  state.level += rates.level * surprise;
  state.short[day] = at(state.short, day) + rates.short * surprise;
  if (state.long.length > 1) state.long[week] = at(state.long, week) + rates.long * surprise;
  state.error = value - expected(state, time);
}
