// Keeps one absurd number (a counter's overflow, a broken unit) from drowning everything remembered.

export interface BoundsState {
  /** The first value, which all others are taken relative to, so that 32-bit floats tell them apart. */
  origin: number | null;
  low: number;
  high: number;
}

export interface Bounds {
  /** The value relative to the first one, at most a hundred times the range seen so far outside of it. */
  fit(value: number): number;
  origin(): number;
  save(): BoundsState;
}

const FARTHEST = 100;
/** Squares of this still fit into a number. */
const LARGEST = 1e30;

export function makeBounds(saved?: BoundsState): Bounds {
  let { origin, low, high } = saved ?? { origin: null, low: 0, high: 0 };

  return {
    fit(value) {
      const real = Math.max(-LARGEST, Math.min(LARGEST, value));
      origin ??= real;
      // A series that was constant may go anywhere once.
      const farthest = high > low ? FARTHEST * (high - low) : LARGEST;
      const fitted = Math.max(low - farthest, Math.min(high + farthest, real - origin));
      low = Math.min(low, fitted);
      high = Math.max(high, fitted);
      return fitted;
    },
    origin: () => origin ?? 0,
    save: () => ({ origin, low, high }),
  };
}
