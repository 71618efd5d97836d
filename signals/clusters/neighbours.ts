// Which points lie near which: kept up to date as points come and go, through an index of words, so that a new point
// is compared with the few that share a rare word with it and not with all.

import { HOLE } from "./masks.ts";

/** Words of the head count this much: they say who spoke; the same error comes from many threads and hosts. */
const HEAD_WEIGHT = 0.1;

/** A place in the space of words. Lines that differ in parameters only share one. */
export interface Point {
  readonly key: string;
  /** Words with their weights, each above 0. */
  readonly weights: ReadonlyMap<string, number>;
  /** The sum of the weights. */
  readonly norm: number;
}

export interface Neighbour<P> {
  point: P;
  distance: number;
}

/**
 * A point of the words of a head and a message, whatever their order; a word that comes twice counts twice. A parameter
 * counts as a word too, under the name of the word before it: a message with a user at its end is not the same without.
 */
export function pointOf(head: readonly string[], body: readonly string[]): Point {
  const weights = new Map<string, number>();
  for (const word of head) weights.set(`${word}:`, HEAD_WEIGHT);
  for (const [index, word] of body.entries()) {
    const left = body[index - 1];
    if (word !== HOLE) weights.set(nth(word, weights), 1);
    else if (left !== undefined && left !== HOLE) weights.set(nth(`${left} ${HOLE}`, weights), 1);
  }
  const inOrder = [...weights].sort(([a], [b]) => (a < b ? -1 : 1));
  const norm = inOrder.reduce((sum, [, weight]) => sum + weight, 0);
  return { key: inOrder.map(([word]) => word).join("\n"), weights: new Map(inOrder), norm };
}

function nth(word: string, weights: ReadonlyMap<string, number>): string {
  if (!weights.has(word)) return word;
  let times = 2;
  while (weights.has(`${word} ${times}`)) times += 1;
  return `${word} ${times}`;
}

/**
 * What the two do not share over the root of all they have: 0 for the same words; two words that differ weigh less in
 * a long message, but not as little as a ratio (Jaccard) would make them: "user=root" at the end of twelve words tells
 * another error. Infinity when they share nothing.
 */
export function distanceBetween(a: Point, b: Point): number {
  if (a.key === b.key) return 0;
  const [small, large] = a.weights.size < b.weights.size ? [a, b] : [b, a];
  let shared = 0;
  // Sums of tenths: rounded, so that it does not matter from which side one looks.
  for (const [word, weight] of small.weights) if (large.weights.has(word)) shared += weight;
  if (shared === 0) return Number.POSITIVE_INFINITY;
  const union = a.norm + b.norm - shared;
  return Math.round(((union - shared) / Math.sqrt(union)) * 1e9) / 1e9;
}

/** An index of points by their words. */
export function makeNeighbourIndex<P extends Point>() {
  const byWord = new Map<string, Set<P>>();

  /** The rarest words of which any point within the radius must have one (prefix filter, Chaudhuri et al. 2006). */
  function telling({ weights, norm }: Point, radius: number): string[] {
    const most = (radius ** 2 + Math.sqrt(radius ** 4 + 4 * radius ** 2 * norm)) / 2;
    const rarestFirst = [...weights.keys()]
      .map((word) => ({ word, points: byWord.get(word)?.size ?? 0 }))
      .sort((a, b) => a.points - b.points);
    let missing = 0;
    const found: string[] = [];
    for (const { word } of rarestFirst) {
      // Were all the words so far missing in another point, it would be too far away already.
      if (missing > most + 1e-6) break;
      found.push(word);
      missing += weights.get(word) ?? 0;
    }
    return found;
  }

  return {
    add(point: P): void {
      for (const word of point.weights.keys()) {
        byWord.set(word, (byWord.get(word) ?? new Set<P>()).add(point));
      }
    },
    remove(point: P): void {
      for (const word of point.weights.keys()) {
        byWord.get(word)?.delete(point);
        if (byWord.get(word)?.size === 0) byWord.delete(word);
      }
    },
    /** All other points within the radius, in no order. */
    within(point: Point, radius: number): Neighbour<P>[] {
      const found = new Map<P, number>();
      for (const word of telling(point, radius)) {
        for (const other of byWord.get(word) ?? []) {
          if (other.key === point.key || found.has(other)) continue;
          found.set(other, distanceBetween(point, other));
        }
      }
      return [...found]
        .filter(([, distance]) => distance <= radius)
        .map(([other, distance]) => ({ point: other, distance }));
    },
  };
}
