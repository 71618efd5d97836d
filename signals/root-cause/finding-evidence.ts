// What the detectors' findings say about where the cause is: some symptoms happen in the service itself, others may as
// well come from what it depends on.
import { type Finding, type FindingKind, isSymptom } from "../../domain/finding.ts";
import type { CauseKind, Evidence } from "./evidence.ts";

interface Meaning {
  reach: Evidence["reach"];
  strength: number;
  kind?: CauseKind;
}

/** Absent: says nothing about services. */
const meanings: Partial<Record<FindingKind, Meaning>> = {
  exited: { reach: "own", strength: 5 },
  "crash-loop": { reach: "own", strength: 4 },
  "oom-killed": { reach: "own", strength: 5, kind: "memory" },
  hung: { reach: "own", strength: 3 },
  cpu: { reach: "own", strength: 3, kind: "cpu" },
  memory: { reach: "own", strength: 3, kind: "memory" },
  disk: { reach: "own", strength: 4, kind: "disk" },
  "stopped-by-operator": { reach: "own", strength: 5, kind: "configuration" },
  connections: { reach: "own", strength: 4 },
  "blocked-sessions": { reach: "own", strength: 4 },
  deadlocks: { reach: "own", strength: 2 },
  "missing-object": { reach: "own", strength: 3, kind: "code" },
  "slow-queries": { reach: "own", strength: 3 },
  "store-full": { reach: "own", strength: 5, kind: "memory" },
  evictions: { reach: "own", strength: 2, kind: "memory" },
  "not-saved": { reach: "own", strength: 5, kind: "disk" },
  replication: { reach: "own", strength: 3 },
  "blocked-clients": { reach: "own", strength: 3 },
  unreachable: { reach: "effect", strength: 4 },
  unhealthy: { reach: "effect", strength: 3 },
  latency: { reach: "effect", strength: 3 },
  "error-rate": { reach: "effect", strength: 3 },
  "log-errors": { reach: "effect", strength: 2, kind: "code" },
  "rate-limited": { reach: "effect", strength: 2, kind: "dependency" },
  "heartbeat-lost": { reach: "effect", strength: 2 },
  "dependency-down": { reach: "effect", strength: 2, kind: "dependency" },
};

/** A warning is half as telling as what is critical. */
const WARNING = 0.5;

/** Whether the symptom may as well come from what the service depends on. */
export function isEffect({ kind }: Pick<Finding, "kind">): boolean {
  return meanings[kind]?.reach === "effect";
}

/** One piece for each finding that speaks for a cause in its service. */
export function findingEvidence(
  findings: readonly Pick<Finding, "kind" | "service" | "since" | "severity" | "summary">[],
): Evidence[] {
  return findings.flatMap((finding) => {
    const meaning = meanings[finding.kind];
    if (meaning === undefined || (!isSymptom(finding) && finding.kind !== "stopped-by-operator")) return [];
    const strength = meaning.strength * (finding.severity === "warning" ? WARNING : 1);
    return [
      { ...meaning, strength, service: finding.service, since: finding.since, because: finding.summary },
    ];
  });
}
