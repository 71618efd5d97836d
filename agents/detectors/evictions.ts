// Evictions: Redis throws out keys at a rate at which a cache is of no use any more. Some evictions are how a full cache
// works.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, percent, seconds } from "./make-finding.ts";

const WINDOW_MS = 5 * 60_000;
/** Of all keys, within the window. */
const STORM_SHARE = 0.5;
const FEWEST = 100;

export const evictions: Detector = (view) => {
  const database = databaseView(view);
  const evicted = database?.rise("evicted-keys", WINDOW_MS) ?? 0;
  const keys = database?.number("keys") ?? 0;
  if (database === undefined || evicted < FEWEST || evicted < keys * STORM_SHARE) return [];
  const since = database.looks.find((one) => one.at >= view.now - WINDOW_MS)?.at ?? view.now;
  const [hits, misses] = [database.rise("cache-hits", WINDOW_MS), database.rise("cache-misses", WINDOW_MS)];
  const missed = (misses ?? 0) / Math.max(1, (hits ?? 0) + (misses ?? 0));
  return [
    makeFinding(view, {
      kind: "evictions",
      since,
      severity: "warning",
      summary: `${view.service.name} evicted ${evicted} keys in ${seconds(view.now - since)} while it holds ${keys}; ${percent(missed)} of the reads found nothing.`,
      facts: { evicted, keys, missed },
      signals: database.looks.slice(-3),
    }),
  ];
};
