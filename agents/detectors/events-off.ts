// Events off: MySQL has events that are to run, and its scheduler does not run.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

export const eventsOff: Detector = (view) => {
  const database = databaseView(view);
  const scheduler = database?.word("event-scheduler");
  if (database === undefined || scheduler === undefined || scheduler === "ON") return [];
  if (database.word("has-events") !== "yes") return [];
  return [
    makeFinding(view, {
      kind: "events-off",
      since: database.looks.find((one) => one.words["event-scheduler"] !== "ON")?.at ?? view.now,
      severity: "warning",
      summary: `${view.service.name} has events that are enabled, but its event scheduler is ${scheduler}: none of them runs.`,
      facts: { scheduler },
      signals: database.looks.slice(-1),
    }),
  ];
};
