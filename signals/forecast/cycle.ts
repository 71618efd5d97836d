// A cycle that a series shows by itself: backups each night, clean-ups each week, whatever the clock says.
import { at, mean } from "./series.ts";

export interface Cycle {
  /** In steps. */
  period: number;
  /** Correlation of the changes with those one period before, 0 to 1. */
  strength: number;
}

/** Shorter cycles are taken for noise. */
const SHORTEST = 8;
/** A cycle must have been seen one and a half times. */
const LONGEST_SHARE = 2 / 3;
/** A longer one must be so much stronger: each multiple of a cycle is as good as itself. */
const CLEARLY = 0.05;

/** The period, up to two thirds of the history, at which the changes repeat themselves best; undefined without one. */
export function strongestCycle(changes: Float64Array): Cycle | undefined {
  const average = mean(changes);
  const centred = changes.map((change) => change - average);
  const longest = Math.floor((centred.length + 1) * LONGEST_SHARE);
  let [before, here] = [0, correlation(centred, SHORTEST - 1)];
  let best: Cycle | undefined;
  for (let period = SHORTEST; period <= longest; period++) {
    const after = correlation(centred, period);
    const peak = here >= before && here >= after && period > SHORTEST;
    if (peak && here > (best ? best.strength + CLEARLY : 0)) best = { period: period - 1, strength: here };
    [before, here] = [here, after];
  }
  return best;
}

function correlation(centred: Float64Array, lag: number): number {
  let [product, now, then] = [0, 0, 0];
  for (let time = lag; time < centred.length; time++) {
    const [a, b] = [at(centred, time), at(centred, time - lag)];
    product += a * b;
    now += a * a;
    then += b * b;
  }
  return now > 0 && then > 0 ? product / Math.sqrt(now * then) : 0;
}
