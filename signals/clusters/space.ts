// Items as points among their neighbours. A point is a place: items that differ in parameters only share it. Knows
// after each change which points it may have touched.
import { type Dense, isCore } from "./density.ts";
import type { Item } from "./items.ts";
import { makeNeighbourIndex, type Point, pointOf } from "./neighbours.ts";
import { makeSlots } from "./slots.ts";

export interface Place extends Point, Dense<Place> {
  readonly items: Set<Item>;
  readonly near: Map<Place, number>;
  cluster: number | undefined;
}

export interface Radius {
  /** Points this near are neighbours. */
  eps: number;
  minLines: number;
}

export function makeSpace({ eps, minLines }: Radius) {
  const slots = makeSlots<Item>();
  const index = makeNeighbourIndex<Place>();
  const places = new Map<string, Place>();
  const placeOf = new Map<Item, Place>();
  let changed = new Set<Place>();

  function enter(item: Item): void {
    const point = pointOf(item.head, slots.withHoles(item));
    const place = places.get(point.key) ?? open(point);
    place.items.add(item);
    placeOf.set(item, place);
    strengthen(place, item.lines);
  }

  function leave(item: Item, place: Place): void {
    place.items.delete(item);
    placeOf.delete(item);
    strengthen(place, -item.lines);
    if (place.items.size === 0) close(place);
  }

  function open(point: Point): Place {
    const near = new Map(index.within(point, eps).map((one) => [one.point, one.distance]));
    const place: Place = { ...point, items: new Set(), near, support: 0, cluster: undefined };
    for (const [other, distance] of near) other.near.set(place, distance);
    index.add(place);
    places.set(place.key, place);
    touch(place);
    return place;
  }

  function close(place: Place): void {
    touch(place);
    for (const other of place.near.keys()) other.near.delete(place);
    place.near.clear();
    index.remove(place);
    places.delete(place.key);
  }

  /** More lines at a place matter only while it, or a neighbour, may become a core by them. */
  function strengthen(place: Place, lines: number): void {
    const before = place.support;
    place.support += lines;
    if (Math.min(before, place.support) < minLines) touch(place);
  }

  function touch(place: Place): void {
    changed.add(place);
    for (const other of place.near.keys()) changed.add(other);
  }

  /** Items of which a word has become a parameter, or has stopped being one, stand elsewhere now. */
  function move(items: Iterable<Item>): void {
    for (const item of items) {
      const place = placeOf.get(item);
      if (place === undefined || place.key === pointOf(item.head, slots.withHoles(item)).key) continue;
      leave(item, place);
      enter(item);
      const now = placeOf.get(item);
      if (now !== undefined) changed.add(now);
    }
  }

  return {
    add(item: Item): void {
      const moved = slots.add(item);
      moved.delete(item);
      move(moved);
      enter(item);
    },
    remove(item: Item): void {
      const place = placeOf.get(item);
      const moved = slots.remove(item);
      if (place !== undefined) leave(item, place);
      moved.delete(item);
      move(moved);
    },
    /** To be called when the item has been seen in one line more. */
    repeat(item: Item): void {
      const place = placeOf.get(item);
      if (place !== undefined) strengthen(place, 1);
      move(slots.repeat(item));
    },
    placeOf: (item: Item): Place | undefined => placeOf.get(item),
    near: (place: Place, radius: number) => index.within(place, radius),
    isCore: (place: Place): boolean => isCore(place, minLines),
    /** The places that changes since the last call may have touched; those without items are no more. */
    takeChanged(): Set<Place> {
      const taken = changed;
      changed = new Set();
      return taken;
    },
  };
}

export type Space = ReturnType<typeof makeSpace>;
