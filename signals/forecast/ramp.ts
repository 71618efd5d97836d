// A ramp that has just begun: a series that kept its level and now rises along a line. What was foretold before it began
// says nothing of it, so it is read by its own line.
import { at, median } from "./series.ts";
import type { TimeToLimit } from "./time-to-limit.ts";

/** Values of the ramp itself, and of the level before it. */
const SHORTEST = 10;
const LONGEST = 60;
const LEVEL = 30;
const FEWEST_BEFORE = 12;
/** The ramp's values lie this near to its line, in its whole rise. */
const CLEAN = 0.05;
/** It rises by so many spreads of the level before it, and so many times as far as anything that the level did. */
const SPREADS = 6;
const EXCURSIONS = 3;
const NORMAL = 1.4826;
/** A line is not drawn further than this many of its own lengths. */
const FURTHEST = 2;

interface Ramp {
  values: number;
  /** Per step. */
  slope: number;
  /** Where the line is now. */
  height: number;
  /** Standard deviation of the values around the line. */
  rough: number;
}

/** undefined where the newest values are no clean line, or rise no further than the level before them used to. */
export function newRamp(series: Float64Array): Ramp | undefined {
  let cleanest: Ramp | undefined;
  for (let length = Math.min(LONGEST, series.length - FEWEST_BEFORE); length >= SHORTEST; length--) {
    const ramp = lineThrough(series.subarray(series.length - length));
    const rise = ramp.slope * (length - 1);
    if (!(rise > 0) || ramp.rough > CLEAN * rise || roughness(ramp) >= roughness(cleanest)) continue;
    const before = series.subarray(Math.max(0, series.length - length - LEVEL), series.length - length);
    if (leaves(before, rise, at(series, series.length - 1))) cleanest = ramp;
  }
  return cleanest;
}

/** In the whole rise: least where all of the ramp, and nothing of the level before it, is in the line. */
function roughness(ramp: Ramp | undefined): number {
  return ramp === undefined ? Number.POSITIVE_INFINITY : ramp.rough / (ramp.slope * (ramp.values - 1));
}

/**
 * When the line of a new ramp reaches the limit; undefined where there is no such ramp, or it is too short to say that
 * within `maxSteps`. A ramp down is one of the mirrored series, for what is trouble below.
 */
export function rampToLimit(
  series: Float64Array,
  limit: number,
  { maxSteps, trouble = "above" }: { maxSteps: number; trouble?: "above" | "below" },
): Exclude<TimeToLimit, "never"> | undefined {
  const sign = trouble === "above" ? 1 : -1;
  const ramp = newRamp(series.map((value) => sign * value));
  if (ramp === undefined) return undefined;
  const { values, slope, height, rough } = ramp;
  const gap = sign * limit - height;
  const steps = Math.ceil(gap / slope);
  if (!(gap > 0) || steps > Math.min(maxSteps, FURTHEST * values)) return undefined;
  // Of a least-squares slope over evenly spaced values.
  const unsure = 2 * rough * Math.sqrt(12 / (values * (values ** 2 - 1)));
  const lo = Math.max(1, Math.floor((gap - 2 * rough) / (slope + unsure)));
  const hi = Math.ceil((gap + 2 * rough) / Math.max(slope / 2, slope - unsure));
  return { steps, lo: Math.min(lo, steps), hi: Math.max(hi, steps) };
}

function leaves(before: Float64Array, rise: number, last: number): boolean {
  const level = median(before);
  const spread = NORMAL * median(before.map((value) => Math.abs(value - level)));
  const highest = before.reduce((most, value) => Math.max(most, value), Number.NEGATIVE_INFINITY);
  return last > highest && rise >= SPREADS * spread && rise >= EXCURSIONS * (highest - level);
}

function lineThrough(values: Float64Array): Ramp {
  const count = values.length;
  const middle = (count - 1) / 2;
  const mean = values.reduce((sum, value) => sum + value, 0) / count;
  const over = values.reduce((sum, value, index) => sum + (index - middle) * (value - mean), 0);
  const slope = over / ((count * (count ** 2 - 1)) / 12);
  const squares = values.reduce((sum, value, index) => {
    return sum + (value - mean - slope * (index - middle)) ** 2;
  }, 0);
  return { values: count, slope, height: mean + slope * middle, rough: Math.sqrt(squares / (count - 2)) };
}
