// Stopped by its operator: shown, and left alone.
import type { Detector } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { recent } from "./recent.ts";

export const stoppedByOperator: Detector = (view) => {
  const { state, running } = recent(view);
  if (!state?.stoppedByOperator || running) return [];
  return [
    makeFinding(view, {
      kind: "stopped-by-operator",
      since: state.finishedAt ?? state.at,
      severity: "info",
      summary: `${view.service.name} was stopped by its operator, and is left alone.`,
      facts: { status: state.status },
      signals: [state],
    }),
  ];
};
