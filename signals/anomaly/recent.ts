// The last 128 values of a series, the newest first.

export interface RecentValues {
  /** The value `back` points ago; 0 is the newest, at most 127. */
  at(back: number): number;
  /** The last `count` values, from `skip` points ago back, the newest first; fewer where there are fewer. */
  last(count: number, skip?: number): number[];
  push(value: number): void;
  size(): number;
  /** The oldest first. */
  save(): number[];
}

export const RECENT_POINTS = 128;

export function makeRecentValues(saved: readonly number[] = []): RecentValues {
  const ring = new Float64Array(RECENT_POINTS);
  let pushed = 0;

  function at(back: number): number {
    return ring[(pushed - 1 - back + RECENT_POINTS) % RECENT_POINTS] ?? 0;
  }
  function push(value: number): void {
    ring[pushed % RECENT_POINTS] = value;
    pushed += 1;
  }
  function last(count: number, skip = 0): number[] {
    const known = Math.max(0, Math.min(count, size() - skip));
    return Array.from({ length: known }, (_, back) => at(skip + back));
  }
  function size(): number {
    return Math.min(pushed, RECENT_POINTS);
  }

  saved.slice(-RECENT_POINTS).forEach(push);
  return { at, last, push, size, save: () => last(RECENT_POINTS).reverse() };
}
