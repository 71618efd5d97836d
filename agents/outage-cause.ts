// Outage cause: whose incident a service's symptoms belong to. What only a service itself can have is its own; what may
// as well come from a dependency belongs to the outage of that one, while it lasts and the times fit.
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Incident } from "../domain/incident.ts";
import type { IncidentRecord } from "../knowledge/records.ts";
import { type CallGraph, stepsFrom } from "../signals/root-cause/call-graph.ts";
import { isEffect } from "../signals/root-cause/finding-evidence.ts";
import { incidentsOf } from "../signals/root-cause/incidents.ts";

/** `open`: incidents that are open now, of any service. undefined: its own. Pure. */
export function outageCause(
  { service, findings }: Pick<Incident, "service" | "findings">,
  open: readonly Pick<IncidentRecord, "service" | "openedAt">[],
  graph: CallGraph,
): string | undefined {
  const symptoms = findings.filter(isSymptom);
  if (symptoms.length === 0 || !symptoms.every(isEffect)) return undefined;
  const below = stepsFrom(service, graph.callees);
  const troubles = open.flatMap((one) =>
    one.service !== service && below.has(one.service) ? [{ service: one.service, since: one.openedAt }] : [],
  );
  const own = { service, since: sinceOf(symptoms) };
  const groups = incidentsOf([own, ...troubles], graph);
  const cause = groups.find((one) => one.findings.includes(own))?.cause;
  return cause === service ? undefined : cause;
}

export function sinceOf(findings: readonly Pick<Finding, "since">[]): number {
  return Math.min(...findings.map((one) => one.since));
}
