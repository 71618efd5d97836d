// Deadlocks: several in a few minutes. A single one is what a server resolves by itself and a client tries again.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, seconds } from "./make-finding.ts";

const WINDOW_MS = 5 * 60_000;
const FEWEST = 3;
const STORM = 10;

export const deadlocks: Detector = (view) => {
  const database = databaseView(view);
  const count = database?.rise("deadlocks", WINDOW_MS) ?? 0;
  if (database === undefined || count < FEWEST) return [];
  const since = database.looks.find((one) => one.at >= view.now - WINDOW_MS)?.at ?? view.now;
  return [
    makeFinding(view, {
      kind: "deadlocks",
      since,
      severity: count >= STORM ? "critical" : "warning",
      summary: `${count} deadlocks in ${view.service.name} within ${seconds(view.now - since)}: transactions take the same rows in different orders.`,
      facts: { count, withinMs: view.now - since },
      signals: database.looks.slice(-3),
    }),
  ];
};
