// Which points lie near which: kept up to date as points come and go, through an index of words, so that a new point
// is compared with the few that share a rare word with it and not with all.
import { HOLE } from "./masks.ts";

/** A message of fewer words does not speak for itself: then it counts, too, who spoke. */
const SHORT = 3;

/** A place in the space of words. Lines that differ in parameters only share one. */
export interface Point {
  readonly key: string;
  readonly words: ReadonlySet<string>;
}

export interface Neighbour<P> {
  point: P;
  distance: number;
}

/**
 * A point of the words of a message, whatever their order; a word that comes twice counts twice. A parameter counts as
 * a word too, under the name of the word before it: a message with a user at its end is not the same without. The head
 * counts for short messages only; the same error comes from many threads and hosts.
 */
export function pointOf(head: readonly string[], body: readonly string[]): Point {
  const words = new Set<string>();
  for (const [index, word] of body.entries()) {
    const left = body[index - 1];
    if (word !== HOLE) addNth(word, words);
    else if (left !== undefined && left !== HOLE) addNth(`${left} ${HOLE}`, words);
  }
  if (words.size < SHORT) for (const word of head) words.add(`${word}:`);
  return { key: [...words].sort().join("\n"), words };
}

function addNth(word: string, words: Set<string>): void {
  let nth = word;
  for (let times = 2; words.has(nth); times++) nth = `${word} ${times}`;
  words.add(nth);
}

/**
 * What the two do not share over the root of all they have: 0 for the same words; a word that differs weighs less in
 * a long message, but not as little as a ratio (Jaccard) would make it: "user=root" at the end of twelve words tells
 * another error. Infinity when they share nothing. All words weigh the same: to weigh them by how rare they are (TF-IDF)
 * changed no result, and would let each new line move all others; the parameters, the rarest, are holes by now.
 */
export function distanceBetween(a: Point, b: Point): number {
  if (a.key === b.key) return 0;
  const [small, large] = a.words.size < b.words.size ? [a.words, b.words] : [b.words, a.words];
  let shared = 0;
  for (const word of small) if (large.has(word)) shared += 1;
  if (shared === 0) return Number.POSITIVE_INFINITY;
  const union = small.size + large.size - shared;
  return (union - shared) / Math.sqrt(union);
}

/** An index of points by their words. */
export function makeNeighbourIndex<P extends Point>() {
  const byWord = new Map<string, Set<P>>();

  /** The rarest words of which any point within the radius must have one (prefix filter, Chaudhuri et al. 2006). */
  function telling({ words }: Point, radius: number): string[] {
    const rarestFirst = [...words]
      .map((word) => ({ word, points: byWord.get(word)?.size ?? 0 }))
      .sort((a, b) => a.points - b.points);
    // Were one word more missing in another point, it would be too far away: d <= r * sqrt(size + d), solved for d.
    const missing = (radius ** 2 + Math.sqrt(radius ** 4 + 4 * radius ** 2 * words.size)) / 2;
    return rarestFirst.slice(0, Math.floor(missing + 1e-6) + 1).map(({ word }) => word);
  }

  return {
    add(point: P): void {
      for (const word of point.words) byWord.set(word, (byWord.get(word) ?? new Set<P>()).add(point));
    },
    remove(point: P): void {
      for (const word of point.words) {
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
