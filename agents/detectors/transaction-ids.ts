// Transaction ids: PostgreSQL is on its way to refusing every write, since old rows were not frozen.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, percent } from "./make-finding.ts";

/** Autovacuum freezes by itself at a tenth; well beyond it something keeps it from that. */
const WARNING = 0.3;
const CRITICAL = 0.7;

export const transactionIds: Detector = (view) => {
  const database = databaseView(view);
  const share = database?.number("transaction-id-share") ?? 0;
  if (database === undefined || share < WARNING) return [];
  const name = database.word("transaction-id-database") ?? "";
  return [
    makeFinding(view, {
      kind: "transaction-ids",
      since: database.held("transaction-id-share", (value) => value >= WARNING)[0]?.at ?? view.now,
      severity: share >= CRITICAL ? "critical" : "warning",
      summary: `${percent(share)} of the transaction ids are used up in the database ${name}: at 100 % PostgreSQL refuses every write.`,
      facts: { share, database: name },
      signals: database.looks.slice(-1),
      variant: name,
    }),
  ];
};
