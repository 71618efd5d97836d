// Error detector: signals in, findings out. Runs every detector and leaves out the shadows: one trouble seen from
// several sides is one finding, the most particular one, which names the kinds that it stands for.
import type { Clock } from "../domain/clock.ts";
import type { Finding, FindingKind, Severity } from "../domain/finding.ts";
import type { Thresholds } from "../domain/policy.ts";
import type { Detector, View } from "./detector.ts";
import { allDetectors } from "./detectors/all.ts";

export interface ErrorDetectorParts {
  detectors?: readonly Detector[];
  /** Asked at each look: they can be changed live. */
  thresholds: () => Thresholds;
  clock: Pick<Clock, "now">;
}

/** What was learned of the service over time, beside the signals of the last minutes. */
export type Known = Pick<View, "patterns" | "rules" | "predictions" | "absences" | "drifts" | "signs">;

const nothingKnown: Known = {
  patterns: [],
  rules: [],
  predictions: [],
  absences: [],
  drifts: () => [],
  signs: [],
};

export type ErrorDetector = (
  look: Pick<View, "service" | "signals" | "dependencies"> & Partial<Known>,
) => Finding[];

interface ShadowRule {
  hides: readonly FindingKind[];
  /** Also what is graver than itself: it explains it away. */
  graver?: true;
}

const nobodyAnswers: readonly FindingKind[] = ["hung", "unreachable", "unhealthy", "error-rate", "latency"];
const whileDown: readonly FindingKind[] = [
  ...nobodyAnswers,
  "cpu",
  "memory",
  "log-errors",
  "rate-limited",
  "limit-ahead",
  "metric-absent",
  "early-warning",
];

const shadows: Partial<Record<FindingKind, ShadowRule>> = {
  // Nobody is to start what its operator stopped, whatever its absence looks like.
  "stopped-by-operator": {
    hides: ["exited", "crash-loop", "oom-killed", "dependency-down", ...whileDown],
    graver: true,
  },
  // Why it ended is worth more than that it ended, and how often.
  "oom-killed": { hides: ["exited", "crash-loop", ...whileDown] },
  // That it always ends again is worth more than that it is down just now.
  "crash-loop": { hides: ["exited", ...whileDown] },
  // What does not run cannot answer, and its last errors are part of the finding.
  exited: { hides: whileDown },
  // A stuck process fails every check, and spins or stands still.
  hung: { hides: ["unhealthy", "error-rate", "latency", "unreachable", "cpu", "log-errors"] },
  // Where nothing can be asked, what could not be answered is no news.
  unreachable: { hides: ["unhealthy", "error-rate", "latency", "log-errors"] },
  // Rate and time are numbers; "unhealthy" is the container's word for the same.
  "error-rate": { hides: ["unhealthy", "log-errors"] },
  latency: { hides: ["unhealthy", "log-errors"] },
  // What the database says of itself explains how it answers, and what its log complains about.
  connections: { hides: ["unreachable", "latency", "log-errors", "limit-ahead"] },
  "blocked-sessions": { hides: ["slow-queries", "latency", "log-errors"] },
  deadlocks: { hides: ["log-errors"] },
  "missing-object": { hides: ["log-errors", "error-rate"] },
  "store-full": { hides: ["log-errors", "limit-ahead"] },
  "not-saved": { hides: ["log-errors", "unreachable"] },
  "blocked-clients": { hides: ["unreachable", "hung", "latency"] },
  // The full disk is what the log complains about.
  disk: { hides: ["log-errors"] },
  // The cause lies on the other side: what this service shows follows from it.
  "rate-limited": { hides: ["error-rate", "latency", "log-errors", "unhealthy"], graver: true },
  "dependency-down": { hides: ["error-rate", "latency", "log-errors", "unhealthy", "hung"], graver: true },
};

const gravity: Record<Severity, number> = { critical: 0, warning: 1, info: 2 };

/** Findings of one service, gravest first, then in the order in which they began. */
export function makeErrorDetector({
  detectors = allDetectors,
  thresholds,
  clock,
}: ErrorDetectorParts): ErrorDetector {
  return function errorDetector(look) {
    const view: View = { ...nothingKnown, ...look, thresholds: thresholds(), now: clock.now() };
    const found = detectors.flatMap((detect) => detect(view));
    return found
      .filter((one) => !found.some((other) => isShadowOf(one, other)))
      .map((one) => withShadows(one, found))
      .sort((a, b) => gravity[a.severity] - gravity[b.severity] || a.since - b.since);
  };
}

function isShadowOf(one: Finding, other: Finding): boolean {
  const rule = shadows[other.kind];
  if (rule === undefined || !rule.hides.includes(one.kind)) return false;
  return rule.graver === true || gravity[other.severity] <= gravity[one.severity];
}

/** What was left out stays visible to a reader of the record. */
function withShadows(one: Finding, found: readonly Finding[]): Finding {
  const hidden = found.filter((other) => isShadowOf(other, one)).map((other) => other.kind);
  return hidden.length === 0 ? one : { ...one, facts: { ...one.facts, standsFor: [...new Set(hidden)] } };
}
