// When a disk is full, memory at its limit, the last connection taken: or that it will not be, as far as one can see.
import { firstPassage } from "./first-passage.ts";
import { at, withoutGaps } from "./series.ts";

/** Steps from the newest value on. `hi` is "never" where it may well not happen at all. */
export type TimeToLimit = { steps: number; lo: number; hi: number | "never" } | "never";

export interface LimitQuestion {
  /** How far to look; a third of the history unless told. */
  maxSteps?: number;
  /** Which side of the limit is trouble: a disk's free space is trouble below. */
  trouble?: "above" | "below";
}

/**
 * From here on a yes is the better answer: a warning too many costs less than a full disk, and a share near 0.4 is where
 * precision and recall of "will be reached" balance (half of the F measure that can be hoped for, Lipton 2014).
 */
const LIKELY = 0.4;
/** In gaps to the limit; further away no number needs to be exact. */
const FURTHEST = 1e9;
/** More history tells little of the next days, and costs. */
const MEMORY = 1_000;

/** Nine times in ten between `lo` and `hi`; `steps` is 0 when the limit is reached already. */
export function timeToLimit(
  values: ArrayLike<number | null>,
  limit: number,
  question: LimitQuestion = {},
): TimeToLimit {
  const { trouble = "above" } = question;
  const sign = trouble === "above" ? 1 : -1;
  const series = withoutGaps(values)
    .subarray(-MEMORY)
    .map((value) => sign * value);
  const maxSteps = question.maxSteps ?? Math.ceil(series.length / 3);
  const gap = sign * limit - at(series, series.length - 1);
  if (series.length === 0 || Number.isNaN(gap)) return "never";
  if (gap <= 0) return { steps: 0, lo: 0, hi: 0 };
  if (series.length < 2 || maxSteps < 1) return "never";
  const last = at(series, series.length - 1);
  const inGaps = series.map((value) => Math.max(-FURTHEST, Math.min(FURTHEST, (value - last) / gap)));
  return read(firstPassage(inGaps, 1, maxSteps));
}

function read(probability: Float64Array): TimeToLimit {
  if (at(probability, probability.length - 1) < LIKELY) return "never";
  const step = (share: number) => probability.findIndex((value) => value >= share) + 1;
  // Likely, but as likely later than one can see: the last step that can be named.
  const steps = step(0.5) || probability.length;
  return { steps, lo: step(0.05), hi: step(0.95) || "never" };
}
