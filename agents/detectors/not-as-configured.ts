// Gone back to what was last well: nothing is broken, and what its operator wanted to run does not run. It is shown as long
// as that is so.
import type { Detector } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { recent } from "./recent.ts";

export const notAsConfigured: Detector = (view) => {
  const { state, running } = recent(view);
  if (!running || state?.goneBackTo === undefined) return [];
  const wanted =
    view.service.runtime?.kind === "process"
      ? "the configured command; correct it, and restart the service"
      : "what was rolled out last; roll a working version out";
  return [
    makeFinding(view, {
      kind: "not-as-configured",
      since: state.startedAt ?? state.at,
      severity: "info",
      summary: `${view.service.name} runs ${state.goneBackTo}, with which it was last well, instead of ${wanted}.`,
      facts: { goneBackTo: state.goneBackTo },
      signals: [state],
    }),
  ];
};
