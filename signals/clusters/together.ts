// Which clusters come together in time: errors of one incident, or a cause and what it drags along. It is told beside
// the clusters and joins none: two errors that always come together are still two errors.

/** A cluster and the minutes (since 1970, ascending) in which it was seen. */
export interface Sightings {
  id: string;
  minutes: readonly number[];
}

export interface Companion {
  id: string;
  /** 0..1: minutes with both over minutes with either (Jaccard), since both are remembered. */
  share: number;
}

/** Fewer minutes with both may be chance. */
const COMMON_MINUTES = 3;
const SHARE = 0.5;
const COMPANIONS = 5;

/** For each cluster those that come with it, the closest first, at most 5; clusters without any are left out. */
export function companionsOf(clusters: readonly Sightings[]): Map<string, Companion[]> {
  const byMinute = new Map<number, Sightings[]>();
  for (const cluster of clusters) {
    for (const minute of cluster.minutes) byMinute.set(minute, [...(byMinute.get(minute) ?? []), cluster]);
  }
  const companions = new Map<string, Companion[]>();
  for (const cluster of clusters) {
    const found = candidates(cluster, byMinute)
      .map((other) => ({ id: other.id, share: shareOf(cluster.minutes, other.minutes) }))
      .filter(({ share }) => share >= SHARE)
      .sort((a, b) => b.share - a.share || (a.id < b.id ? -1 : 1));
    if (found.length > 0) companions.set(cluster.id, found.slice(0, COMPANIONS));
  }
  return companions;
}

function candidates(cluster: Sightings, byMinute: ReadonlyMap<number, readonly Sightings[]>): Sightings[] {
  const common = new Map<Sightings, number>();
  for (const minute of cluster.minutes) {
    for (const other of byMinute.get(minute) ?? []) common.set(other, (common.get(other) ?? 0) + 1);
  }
  common.delete(cluster);
  return [...common].filter(([, minutes]) => minutes >= COMMON_MINUTES).map(([other]) => other);
}

/** Only the latest minutes are remembered: what one of the two has forgotten does not count against the other. */
function shareOf(a: readonly number[], b: readonly number[]): number {
  const since = Math.max(a[0] ?? 0, b[0] ?? 0);
  const [ofA, ofB] = [a, b].map((minutes) => new Set(minutes.filter((minute) => minute >= since)));
  const both = [...(ofA ?? [])].filter((minute) => ofB?.has(minute)).length;
  const either = (ofA?.size ?? 0) + (ofB?.size ?? 0) - both;
  return both < COMMON_MINUTES ? 0 : both / either;
}
