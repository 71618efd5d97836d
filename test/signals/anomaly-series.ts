// Made-up metrics with a point every five minutes, the same at each run.
export const STEP = 300;
export const POINTS_A_DAY = 288;

/** Mulberry32. */
export function makeRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Standard normal (Box-Muller). */
export function makeNoise(seed: number): () => number {
  const random = makeRandom(seed);
  return () => Math.sqrt(-2 * Math.log(random() + 1e-12)) * Math.cos(2 * Math.PI * random());
}

/** A daily rhythm around 100 with an amplitude of 30 and noise of 3. */
export function dailySeries(points: number, seed = 1): number[] {
  const noise = makeNoise(seed);
  return Array.from(
    { length: points },
    (_, at) => 100 + 30 * Math.sin((2 * Math.PI * at) / POINTS_A_DAY) + 3 * noise(),
  );
}

/** Noise of 5 around 50. */
export function noisySeries(points: number, seed = 1): number[] {
  const noise = makeNoise(seed);
  return Array.from({ length: points }, () => 50 + 5 * noise());
}
