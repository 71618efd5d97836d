// Memory: close to its limit. Below the threshold it is a warning only while it grows: a steady 75 % is how a service
// was sized, a growing 75 % is on its way to being killed.
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { makeFinding, percent, seconds } from "./make-finding.ts";
import { sustained } from "./sustained.ts";

const GROWTH = 0.05;

export const memory: Detector = (view) => {
  const threshold = view.thresholds.memory;
  const high = sustained(view, "memory", threshold);
  if (high === undefined) return [];
  const { value, since, risen, signals } = high;
  const growing = risen >= GROWTH;
  const bytes = only(view.signals, "metric").findLast(
    (one) => one.name === "memory-bytes" && one.of === "service",
  );
  return [
    makeFinding(view, {
      kind: "memory",
      since,
      severity: high.severity === "critical" ? "critical" : growing ? "warning" : "info",
      summary: `${view.service.name} uses ${percent(value)} of its memory (limit ${percent(threshold)}), for ${seconds(view.now - since)} now${growing ? ", and grows" : ""}.`,
      facts: {
        value,
        threshold,
        growing,
        risen,
        bytes: bytes?.value ?? null,
        limitBytes: bytes?.limit ?? view.service.limits.maxMemoryBytes ?? null,
      },
      signals,
    }),
  ];
};
