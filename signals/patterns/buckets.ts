// Counts in time buckets of one width, of the last so many buckets. Late lines still find their bucket; what is older
// than all of them is only said to be too late.

export interface Buckets {
  /** Counts `lines` (default 1) at a time, Unix ms; false when that bucket is no longer kept. */
  add(at: number, lines?: number): boolean;
  /** The latest `wanted` buckets up to and with the one that `now` lies in, oldest first. */
  last(wanted: number, now: number): number[];
  save(): SavedBuckets;
}

export interface SavedBuckets {
  /** Number of the newest bucket: Unix ms divided by the width. */
  newest: number;
  /** Up to the newest, oldest first, without leading zeros. */
  counts: number[];
}

/** Memory: four bytes a bucket. */
export function makeBuckets(widthMs: number, kept: number, saved?: SavedBuckets): Buckets {
  const ring = new Uint32Array(kept);
  let newest = -1;
  const slot = (bucket: number): number => bucket % kept;
  const isKept = (bucket: number): boolean => bucket >= 0 && bucket > newest - kept && bucket <= newest;

  function forwardTo(bucket: number): void {
    if (newest < 0 || bucket - newest >= kept) ring.fill(0);
    else for (let one = newest + 1; one <= bucket; one += 1) ring[slot(one)] = 0;
    newest = bucket;
  }

  function add(bucket: number, lines: number): boolean {
    if (bucket > newest) forwardTo(bucket);
    if (!isKept(bucket)) return false;
    ring[slot(bucket)] = (ring[slot(bucket)] ?? 0) + lines;
    return true;
  }

  for (const [index, lines] of (saved?.counts ?? []).entries()) {
    if (saved !== undefined) add(saved.newest - saved.counts.length + 1 + index, lines);
  }
  return {
    add: (at, lines = 1) => Number.isFinite(at) && at >= 0 && add(Math.floor(at / widthMs), lines),
    last(wanted, now) {
      const end = Math.floor(now / widthMs);
      return Array.from({ length: wanted }, (_, index) => {
        const bucket = end - wanted + 1 + index;
        return isKept(bucket) ? (ring[slot(bucket)] ?? 0) : 0;
      });
    },
    save() {
      const length = Math.min(kept, newest + 1);
      const all = Array.from({ length }, (_, index) => ring[slot(newest - length + 1 + index)] ?? 0);
      const first = all.findIndex((lines) => lines > 0);
      return { newest, counts: first < 0 ? [] : all.slice(first) };
    },
  };
}
