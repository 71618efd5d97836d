// Blocked sessions: somebody has waited for another session's lock for too long. A short wait is how locks work; but
// where clients give up early, others take their places behind the same lock, and none of them waits for long.
import type { Detector } from "../detector.ts";
import { type DatabaseView, databaseView } from "./database-view.ts";
import { makeFinding, seconds } from "./make-finding.ts";

const WARNING_MS = 5_000;
const CRITICAL_MS = 30_000;
/** So many at once hold up the service, however short each has waited. */
const MANY = 5;
const FEWEST_LOOKS = 3;

export const blockedSessions: Detector = (view) => {
  const database = databaseView(view);
  const [blocked = 0, waitMs = 0] = [database?.number("blocked"), database?.number("blocked-ms")];
  if (database === undefined || blocked === 0) return [];
  const heldMs = Math.max(waitMs, queuedMs(database));
  if (heldMs < WARNING_MS) return [];
  return [
    makeFinding(view, {
      kind: "blocked-sessions",
      since: database.last.at - heldMs,
      severity: heldMs >= CRITICAL_MS || blocked >= MANY ? "critical" : "warning",
      summary: `${blocked} sessions of ${view.service.name} wait for a lock that another one holds, the longest for ${seconds(waitMs)}.`,
      facts: { blocked, waitMs, longestTransactionMs: database.number("longest-transaction-ms") ?? null },
      signals: database.looks.slice(-3),
    }),
  ];
};

/** How long many have been waiting at every look, behind a transaction that is at least as old. */
function queuedMs(database: DatabaseView): number {
  const looks = database.held("blocked", (blocked) => blocked >= MANY);
  const ms = database.last.at - (looks[0]?.at ?? database.last.at);
  const isOne = (database.number("longest-transaction-ms") ?? 0) >= ms;
  return looks.length >= FEWEST_LOOKS && isOne ? ms : 0;
}
