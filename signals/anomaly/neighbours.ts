// Was the series ever in a situation like this one? A situation is the last 64 values, finely for the newest and
// coarsely for the older ones; its strangeness is the distance to the nearest remembered ones (as in KNN-CAD, Burnaev
// and Ishimtsev 2016, and in discords). What repeats, in whatever shape and rhythm, is near to something.
import { floatsToText, textToFloats } from "./floats.ts";

export interface NeighboursState {
  /** Points between two remembered situations. */
  every: number;
  /** One after the other, seven floats each (floats.ts). */
  situations: string;
}

/** The newest comes first; gives the value `back` points ago, for 0 <= back < 128. */
export type Recent = (back: number) => number;

export interface Neighbours {
  /** Mean distance from the newest situation to the three nearest remembered ones; 0 when there is none. */
  distance(recent: Recent): number;
  /** Remembers the situation that ended 64 points ago, so that none is ever compared with itself. */
  remember(recent: Recent, index: number): void;
  save(): NeighboursState;
}

/** Points, from the newest: each block's mean is one coordinate. */
const BLOCKS = [1, 1, 2, 4, 8, 16, 32] as const;
const SIZE = BLOCKS.length;
const SITUATION_POINTS = 64;
/** When so many are remembered, every second one is forgotten, and half as many are added from then on. */
const MOST = 1_024;

export function makeNeighbours(saved?: NeighboursState): Neighbours {
  const remembered = new Float32Array((MOST + 1) * SIZE);
  const now = new Float64Array(SIZE);
  let every = saved?.every ?? 1;
  let count = 0;
  if (saved !== undefined) {
    const floats = textToFloats(saved.situations);
    count = Math.min(MOST, Math.floor(floats.length / SIZE));
    remembered.set(floats.subarray(0, count * SIZE));
  }

  function squaredDistance(start: number, limit: number): number {
    let sum = 0;
    for (let at = 0; at < SIZE && sum < limit; at++) {
      const difference = (now[at] ?? 0) - (remembered[start + at] ?? 0);
      sum += difference * difference;
    }
    return sum;
  }

  /** One point of each `every`, at no fixed place: a fixed one would see only some phases of a rhythm. */
  function isChosen(index: number): boolean {
    const hash = Math.imul(Math.floor(index / every) + 1, 0x9e3779b1) >>> 8;
    return index % every === hash % every;
  }

  function thinOut(): void {
    count = Math.ceil(count / 2);
    for (let at = 0; at < count; at++) remembered.copyWithin(at * SIZE, at * 2 * SIZE, (at * 2 + 1) * SIZE);
    every *= 2;
  }

  return {
    distance(recent) {
      describe(recent, 0, now);
      let [first, second, third] = [Infinity, Infinity, Infinity];
      for (let at = 0; at < count; at++) {
        const squared = squaredDistance(at * SIZE, third);
        if (squared >= third) continue;
        if (squared < first) [first, second, third] = [squared, first, second];
        else if (squared < second) [second, third] = [squared, second];
        else third = squared;
      }
      const found = [first, second, third].filter(Number.isFinite).map(Math.sqrt);
      return found.reduce((sum, one) => sum + one, 0) / Math.max(1, found.length);
    },
    remember(recent, index) {
      if (!isChosen(index)) return;
      describe(recent, SITUATION_POINTS, now);
      remembered.set(now, count * SIZE);
      count += 1;
      if (count > MOST) thinOut();
    },
    save: () => ({ every, situations: floatsToText(remembered.subarray(0, count * SIZE)) }),
  };
}

/** The situation that ended `back` points ago, into `out`. */
function describe(recent: Recent, back: number, out: Float64Array): void {
  let from = back;
  BLOCKS.forEach((length, coordinate) => {
    let sum = 0;
    for (let at = 0; at < length; at++) sum += recent(from + at);
    out[coordinate] = sum / length;
    from += length;
  });
}
