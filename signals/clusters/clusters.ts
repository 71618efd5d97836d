// Clusters of error lines, kept up to date line by line: DBSCAN over masked lines. What a line changes is worked out
// around it; the partition is the one that all lines at once would give, whatever their order.
import { closure, groupsOf } from "./density.ts";
import { type Cluster, describeAll } from "./description.ts";
import { identify } from "./identity.ts";
import { countIn, type ErrorLine, type Item, type ItemState, itemFrom, itemOf } from "./items.ts";
import { makeSpace, type Place } from "./space.ts";

export type { Cluster } from "./description.ts";
export type { ErrorLine } from "./items.ts";

/** Everything that is remembered, as plain JSON. */
export interface ClustersState {
  next: number;
  /** Ids that live on in another one, oldest first. */
  merged: [from: number, into: number][];
  /** The longest unseen first. */
  items: ItemState[];
}

export interface ClusterSettings {
  /** Places this near are neighbours; see distanceBetween. Between .1 and .4 the results hardly differ. */
  eps?: number;
  /** Lines (not deliveries of one line) that make a cluster; fewer are noise. */
  minLines?: number;
  /** Items remembered; beyond, the longest unseen is forgotten. */
  maxItems?: number;
}

export interface ErrorClusters {
  /** Takes a line in; the id of its cluster as things stand now, undefined for noise. */
  add(line: ErrorLine): string | undefined;
  /** The cluster of a line that was taken in before and is remembered. */
  clusterOf(text: string): string | undefined;
  /** The id that an earlier id lives on in, after merges; itself where nothing is known. */
  resolve(id: string): string;
  /** All clusters with name and confidence, the one with most lines first. */
  clusters(): Cluster[];
  save(): ClustersState;
}

const MERGED_KEPT = 1_000;

/** Empty, or as it was saved: a restart makes no difference. */
export function makeErrorClusters(
  { eps = 0.25, minLines = 2, maxItems = 5_000 }: ClusterSettings = {},
  saved?: ClustersState,
): ErrorClusters {
  const space = makeSpace({ eps, minLines });
  // In the order of their last line: the first is the longest unseen.
  const items = new Map<string, Item>();
  const placesOf = new Map<number, Set<Place>>();
  const merged = new Map<number, number>(saved?.merged);
  let next = saved?.next ?? 1;
  if (saved !== undefined) restore(saved.items);

  function restore(states: readonly ItemState[]): void {
    for (const state of states) {
      const item = itemFrom(structuredClone(state));
      items.set(item.key, item);
      space.add(item);
    }
    space.takeChanged();
    for (const item of items.values()) {
      const place = space.placeOf(item);
      if (place !== undefined) put(place, item.state.cluster);
    }
  }

  function put(place: Place, cluster: number | undefined): void {
    if (place.cluster !== undefined && place.cluster !== cluster) drop(place, place.cluster);
    place.cluster = cluster;
    for (const item of place.items) {
      if (cluster === undefined) delete item.state.cluster;
      else item.state.cluster = cluster;
    }
    if (cluster !== undefined) placesOf.set(cluster, (placesOf.get(cluster) ?? new Set()).add(place));
  }

  function drop(place: Place, cluster: number): void {
    placesOf.get(cluster)?.delete(place);
    if (placesOf.get(cluster)?.size === 0) placesOf.delete(cluster);
  }

  /** What the changes touch: the places themselves, the clusters that they or their items were in, and what hangs on these. */
  function regroup(): void {
    const changed = space.takeChanged();
    if (changed.size === 0) return;
    const seeds = new Set<Place>();
    for (const place of changed) {
      seeds.add(place);
      for (const id of clustersAround(place)) for (const other of placesOf.get(id) ?? []) seeds.add(other);
    }
    for (const place of seeds) {
      if (place.items.size > 0) continue;
      put(place, undefined);
      seeds.delete(place);
    }
    const region = closure(seeds);
    const groups = groupsOf(region, minLines);
    const claims = groups.map(({ cores }) => ({ key: smallestKey(cores), before: clustersBefore(cores) }));
    const { ids, merged: joined, next: free } = identify(claims, next);
    next = free;
    for (const place of region) put(place, undefined);
    for (const [at, { cores, borders }] of groups.entries()) {
      for (const place of [...cores, ...borders]) put(place, ids[at]);
    }
    for (const { from, into } of joined) keepMerged(from, into);
  }

  function keepMerged(from: number, into: number): void {
    merged.set(from, into);
    const [oldest] = merged.keys();
    if (merged.size > MERGED_KEPT && oldest !== undefined) merged.delete(oldest);
  }

  function take(line: ErrorLine): Item {
    const fresh = itemOf(line.text);
    const item = items.get(fresh.key) ?? fresh;
    const more = countIn(line, item, minLines);
    items.delete(item.key);
    items.set(item.key, item);
    if (item === fresh) {
      space.add(item);
      forget();
    } else if (more) space.repeat(item);
    return item;
  }

  function forget(): void {
    for (const [key, item] of items) {
      if (items.size <= maxItems) return;
      items.delete(key);
      space.remove(item);
    }
  }

  return {
    add(line) {
      const item = take(line);
      const place = space.placeOf(item);
      // A new item at a place that stays as it is.
      if (place?.cluster !== undefined) item.state.cluster ??= place.cluster;
      regroup();
      return nameOfId(item.state.cluster);
    },
    clusterOf: (text) => nameOfId(items.get(itemOf(text).key)?.state.cluster),
    resolve(id) {
      let number = Number(id.slice(1));
      // Each id lives on in an older one: no circles.
      for (let into = merged.get(number); into !== undefined; into = merged.get(number)) number = into;
      return Number.isNaN(number) ? id : `${id.slice(0, 1)}${number}`;
    },
    clusters: () => describeAll(placesOf, space),
    save: () =>
      structuredClone({
        next,
        merged: [...merged],
        items: [...items.values()].map(({ state }) => state),
      }),
  };
}

const nameOfId = (id: number | undefined): string | undefined => (id === undefined ? undefined : `c${id}`);

function clustersAround(place: Place): Set<number> {
  const ids = [place.cluster, ...[...place.items].map(({ state }) => state.cluster)];
  return new Set(ids.filter((id) => id !== undefined));
}

function clustersBefore(places: readonly Place[]): Map<number, number> {
  const counts = new Map<number, number>();
  for (const { items } of places) {
    for (const { state } of items) {
      if (state.cluster !== undefined) counts.set(state.cluster, (counts.get(state.cluster) ?? 0) + 1);
    }
  }
  return counts;
}

function smallestKey(places: readonly Place[]): string {
  return places.reduce((smallest, { key }) => (key < smallest ? key : smallest), places[0]?.key ?? "");
}
