// A value that no longer moves: a stuck sensor, an exporter that repeats itself, a consumer that stopped. Neither the
// time of day nor the neighbours see it where the value itself is usual.
import { makeRarity, type RarityState } from "./rarity.ts";

export interface StillnessState {
  last: number | null;
  run: number;
  runs: RarityState;
}

export interface Stillness {
  /** -log10 of the chance that a value stays for so long, less three. */
  judge(value: number): number;
  save(): StillnessState;
}

/** Points that any value may stay; of more, half count: a run is judged by how rare one half as long would be. */
const PATIENCE = 12;
/** Only what is very rare counts: most series stand still now and then. */
const SILENT_BELOW = 3;

export function makeStillness(saved?: StillnessState): Stillness {
  const runs = makeRarity(saved?.runs);
  let { last, run } = saved ?? { last: null, run: 0 };

  return {
    judge(value) {
      run = value === last ? run + 1 : 1;
      last = value;
      const size = Math.max(0, run / 2 - PATIENCE);
      const strength = size === 0 ? 0 : Math.max(0, runs.of(size) - SILENT_BELOW);
      runs.add(size);
      return strength;
    },
    save: () => ({ last, run, runs: runs.save() }),
  };
}
