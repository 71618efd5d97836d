// When a wandering, rising series first reaches a height: many possible futures are drawn from its own past.
import { strongestCycle } from "./cycle.ts";
import { seededChance } from "./random.ts";
import { at, mean } from "./series.ts";

const FUTURES = 400;
/** Changes are drawn in pairs, since a step up is often followed by one down. */
const BLOCK = 2;
/** Part of what looks like noise is measurement that comes back, and does not add up. */
const NOISE = 0.8;
/** Slopes are taken over these shares of the history; the whole counts twice. */
const SLOPE_SHARES = [1 / 9, 2 / 9, 1 / 2, 1, 1] as const;
/** A correlation that chance reaches often among the many periods that are tried. */
const CHANCE_CYCLE = 0.5;
/** What the history itself has to say counts this much beside the drawn futures; the older the less, by halves. */
const PRECEDENT = 0.3;
const PRECEDENT_HALF_LIFE = 40;
const FEWEST_PRECEDENTS = 20;

/**
 * Probability that the series has risen by `gap` after 1, 2, … `steps` steps, in that order: never falling.
 * Drawn are slope (shrunk by how well it is known, James and Stein 1961), cycle and noise (block bootstrap, Künsch 1989);
 * mixed in is how often the gap was risen by within the same time so far.
 */
export function firstPassage(series: Float64Array, gap: number, steps: number): Float64Array {
  const drawn = drawnPassages(series, gap, steps);
  const origins = series.length - steps;
  if (origins < FEWEST_PRECEDENTS) return drawn;
  const seen = precedents(series, gap, steps);
  return drawn.map((share, step) => (1 - PRECEDENT) * share + PRECEDENT * at(seen, step));
}

function drawnPassages(series: Float64Array, gap: number, steps: number): Float64Array {
  const changes = series.subarray(1).map((value, index) => value - at(series, index));
  const average = mean(changes);
  const centred = changes.map((change) => change - average);
  const cycle = cycleIn(changes);
  const noise = { plain: centred, beside: cycle ? withoutCycle(centred, cycle.period) : centred };
  const slopes = SLOPE_SHARES.map((share) => knownSlope(series, share));
  const reached = new Float64Array(steps);
  for (let future = 0; future < FUTURES; future++) {
    // Each future has its own chance: it goes the same way whatever the gap, so a larger one is never reached sooner.
    const chance = seededChance(future + 1);
    const cyclic = cycle !== undefined && chance() < cycle.weight;
    const path = { slope: at(slopes, future % slopes.length), noise: cyclic ? noise.beside : noise.plain };
    const repeats = cyclic ? { changes: centred, period: cycle.period } : undefined;
    const step = reachedAt(gap, steps, path, repeats, chance);
    if (step !== undefined) reached[step] = at(reached, step) + 1 / FUTURES;
  }
  return summed(reached);
}

function cycleIn(changes: Float64Array): { period: number; weight: number } | undefined {
  const cycle = strongestCycle(changes);
  if (cycle === undefined || cycle.strength <= CHANCE_CYCLE) return undefined;
  return { period: cycle.period, weight: (cycle.strength - CHANCE_CYCLE) / (1 - CHANCE_CYCLE) };
}

function withoutCycle(centred: Float64Array, period: number): Float64Array {
  const rest = centred.subarray(period).map((change, index) => change - at(centred, index));
  const average = mean(rest);
  return rest.map((change) => change - average);
}

/** The slope of the newest share of the history, pulled towards zero as far as it may be chance. */
function knownSlope(series: Float64Array, share: number): number {
  const window = Math.min(series.length - 1, Math.max(1, Math.round(share * series.length)));
  const slope = (at(series, series.length - 1) - at(series, series.length - 1 - window)) / window;
  const error = wander(series) / window;
  return slope === 0 ? 0 : slope / (1 + error / slope ** 2);
}

/** Variance per step of the changes over four steps, around the whole history's slope. */
function wander(series: Float64Array): number {
  const lag = Math.min(4, series.length - 1);
  const slope = (at(series, series.length - 1) - at(series, 0)) / (series.length - 1);
  const changes = series.subarray(lag).map((value, index) => value - at(series, index) - lag * slope);
  return mean(changes.map((change) => change ** 2)) / lag;
}

interface Path {
  slope: number;
  noise: Float64Array;
}

/** Index of the step that reaches the gap in one future. */
function reachedAt(
  gap: number,
  steps: number,
  { slope, noise }: Path,
  repeats: { changes: Float64Array; period: number } | undefined,
  chance: () => number,
): number | undefined {
  let [height, from, left] = [0, 0, 0];
  for (let step = 0; step < steps; step++, left--, from++) {
    if (left === 0) [from, left] = [Math.floor(chance() * Math.max(1, noise.length - BLOCK + 1)), BLOCK];
    height += slope + NOISE * at(noise, from);
    if (repeats)
      height += at(repeats.changes, repeats.changes.length - repeats.period + (step % repeats.period));
    if (height >= gap) return step;
  }
  return undefined;
}

function precedents(series: Float64Array, gap: number, steps: number): Float64Array {
  const reached = new Float64Array(steps);
  let all = 0;
  for (let origin = series.length - 1 - steps; origin >= 0; origin--) {
    const weight = 0.5 ** ((series.length - 1 - steps - origin) / PRECEDENT_HALF_LIFE);
    const goal = at(series, origin) + gap;
    const step = series.subarray(origin + 1, origin + 1 + steps).findIndex((value) => value >= goal);
    if (step !== -1) reached[step] = at(reached, step) + weight;
    all += weight;
  }
  return summed(reached.map((weight) => weight / all));
}

function summed(shares: Float64Array): Float64Array {
  let sum = 0;
  return shares.map((share) => (sum += share));
}
