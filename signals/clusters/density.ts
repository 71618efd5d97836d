// DBSCAN (Ester, Kriegel, Sander, Xu 1996) over points that carry weights, on a part of the points that is closed:
// no point of it has a neighbour outside.
import type { Neighbour } from "./neighbours.ts";

export interface Dense<P> {
  readonly key: string;
  /** Lines seen at this very place, counted up to what makes a point a core. */
  support: number;
  /** Points within eps; never the point itself, and always both ways. */
  readonly near: ReadonlyMap<P, number>;
}

export interface Group<P> {
  cores: P[];
  /** Within reach of a core, themselves none; each with its nearest core, so that no order matters. */
  borders: P[];
}

/** A core has this many lines within eps of it, itself included. */
export function isCore<P extends Dense<P>>(point: P, minLines: number): boolean {
  let lines = point.support;
  if (lines >= minLines) return true;
  for (const near of point.near.keys()) {
    lines += near.support;
    if (lines >= minLines) return true;
  }
  return false;
}

/** Everything that can be reached from the points over neighbours: what a change at these points can change. */
export function closure<P extends Dense<P>>(seeds: Iterable<P>): Set<P> {
  const reached = new Set(seeds);
  for (const point of reached) for (const near of point.near.keys()) reached.add(near);
  return reached;
}

/** The groups of a closed set of points; the points in none are noise. A pure function of the points, not of their order. */
export function groupsOf<P extends Dense<P>>(points: ReadonlySet<P>, minLines: number): Group<P>[] {
  const cores = new Set([...points].filter((point) => isCore(point, minLines)));
  const groupOf = new Map<P, Group<P>>();
  for (const start of cores) {
    if (groupOf.has(start)) continue;
    const group: Group<P> = { cores: [], borders: [] };
    const connected = new Set([start]);
    for (const point of connected) {
      groupOf.set(point, group);
      group.cores.push(point);
      for (const near of point.near.keys()) if (cores.has(near)) connected.add(near);
    }
  }
  for (const point of points) {
    const nearest = cores.has(point) ? undefined : nearestOf(point.near, cores);
    if (nearest !== undefined) groupOf.get(nearest)?.borders.push(point);
  }
  return [...new Set(groupOf.values())];
}

function nearestOf<P extends Dense<P>>(near: ReadonlyMap<P, number>, cores: ReadonlySet<P>): P | undefined {
  const candidates: Neighbour<P>[] = [...near]
    .filter(([point]) => cores.has(point))
    .map(([point, distance]) => ({ point, distance }));
  candidates.sort((a, b) => a.distance - b.distance || (a.point.key < b.point.key ? -1 : 1));
  return candidates[0]?.point;
}
