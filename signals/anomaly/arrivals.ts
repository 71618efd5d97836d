// When points come: the series' own step, and whether it has been silent for too long.
import { makeRarity, type RarityState } from "./rarity.ts";

export interface ArrivalsState {
  /** Time of the first point in seconds; null before it. */
  began: number | null;
  /** Time of the newest point in seconds; null before the first. */
  last: number | null;
  /** The first intervals in seconds, until the step is known from them. */
  first: number[];
  intervals: RarityState;
}

export interface Arrivals {
  /** Notes a point; gives its time, never earlier than the one before. */
  add(time: number): number;
  /** Seconds between points; undefined until 16 intervals were seen. */
  step(): number | undefined;
  /** Seconds from the first point to the newest. */
  age(): number;
  /** -log10 of the chance of a silence three times shorter than the one until `now`. */
  strengthOfSilence(now: number): number;
  save(): ArrivalsState;
}

const NEEDED = 16;
/** A single late point is no absence. */
const PATIENCE = 3;

export function makeArrivals(stepSeconds: number | undefined, saved?: ArrivalsState): Arrivals {
  const intervals = makeRarity(saved?.intervals);
  const first = [...(saved?.first ?? [])];
  let began = saved?.began ?? undefined;
  let last = saved?.last ?? undefined;

  let known = stepSeconds;

  function step(): number | undefined {
    if (known === undefined && first.length >= NEEDED) known = first.toSorted((a, b) => a - b)[NEEDED >> 1];
    return known;
  }

  return {
    add(time) {
      if (last !== undefined && time > last) {
        intervals.add(time - last);
        if (first.length < NEEDED) first.push(time - last);
      }
      began ??= time;
      last = Math.max(last ?? time, time);
      return last;
    },
    step,
    age: () => (last ?? 0) - (began ?? 0),
    strengthOfSilence(now) {
      if (last === undefined) return 0;
      return intervals.of(Math.max(0, now - last) / PATIENCE);
    },
    save: () => ({ began: began ?? null, last: last ?? null, first, intervals: intervals.save() }),
  };
}
