// The history of one log pattern of one service: counts in 10-second and 5-minute buckets, its rhythm, and what they
// say now. Bounded: about 2 kB a pattern, however many lines it has.
import { type Buckets, makeBuckets, type SavedBuckets } from "./buckets.ts";
import { afterLine, type Rhythm, silenceOf } from "./rhythm.ts";
import { type Burst, burstOf, isNew, type Trend, trendOf } from "./trend.ts";

export const FINE_MS = 10_000;
export const COARSE_MS = 5 * 60_000;
/** Ten minutes, and a day. */
const FINE_KEPT = 60;
const COARSE_KEPT = 288;

export interface PatternView {
  trend: Trend;
  firstSeen: number;
  lastSeen: number;
  total: number;
  burst?: Burst;
  /** A heartbeat that stopped: for how long, ms. */
  silentMs?: number;
}

export interface PatternHistory {
  note(at: number, lines?: number): void;
  /** `watchedSince`: since when this service's lines are read, Unix ms. */
  view(now: number, watchedSince: number): PatternView;
  /** Unix ms. */
  lastSeen(): number;
  /** A heartbeat that stopped: for how long; cheaper than the whole view. */
  silentMs(now: number): number | undefined;
  /** Of the last `wanted` five-minute buckets, oldest first. */
  counts(wanted: number, now: number): number[];
  save(): SavedPatternHistory;
}

export interface SavedPatternHistory {
  firstSeen: number;
  lastSeen: number;
  total: number;
  fine: SavedBuckets;
  coarse: SavedBuckets;
  rhythm?: Rhythm;
}

export function makePatternHistory(saved?: SavedPatternHistory): PatternHistory {
  const fine: Buckets = makeBuckets(FINE_MS, FINE_KEPT, saved?.fine);
  const coarse: Buckets = makeBuckets(COARSE_MS, COARSE_KEPT, saved?.coarse);
  let { firstSeen, lastSeen, total, rhythm } = saved ?? {
    firstSeen: 0,
    lastSeen: 0,
    total: 0,
    rhythm: undefined,
  };

  return {
    note(at, lines = 1) {
      fine.add(at, lines);
      coarse.add(at, lines);
      rhythm = afterLine(rhythm, at);
      firstSeen = total === 0 ? at : Math.min(firstSeen, at);
      lastSeen = Math.max(lastSeen, at);
      total += lines;
    },
    view(now, watchedSince) {
      const fiveMinutes = coarse.last(COARSE_KEPT, now);
      const known = Math.floor((now - Math.max(watchedSince, now - COARSE_KEPT * COARSE_MS)) / COARSE_MS);
      const burst = burstOf(fine.last(7, now), fiveMinutes, known);
      const silentMs = silenceOf(rhythm, now);
      const seen = { firstSeen, lastSeen, total };
      if (silentMs !== undefined) return { trend: "vanished", ...seen, silentMs };
      const trend = isNew(firstSeen, watchedSince, now) ? "new" : trendOf(fiveMinutes.slice(-known - 1));
      return { trend, ...seen, ...(burst && { burst }) };
    },
    lastSeen: () => lastSeen,
    silentMs: (now) => silenceOf(rhythm, now),
    counts: (wanted, now) => coarse.last(wanted, now),
    save: () => ({
      firstSeen,
      lastSeen,
      total,
      fine: fine.save(),
      coarse: coarse.save(),
      ...(rhythm && { rhythm }),
    }),
  };
}
