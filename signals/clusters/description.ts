// What is told about a cluster: its name, how sure it is, since when and where it is seen.
import type { Item } from "./items.ts";
import { nameOf } from "./naming.ts";
import type { Place, Space } from "./space.ts";
import { type Companion, companionsOf } from "./together.ts";

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
  /** Others that come in the same minutes, the closest first. */
  together: Companion[];
  sample: string;
}

/** As far as anything is looked for: two lines that differ in a word of a one-word message. */
const FAR = 1;
/** Places looked at for confidence and name; a bound on the work, not on the cluster. */
const PLACES = 20;

/** All clusters, the one with most lines first. */
export function describeAll(clusters: ReadonlyMap<number, ReadonlySet<Place>>, space: Space): Cluster[] {
  const parts = [...clusters].map(([number, places]) => {
    const inOrder = [...places].sort((a, b) => (a.key < b.key ? -1 : 1));
    return { id: `c${number}`, places: inOrder, items: inOrder.flatMap((place) => [...place.items]) };
  });
  const sightings = parts.map(({ id, items }) => ({
    id,
    minutes: [...new Set(items.flatMap(({ state }) => state.minutes))].sort((a, b) => a - b),
  }));
  const together = companionsOf(sightings);
  return parts
    .map((part) => ({ ...describe(part, space), together: together.get(part.id) ?? [] }))
    .sort((a, b) => b.lines - a.lines || (a.id < b.id ? -1 : 1));
}

interface Part {
  id: string;
  /** In the order of their keys, so that what is told does not depend on who came first. */
  places: readonly Place[];
  items: readonly Item[];
}

function describe({ id, places, items }: Part, space: Space): Omit<Cluster, "together"> {
  const states = items.map(({ state }) => state);
  const typical = items.reduce(moreTypical).state;
  const lines = states.reduce((sum, { count }) => sum + count, 0);
  return {
    id,
    name: nameOf(typical.words.body, sharedBy(places)),
    confidence: margin(places.slice(0, PLACES), space) * (lines / (lines + 1)),
    lines,
    forms: states.length,
    services: [...new Set(states.flatMap(({ services }) => services))].sort(),
    firstAt: known(states.map((state) => state.firstAt))[0],
    lastAt: known(states.map((state) => state.lastAt)).at(-1),
    sample: typical.sample,
  };
}

/** Ascending. */
function known(times: (number | undefined)[]): number[] {
  return times.filter((time) => time !== undefined).sort((a, b) => a - b);
}

function moreTypical(best: Item, item: Item): Item {
  const more = item.state.count - best.state.count;
  return more > 0 || (more === 0 && item.key < best.key) ? item : best;
}

function sharedBy(places: readonly Place[]): (word: string) => boolean {
  return (word) => places.every(({ words }) => words.has(word));
}

/**
 * Like the silhouette (Rousseeuw 1987), but against a fixed distance: the way to the nearest stranger less the mean way
 * to the cluster's own neighbours, mean over the places, 0..1. A cluster close to another is unsure however dense it is.
 */
function margin(places: readonly Place[], space: Space): number {
  const margins = places.map((place) => {
    const strangers = space.near(place, FAR).filter(({ point }) => point.cluster !== place.cluster);
    const nearest = Math.min(FAR, ...strangers.map(({ distance }) => distance));
    const near = [...place.near].filter(([other]) => other.cluster === place.cluster);
    // In order: a sum in another order is another number in its last digits.
    const own = near.map(([, distance]) => distance).sort((x, y) => x - y);
    const mean = own.reduce((sum, distance) => sum + distance, 0) / Math.max(1, own.length);
    return Math.max(0, nearest - mean) / FAR;
  });
  return margins.reduce((sum, one) => sum + one, 0) / Math.max(1, margins.length);
}
