// The level of a number over time, in constant memory: median and quartiles of each five minutes, and whether the
// level has moved for good. Slow and sure: three windows in a row far outside of everything of the hours before.

export interface NumberWindow {
  /** Start of the five minutes. */
  at: number;
  median: number;
  /** Quartiles: half of the values lie between them. */
  low: number;
  high: number;
  samples: number;
}

export interface LevelShift {
  /** Start of the first window on the new level. */
  since: number;
  before: number;
  after: number;
}

export interface NumberLevel {
  note(at: number, value: number): void;
  /** Oldest first; the one that goes on is not among them. */
  windows(): NumberWindow[];
  /** undefined: the level is what it was, or too little is known. */
  shift(now: number): LevelShift | undefined;
}

export const WINDOW_MS = 5 * 60_000;
/** Four hours. */
const KEPT = 48;
const RESERVOIR = 64;
export const FEWEST_SAMPLES = 5;
export const LASTING = 3;
export const ENOUGH_WINDOWS = 12;
const SURE = 6;
const RATIO = 1.5;
/** Of numbers one after the other that went up, in one that only counts. */
const COUNTER = 0.95;
/** A level of so long ago is the usual one by now. */
export const TOLD_MS = 4 * 3_600_000;

export function makeNumberLevel(): NumberLevel {
  const kept: NumberWindow[] = [];
  const samples = new Float64Array(RESERVOIR);
  let [slot, count] = [-1, 0];
  let [last, ups, downs] = [Number.NaN, 0, 0];
  let found: LevelShift | undefined;

  function close(): void {
    if (count >= FEWEST_SAMPLES) {
      kept.push(windowOf(slot * WINDOW_MS, samples.slice(0, Math.min(count, RESERVOIR)), count));
      if (kept.length > KEPT) kept.shift();
      if (isOver(found, kept)) found = undefined;
      if (ups + downs > 0 && ups < COUNTER * (ups + downs)) found ??= shiftOf(kept);
    }
    [ups, downs] = [ups * 0.9, downs * 0.9];
    count = 0;
  }

  return {
    note(at, value) {
      const current = Math.floor(at / WINDOW_MS);
      if (current > slot) {
        if (slot >= 0) close();
        slot = current;
      }
      if (current < slot) return; // late: its window is closed
      if (value > last) ups += 1;
      else if (value < last) downs += 1;
      last = value;
      const place = count < RESERVOIR ? count : Math.imul(count, 0x9e3779b1) >>> 0;
      const index = place < RESERVOIR ? place : place % (count + 1);
      if (index < RESERVOIR) samples[index] = value;
      count += 1;
    },
    windows: () => [...kept],
    shift: (now) => (found !== undefined && now - found.since < TOLD_MS ? found : undefined),
  };
}

function windowOf(at: number, values: Float64Array, samples: number): NumberWindow {
  const sorted = values.toSorted();
  return {
    at,
    median: quantile(sorted, 0.5),
    low: quantile(sorted, 0.25),
    high: quantile(sorted, 0.75),
    samples,
  };
}

function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = (sorted.length - 1) * share;
  const [below, above] = [sorted[Math.floor(place)] ?? 0, sorted[Math.ceil(place)] ?? 0];
  return below + (above - below) * (place - Math.floor(place));
}

const median = (values: readonly number[]): number =>
  quantile(
    values.toSorted((a, b) => a - b),
    0.5,
  );

/** The last three windows against those of the hours before. */
function shiftOf(windows: readonly NumberWindow[]): LevelShift | undefined {
  const recent = windows.slice(-LASTING);
  const base = windows.slice(0, -LASTING);
  const [first] = recent;
  if (base.length < ENOUGH_WINDOWS || first === undefined) return undefined;
  const medians = base.map((one) => one.median);
  const before = median(medians);
  const after = median(recent.map((one) => one.median));
  const up = after > before;
  const spread = median(base.map(({ low, high }) => high - low));
  const scatter = 1.4826 * median(medians.map((one) => Math.abs(one - before)));
  const noise = Math.max(scatter, 0.1 * spread, 0.02 * Math.abs(before), Number.MIN_VALUE);
  // Beyond the quartile of single values, beyond every window so far, and by a factor that somebody would notice.
  const edge = up
    ? Math.max(...medians, median(base.map(({ high }) => high)))
    : Math.min(...medians, median(base.map(({ low }) => low)));
  const beyond = recent.every((one) => {
    const step = up ? one.median - before : before - one.median;
    const outside = up ? one.median > edge : one.median < edge;
    return outside && step > SURE * noise && isOtherLevel(before, one.median);
  });
  return beyond ? { since: first.at, before, after } : undefined;
}

function isOtherLevel(before: number, after: number): boolean {
  if (before <= 0 || after <= 0) return Math.abs(after - before) > (RATIO - 1) * Math.abs(before);
  return Math.max(before / after, after / before) >= RATIO;
}

/** The last window is nearer to the old level than to the new one. */
function isOver(shift: LevelShift | undefined, windows: readonly NumberWindow[]): boolean {
  const last = windows.at(-1);
  if (shift === undefined || last === undefined) return false;
  if (last.at - shift.since >= TOLD_MS) return true;
  return Math.abs(last.median - shift.before) < Math.abs(last.median - shift.after);
}
