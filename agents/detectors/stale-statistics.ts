// Stale statistics: most of a table changed since the planner was last told what is in it.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

/** Autoanalyze comes at a tenth, so at the whole it has not come for long. */
const SHARE = 0.9;
const FEWEST_ROWS = 10_000;
/** It comes within a minute or two where it comes at all. */
const HELD_MS = 120_000;

export const staleStatistics: Detector = (view) => {
  const database = databaseView(view);
  const [share = 0, rows = 0] = [database?.number("unanalysed-share"), database?.number("unanalysed-rows")];
  if (database === undefined || share < SHARE || rows < FEWEST_ROWS) return [];
  const since = database.held("unanalysed-share", (value) => value >= SHARE)[0]?.at ?? view.now;
  // Where statements are slow too, nobody needs to wait.
  const slow = (database.number("query-ms") ?? 0) >= view.thresholds.queryTimeMs;
  if (!slow && view.now - since < HELD_MS) return [];
  const table = database.word("stale-table") ?? "a table";
  return [
    makeFinding(view, {
      kind: "stale-statistics",
      since,
      severity: "warning",
      summary: `${Math.round(rows)} rows of ${table} changed since its statistics were made.`,
      facts: { share, rows, table },
      signals: database.looks.slice(-1),
      variant: table,
    }),
  ];
};
