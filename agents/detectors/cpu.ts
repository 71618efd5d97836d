// CPU: all that the service may use is used, for a while.
import type { Detector } from "../detector.ts";
import { makeFinding, percent, seconds } from "./make-finding.ts";
import { sustained } from "./sustained.ts";

export const cpu: Detector = (view) => {
  const threshold = view.thresholds.cpu;
  const high = sustained(view, "cpu", threshold);
  if (high === undefined) return [];
  const { severity, value, since, signals } = high;
  return [
    makeFinding(view, {
      kind: "cpu",
      since,
      severity,
      summary: `${view.service.name} uses ${percent(value)} of its CPU (limit ${percent(threshold)}), for ${seconds(view.now - since)} now.`,
      facts: { value, threshold, forMs: view.now - since },
      signals,
    }),
  ];
};
