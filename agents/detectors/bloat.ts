// Bloat: dead rows make up much of a table of some size, which autovacuum should have removed at a fifth.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, percent } from "./make-finding.ts";

const SHARE = 0.4;
const FEWEST_ROWS = 10_000;

export const bloat: Detector = (view) => {
  const database = databaseView(view);
  const [share = 0, rows = 0] = [database?.number("dead-share"), database?.number("dead-rows")];
  if (database === undefined || share < SHARE || rows < FEWEST_ROWS) return [];
  const table = database.word("bloated-table") ?? "a table";
  return [
    makeFinding(view, {
      kind: "bloat",
      since: database.held("dead-share", (value) => value >= SHARE)[0]?.at ?? view.now,
      severity: "warning",
      summary: `${percent(share)} of the rows of ${table} are dead (${Math.round(rows)}): it is overdue for a vacuum.`,
      facts: { share, rows, table },
      signals: database.looks.slice(-1),
      variant: table,
    }),
  ];
};
