// How rare is a number among all that were seen before it? Counts in bins whose widths grow with the number (as in
// DDSketch, Masson 2019), so that any unit and any spread fits in the same small state, and a Pareto tail (Hill 1975)
// beyond the largest of them: a series that is often wild has a heavy tail, and needs more to be surprising.

export interface RarityState {
  /** Number of the highest bin; null until something above zero was seen. */
  top: number | null;
  seen: number;
  /** [bins below the highest, count], the filled ones only. */
  counts: [number, number][];
}

export interface Rarity {
  /**
   * -log10 of the chance to see `size` (>= 0) or more, judged by what was added before: 0 is usual, 3 once in a
   * thousand. 0 until 30 were added; never above 12.
   */
  of(size: number): number;
  add(size: number): void;
  save(): RarityState;
}

const BINS = 256;
const LOG_WIDTH = Math.log(1.05);
const WARM_UP = 30;
const MOST_RARE = 12;
/** The share of the largest that makes up the tail, and its least count. */
const TAIL_SHARE = 0.02;
const TAIL_LEAST = 10;
/** No tail is thinner than this: constant series would call the smallest change a miracle. */
const THINNEST = 0.02;
/** When so many are counted, all counts are halved: what is usual may change. */
const FULL = 16_000;
/** One wild number moves the bins by a factor of a thousand at most, so that it cannot wipe out the others. */
const MOST_SHIFT = Math.round(Math.log(1_000) / LOG_WIDTH);

const middle = (bin: number) => Math.exp((bin + 0.5) * LOG_WIDTH);

export function makeRarity(saved?: RarityState): Rarity {
  const counts = new Float64Array(BINS);
  let top = saved?.top ?? undefined;
  let seen = saved?.seen ?? 0;
  for (const [below, count] of saved?.counts ?? []) counts[BINS - 1 - below] = count;
  let total = counts.reduce((sum, count) => sum + count, 0);

  /** The size in the middle of a bin; the lowest bin holds zero and all that is negligible. */
  const sizeAt = (index: number) => (index === 0 || top === undefined ? 0 : middle(top - BINS + 1 + index));

  function indexOf(size: number): number {
    if (top === undefined || !(size > 0)) return 0;
    return Math.max(0, Math.min(BINS - 1, Math.floor(Math.log(size) / LOG_WIDTH) - top + BINS - 1));
  }

  /** Walks down from the largest until `share` counts are passed. */
  function walkDown(share: number): { index: number; passed: number } {
    let passed = 0;
    for (let index = BINS - 1; index > 0; index--) {
      passed += counts[index] ?? 0;
      if (passed >= share) return { index, passed };
    }
    return { index: 0, passed: total };
  }

  function passedDownTo(index: number): number {
    let passed = 0;
    for (let at = BINS - 1; at >= index; at--) passed += counts[at] ?? 0;
    return passed;
  }

  /** Hill's estimate over the bins from `from` up, in units of `scale`. */
  function tailIndex(from: number, passed: number, scale: number): number {
    const least = sizeAt(from);
    let sum = 0;
    for (let at = BINS - 1; at > from; at--) {
      const count = counts[at] ?? 0;
      if (count > 0) sum += count * Math.log1p((sizeAt(at) - least) / scale);
    }
    return Math.max(sum / passed, THINNEST);
  }

  function of(size: number): number {
    if (seen < WARM_UP) return 0;
    const tail = walkDown(Math.max(TAIL_LEAST, TAIL_SHARE * total));
    const index = indexOf(size);
    const beginning = sizeAt(tail.index);
    if (index < tail.index || size <= beginning) return Math.log10((total + 1) / (passedDownTo(index) + 1));
    const largest = sizeAt(walkDown(1).index);
    const scale = Math.max(beginning - sizeAt(walkDown(total / 2).index), 0.02 * largest, Number.MIN_VALUE);
    const beyond = Math.log1p((size - beginning) / scale) / tailIndex(tail.index, tail.passed, scale);
    return Math.min(MOST_RARE, Math.log10(total / tail.passed) + beyond / Math.LN10);
  }

  function makeRoom(bin: number): void {
    top ??= bin;
    const shift = Math.min(bin - top, MOST_SHIFT);
    if (shift <= 0) return;
    let negligible = 0;
    for (let at = 0; at <= shift; at++) negligible += counts[at] ?? 0;
    counts.copyWithin(0, shift);
    counts.fill(0, BINS - shift);
    counts[0] = negligible;
    top += shift;
  }

  function halve(): void {
    for (let at = 0; at < BINS; at++) counts[at] = Math.floor((counts[at] ?? 0) / 2);
    total = counts.reduce((sum, count) => sum + count, 0);
  }

  return {
    of,
    add(size) {
      if (size > 0) makeRoom(Math.floor(Math.log(size) / LOG_WIDTH));
      const index = indexOf(size);
      counts[index] = (counts[index] ?? 0) + 1;
      seen += 1;
      total += 1;
      if (total >= FULL) halve();
    },
    save() {
      const filled = [...counts].map((count, at): [number, number] => [BINS - 1 - at, count]);
      return { top: top ?? null, seen, counts: filled.filter(([, count]) => count > 0) };
    },
  };
}
