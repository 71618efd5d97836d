// Blocked sessions: somebody has waited for another session's lock for too long. A short wait is how locks work.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, seconds } from "./make-finding.ts";

const WARNING_MS = 5_000;
const CRITICAL_MS = 30_000;
/** So many at once hold up the service, however short each has waited. */
const MANY = 5;

export const blockedSessions: Detector = (view) => {
  const database = databaseView(view);
  const [blocked = 0, waitMs = 0] = [database?.number("blocked"), database?.number("blocked-ms")];
  if (database === undefined || blocked === 0 || waitMs < WARNING_MS) return [];
  return [
    makeFinding(view, {
      kind: "blocked-sessions",
      since: database.last.at - waitMs,
      severity: waitMs >= CRITICAL_MS || blocked >= MANY ? "critical" : "warning",
      summary: `${blocked} sessions of ${view.service.name} wait for a lock that another one holds, the longest for ${seconds(waitMs)}.`,
      facts: { blocked, waitMs, longestTransactionMs: database.number("longest-transaction-ms") ?? null },
      signals: database.looks.slice(-3),
    }),
  ];
};
