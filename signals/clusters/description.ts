// What is told about a cluster: its name, how sure it is, since when and where it is seen.
import type { Item } from "./items.ts";
import { nameOf } from "./naming.ts";
import type { Place, Space } from "./space.ts";

export interface Cluster {
  /** Stays the same over time, through growth, merge and split. */
  id: string;
  name: string;
  /** 0..1: how far the next other line is compared with the lines of the cluster, and how many lines say so. */
  confidence: number;
  /** All lines, also those delivered twice. */
  lines: number;
  /** Different lines, once what varies is taken out. */
  forms: number;
  services: string[];
  /** ms since 1970; undefined while no line had a time. */
  firstAt: number | undefined;
  lastAt: number | undefined;
  /** Minutes since 1970 in which it was seen, the latest of each form, ascending. */
  minutes: number[];
  sample: string;
}

/** As far as anything is looked for: two lines that differ in a word of a one-word message. */
const FAR = 1;
/** Places looked at for confidence and name; a bound on the work, not on the cluster. */
const PLACES = 20;

export function describe({ id, places }: { id: string; places: Place[] }, space: Space): Cluster {
  const inOrder = places.toSorted((a, b) => (a.key < b.key ? -1 : 1));
  const items = inOrder.flatMap((place) => [...place.items]).map(({ state }) => state);
  const typical = inOrder.flatMap((place) => [...place.items]).reduce(moreTypical);
  const lines = items.reduce((sum, item) => sum + item.count, 0);
  const [firstAt] = known(items.map((item) => item.firstAt)).sort((a, b) => a - b);
  const lastAt = known(items.map((item) => item.lastAt))
    .sort((a, b) => a - b)
    .at(-1);
  return {
    id,
    name: nameOf(typical.state.words.body, sharedBy(inOrder)),
    confidence: margin(inOrder.slice(0, PLACES), space) * (lines / (lines + 1)),
    lines,
    forms: items.length,
    services: [...new Set(items.flatMap((item) => item.services))].sort(),
    firstAt,
    lastAt,
    minutes: [...new Set(items.flatMap((item) => item.minutes))].sort((a, b) => a - b),
    sample: typical.state.sample,
  };
}

function known(times: (number | undefined)[]): number[] {
  return times.filter((time) => time !== undefined);
}

function moreTypical(best: Item, item: Item): Item {
  const more = item.state.count - best.state.count;
  return more > 0 || (more === 0 && item.key < best.key) ? item : best;
}

function sharedBy(places: readonly Place[]): (word: string) => boolean {
  return (word) => places.every(({ weights }) => weights.has(word));
}

/**
 * Like the silhouette (Rousseeuw 1987), but against a fixed distance: the way to the nearest stranger less the mean way
 * to the cluster's own neighbours, mean over the places, 0..1. A cluster close to another is unsure however dense it is.
 */
function margin(places: readonly Place[], space: Space): number {
  const margins = places.map((place) => {
    const strangers = space.near(place, FAR).filter(({ point }) => point.cluster !== place.cluster);
    const nearest = Math.min(FAR, ...strangers.map(({ distance }) => distance));
    const own = [...place.near].filter(([other]) => other.cluster === place.cluster);
    const mean = own.reduce((sum, [, distance]) => sum + distance, 0) / Math.max(1, own.length);
    return Math.max(0, nearest - mean) / FAR;
  });
  return margins.reduce((sum, one) => sum + one, 0) / Math.max(1, margins.length);
}
