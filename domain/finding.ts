// A finding is a symptom that a detector states. Detectors are rules and statistics, never a model.
import { z } from "zod";
import { jsonObjectSchema } from "./json.ts";
import { signalSchema } from "./signal.ts";

export const findingKinds = [
  "exited",
  "crash-loop",
  "oom-killed",
  "unhealthy",
  "hung",
  "unreachable",
  "error-rate",
  "latency",
  "cpu",
  "memory",
  "disk",
  "log-errors",
  "rate-limited",
  "dependency-down",
  "stopped-by-operator",
  "source-down",
  "heartbeat-lost",
  "rule-matched",
  "metric-absent",
  "disk-filling",
  "limit-ahead",
  "parameter-drift",
  "connections",
  "blocked-sessions",
  "deadlocks",
  "missing-object",
  "slow-queries",
  "bloat",
  "stale-statistics",
  "useless-index",
  "sequence-end",
  "transaction-ids",
  "cache-misses",
  "bad-setting",
  "replication",
  "events-off",
  "store-full",
  "evictions",
  "blocked-clients",
  "output-buffers",
  "not-saved",
  "fragmentation",
  "early-warning",
  "certificate-expiring",
  "clock-skew",
  "open-files",
  "threads",
  "zombies",
  "inodes",
  "not-as-configured",
] as const;
export type FindingKind = (typeof findingKinds)[number];

export const severities = ["critical", "warning", "info"] as const;
export type Severity = (typeof severities)[number];

export const findingSchema = z.object({
  kind: z.enum(findingKinds),
  service: z.string(),
  /** When the symptom began, as far as the signals tell. */
  since: z.number(),
  at: z.number(),
  severity: z.enum(severities),
  /** One sentence for a person, with the numbers. */
  summary: z.string(),
  /** Stable hash of service, kind and normalised text: the same symptom has the same one. */
  signature: z.string(),
  /** The facts of the detector by name: exit code, rate, limit, … */
  facts: jsonObjectSchema,
  /** The signals it rests on, newest last, at most 20. */
  signals: z.array(signalSchema),
});
export type Finding = z.infer<typeof findingSchema>;

/** healthy: nothing found; warning: nothing worse than a warning; critical otherwise. */
export type Level = "healthy" | "warning" | "critical";

export function levelOf(findings: readonly Pick<Finding, "severity">[]): Level {
  if (findings.some((one) => one.severity === "critical")) return "critical";
  return findings.some((one) => one.severity === "warning") ? "warning" : "healthy";
}

/** That a part of the service cannot be seen, and what has not happened yet: nobody repairs a service for that. */
const onlyTold: ReadonlySet<FindingKind> = new Set([
  "source-down",
  "metric-absent",
  "disk-filling",
  "limit-ahead",
  "early-warning",
  "certificate-expiring",
  "clock-skew",
]);

/** Whether a finding is something to heal. Information (stopped by its operator, …) and what is only told are not. */
export function isSymptom(finding: Pick<Finding, "kind" | "severity">): boolean {
  return finding.severity !== "info" && !onlyTold.has(finding.kind);
}

/** Its operator has stopped it: it is left alone. It counts as healthy, but is neither well nor ill. */
export function isStopped(seen: { level: string; findings: readonly Pick<Finding, "kind">[] }): boolean {
  return seen.level === "healthy" && seen.findings.some(({ kind }) => kind === "stopped-by-operator");
}
