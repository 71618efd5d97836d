// What the series showed at the same time of day before: means of a quarter of an hour (or of the series' own step,
// when that is longer) of the last two weeks. Daily and weekly rhythms are what operations has; a series without any
// gets something like its median.
import { floatsToText, textToFloats } from "./floats.ts";

export interface SeasonState {
  /** Buckets a day. */
  perDay: number;
  /** Number of the newest bucket since 1970; -1 before the first. */
  newest: number;
  /** Points in the newest bucket. */
  points: number;
  /** Floats (floats.ts), the newest bucket last; NaN where nothing came. */
  means: string;
}

export interface Season {
  /**
   * What to expect at `time` (seconds): the median of the same time on the last seven days, or the value one or two
   * weeks ago where that is nearer to `level`; undefined on the first day.
   */
  expected(time: number, level: number): number | undefined;
  add(time: number, value: number): void;
  save(): SeasonState;
}

const DAY = 86_400;
const BUCKETS_A_DAY = 96;
const DAYS = 14;
const DAYS_OF_MEDIAN = 7;

/** Buckets a day that suit a series with a point every `stepSeconds`. */
export function bucketsPerDay(stepSeconds: number): number {
  return Math.max(1, Math.min(BUCKETS_A_DAY, Math.floor(DAY / stepSeconds)));
}

export function makeSeason(given: { perDay: number } | SeasonState): Season {
  const { perDay } = given;
  const saved = "means" in given ? given : undefined;
  const size = DAYS * perDay + 2;
  const means = new Float32Array(size).fill(Number.NaN);
  let newest = saved?.newest ?? -1;
  let points = saved?.points ?? 0;
  const known = textToFloats(saved?.means ?? "");
  known.forEach((mean, at) => (means[slotOf(newest - known.length + 1 + at)] = mean));

  function slotOf(bucket: number): number {
    return ((bucket % size) + size) % size;
  }

  function meanOf(bucket: number): number {
    return bucket <= newest && bucket > newest - size ? (means[slotOf(bucket)] ?? Number.NaN) : Number.NaN;
  }

  /** Between the middles of two buckets; NaN when both are empty. */
  function valueAt(time: number): number {
    const place = (time / DAY) * perDay - 0.5;
    const before = meanOf(Math.floor(place));
    const after = meanOf(Math.floor(place) + 1);
    if (Number.isNaN(before)) return after;
    return Number.isNaN(after) ? before : before + (place - Math.floor(place)) * (after - before);
  }

  /** Empties the buckets that nothing came into. */
  function moveTo(bucket: number): void {
    if (newest < 0 || bucket - newest >= size) {
      means.fill(Number.NaN);
      newest = bucket - 1;
    }
    while (newest < bucket) {
      newest += 1;
      means[slotOf(newest)] = Number.NaN;
      points = 0;
    }
  }

  return {
    expected(time, level) {
      const days: number[] = [];
      for (let day = 1; day <= DAYS_OF_MEDIAN; day++) {
        const value = valueAt(time - day * DAY);
        if (!Number.isNaN(value)) days.push(value);
      }
      if (days.length === 0) return undefined;
      let nearest = days.sort((a, b) => a - b)[days.length >> 1] ?? level;
      for (const days of [7, 14]) {
        const value = valueAt(time - days * DAY);
        if (Math.abs(value - level) < Math.abs(nearest - level)) nearest = value;
      }
      return nearest;
    },
    add(time, value) {
      const bucket = Math.floor((time / DAY) * perDay);
      if (bucket > newest) moveTo(bucket);
      points += 1;
      const slot = slotOf(newest);
      const mean = means[slot] ?? Number.NaN;
      means[slot] = points === 1 || Number.isNaN(mean) ? value : mean + (value - mean) / points;
    },
    save() {
      const inOrder = Float32Array.from({ length: size }, (_, at) => meanOf(newest - size + 1 + at));
      const first = inOrder.findIndex((mean) => !Number.isNaN(mean));
      return { perDay, newest, points, means: first < 0 ? "" : floatsToText(inOrder.subarray(first)) };
    },
  };
}
