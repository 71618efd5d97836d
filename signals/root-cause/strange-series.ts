// Series that are strange just now as evidence: more of a resource than expected is the service's own doing, slower or
// more errors may as well come from what it depends on. Less than expected is what an outage elsewhere looks like.
import type { CauseKind, Evidence } from "./evidence.ts";
import { type MetricMeaning, meaningOf } from "./metric-words.ts";

/** What is needed of an anomaly that goes on. */
export interface StrangeSeries {
  service: string;
  name: string;
  /** "service" or a probe; what is measured on the host says nothing about one of its services. */
  measuredOn: string;
  /** Unix milliseconds. */
  at: number;
  value: number;
  expected?: number;
  /** 0 to 1. */
  score: number;
}

/** Weaker than a detector's finding, which knows what the service may use. */
const MOST_STRENGTH = 2.5;
/** What goes on is no less strange than when the alarm was raised. */
const LEAST_SCORE = 0.5;

const meanings: Partial<Record<MetricMeaning, Pick<Evidence, "reach"> & { kind?: CauseKind }>> = {
  cpu: { reach: "own", kind: "cpu" },
  memory: { reach: "own", kind: "memory" },
  latency: { reach: "effect" },
  failures: { reach: "effect" },
};

export function strangeSeriesEvidence(all: readonly StrangeSeries[]): Evidence[] {
  return all.flatMap(({ service, name, measuredOn, at, value, expected, score }) => {
    const meaning = meaningOf(name);
    const says = meaning && meanings[meaning];
    if (says === undefined || expected === undefined || value <= expected) return [];
    if (says.reach === "own" && measuredOn !== "service") return [];
    const strength = MOST_STRENGTH * Math.min(1, Math.max(LEAST_SCORE, score));
    const because = `${name} is ${figure(value)}, expected was ${figure(expected)}`;
    return [{ service, ...says, strength, since: at, because }];
  });
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toString();
}
