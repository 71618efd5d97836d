// Slow queries: the statements that matter take longer than the owner allows, again and again, or several have run for
// seconds at once. One long report is how a database is used.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, seconds } from "./make-finding.ts";

const FEWEST_CALLS = 5;
const SEVERAL = 3;
const IN_A_ROW = 3;

export const slowQueries: Detector = (view) => {
  const database = databaseView(view);
  if (database === undefined) return [];
  const limitMs = view.thresholds.queryTimeMs;
  const [ms = 0, calls = 0] = [database.number("query-ms"), database.number("query-calls")];
  const many = database.held("active-over-1s", (value) => value >= SEVERAL);
  const counted = ms >= limitMs && calls >= FEWEST_CALLS;
  if (!counted && many.length < IN_A_ROW) return [];
  const since = counted
    ? (database.held("query-ms", (value) => value >= limitMs)[0]?.at ?? view.now)
    : (many[0]?.at ?? view.now);
  const statement = database.word("slowest-statement")?.slice(0, 120).replaceAll(/\s+/g, " ");
  return [
    makeFinding(view, {
      kind: "slow-queries",
      since,
      severity: "warning",
      summary: counted
        ? `${view.service.name} takes ${Math.round(ms)} ms on average (limit ${limitMs} ms) for ${statement ?? "a statement"}.`
        : `${database.number("active-over-1s") ?? SEVERAL} statements of ${view.service.name} run for more than a second at once, for ${seconds(view.now - since)} now.`,
      facts: { ms, thresholdMs: limitMs, calls, atOnce: database.number("active-over-1s") ?? null },
      signals: database.looks.slice(-3),
    }),
  ];
};
