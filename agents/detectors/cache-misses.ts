// Cache misses: a database reads from disk what it should have in memory, over minutes and under load. A server that has
// just begun has a cold cache, and an idle one has no rate.
import { hitRateOf } from "../../domain/database.ts";
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, percent, seconds } from "./make-finding.ts";

const WINDOW_MS = 10 * 60_000;
const SHORTEST_MS = 60_000;
const WARM_MS = 15 * 60_000;
const FEWEST_READS = 20_000;

export const cacheMisses: Detector = (view) => {
  const database = databaseView(view);
  if (database === undefined || database.engine === "redis") return [];
  if ((database.number("uptime-ms") ?? 0) < WARM_MS) return [];
  const [hits, misses] = [database.rise("cache-hits", WINDOW_MS), database.rise("cache-misses", WINDOW_MS)];
  const spanMs = view.now - (database.looks[0]?.at ?? view.now);
  if ((hits ?? 0) + (misses ?? 0) < FEWEST_READS || spanMs < SHORTEST_MS) return [];
  const rate = hitRateOf(hits, misses) ?? 1;
  const threshold = view.thresholds.cacheHitRate;
  if (rate >= threshold) return [];
  return [
    makeFinding(view, {
      kind: "cache-misses",
      since: database.looks[0]?.at ?? view.now,
      severity: "warning",
      summary: `${view.service.name} finds ${percent(rate)} of what it reads in its cache (at least ${percent(threshold)} are wanted), over the last ${seconds(spanMs)}.`,
      facts: { rate, threshold, reads: (hits ?? 0) + (misses ?? 0) },
      signals: database.looks.slice(-2),
    }),
  ];
};
