// Useless index: one that opsmedic made does not pay, by what was counted since. Nothing is broken, and every write pays.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding } from "./make-finding.ts";

export const uselessIndex: Detector = (view) => {
  const database = databaseView(view);
  const index = database?.word("useless-index");
  if (database === undefined || index === undefined) return [];
  const why = database.word("useless-index-why") ?? "it does not pay";
  const since = database.looks.find((one) => one.words["useless-index"] === index)?.at ?? view.now;
  return [
    makeFinding(view, {
      kind: "useless-index",
      since,
      severity: "warning",
      summary: `The index ${index}, which opsmedic made, does not pay: ${why}.`,
      facts: { index, why },
      signals: database.looks.slice(-1),
      variant: index,
    }),
  ];
};
