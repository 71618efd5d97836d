// How an incident is handled: what cannot wait is fixed at once, what keeps coming back is healed by routine.
import type { Finding, FindingKind } from "../domain/finding.ts";
import type { Strategy } from "../domain/incident.ts";

/** Nothing is served while these last. */
const CANNOT_WAIT: readonly FindingKind[] = ["exited", "oom-killed", "crash-loop", "hung"];

/** `occurrencesBefore`: incidents with this signature before this one; 0 is the first time. */
export function strategyOf(findings: readonly Pick<Finding, "kind">[], occurrencesBefore: number): Strategy {
  if (findings.some((one) => CANNOT_WAIT.includes(one.kind))) return "IMMEDIATE_FIX";
  if (occurrencesBefore >= 2) return "SELF_HEALING";
  return occurrencesBefore === 1 ? "PREVENTIVE" : "AI_POWERED";
}
