// Early warning: what moved before a symptom each time it came, moves again. Only told: the symptom is not there yet,
// and nobody repairs a service for what may come.
import type { Detector } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { recent } from "./recent.ts";

const MOST = 5;

export const earlyWarning: Detector = (view) => {
  if (recent(view).running === false) return [];
  return view.signs.slice(0, MOST).map(({ watch, since, value }) =>
    makeFinding(view, {
      kind: "early-warning",
      since,
      severity: "warning",
      summary: `${watch.kind} of ${watch.service} may follow in ${seconds(watch.sign?.leadMs ?? 0)} or more. Before: ${watch.told}`,
      facts: {
        watch: watch.id,
        expected: watch.kind,
        sign: watch.sign?.kind ?? null,
        value,
        leadMs: watch.sign?.leadMs ?? null,
      },
      signals: [],
      variant: watch.signature,
    }),
  );
};
