// Sequence end: the numbers of a key are nearly used up. When they are, nothing can be inserted any more.
import type { Detector } from "../detector.ts";
import { databaseView } from "./database-view.ts";
import { makeFinding, percent } from "./make-finding.ts";

const WARNING = 0.8;
const CRITICAL = 0.95;

export const sequenceEnd: Detector = (view) => {
  const database = databaseView(view);
  const share = database?.number("sequence-share") ?? 0;
  if (database === undefined || share < WARNING) return [];
  const sequence = database.word("sequence") ?? "a sequence";
  return [
    makeFinding(view, {
      kind: "sequence-end",
      since: database.held("sequence-share", (value) => value >= WARNING)[0]?.at ?? view.now,
      severity: share >= CRITICAL ? "critical" : "warning",
      summary: `${sequence} has used ${percent(share)} of its numbers.`,
      facts: { share, sequence },
      signals: database.looks.slice(-1),
      variant: sequence,
    }),
  ];
};
