// Tells values apart coarsely, by how high they are in the range that the series usually covers.

export interface LevelsState {
  seen: number;
  /** Running estimates: 2 % of the values are below, 2 % above. */
  low: number;
  high: number;
  /** Mean distance from the middle of the two. */
  spread: number;
}

export interface Levels {
  /** 0 to 24: the usual range has eight levels, 8 to 15; as much again lies below and above. Learns from the value. */
  of(value: number): number;
  save(): LevelsState;
}

export const LEVELS = 25;
const USUAL = 8;
const OUTSIDE = 0.02;
/** How far an estimate moves at a point, in spreads: quickly at first. */
const STEP = 0.02;
const SPREAD_WEIGHT = 0.002;

export function makeLevels(saved?: LevelsState): Levels {
  let { seen, low, high, spread } = saved ?? { seen: 0, low: 0, high: 0, spread: 0 };

  /** Stochastic approximation of both quantiles (Robbins and Monro 1951). */
  function learn(value: number): void {
    if (seen === 0) low = high = value;
    seen += 1;
    spread += Math.max(SPREAD_WEIGHT, 1 / seen) * (Math.abs(value - (low + high) / 2) - spread);
    const step = Math.max(STEP, 2 / seen) * spread;
    const [far, near] = [step * (1 - OUTSIDE), step * OUTSIDE];
    low = value < low ? Math.max(value, low - far) : low + near;
    high = value > high ? Math.min(value, high + far) : high - near;
    high = Math.max(low, high);
  }

  return {
    of(value) {
      learn(value);
      const width = Math.max(high - low, 1e-6 * Math.abs(high), 1e-12);
      const level = Math.floor(((value - low) / width) * USUAL);
      return Math.max(-USUAL, Math.min(LEVELS - USUAL - 1, level)) + USUAL;
    },
    save: () => ({ seen, low, high, spread }),
  };
}
