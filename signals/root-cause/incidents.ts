// One outage, one incident: findings of services that need each other, begun about the same time, belong together, and
// the one that needs none of the others leads.
import { type CallGraph, stepsFrom } from "./call-graph.ts";

/** A symptom that begins this much before its cause is of something else; detectors differ in how late they are. */
const EARLIER = 2 * 60_000;
/** A symptom that begins later than this after the incident's last one is of something else. */
const LATER = 15 * 60_000;

/** What grouping needs of a finding. */
export interface ServiceFinding {
  service: string;
  /** Begin of the symptom, Unix milliseconds. */
  since: number;
}

export interface IncidentGroup<Finding extends ServiceFinding> {
  /** The service whose incident it is. */
  cause: string;
  /** In order of their begin. */
  findings: Finding[];
}

/**
 * Each finding in exactly one incident. A service joins the incident of the troubled service that it depends on, over
 * any number of healthy ones between; of several the one nearest to it. In a circle the first to show symptoms leads.
 */
export function incidentsOf<Finding extends ServiceFinding>(
  findings: readonly Finding[],
  graph: CallGraph,
): IncidentGroup<Finding>[] {
  const byService = Map.groupBy(
    findings.toSorted((a, b) => a.since - b.since),
    (one) => one.service,
  );
  const begun = new Map([...byService].map(([service, all]) => [service, all[0]?.since ?? 0]));
  const causes = new Map([...begun.keys()].map((service) => [service, nextCause(service, begun, graph)]));
  const groups = Map.groupBy(byService.keys(), (service) => lastCause(service, causes, begun));
  return [...groups].map(([cause, services]) => ({
    cause,
    findings: services.flatMap((one) => byService.get(one) ?? []).toSorted((a, b) => a.since - b.since),
  }));
}

/** The incident that a finding belongs to, by the service that leads it. */
export function incidentOf<Finding extends ServiceFinding>(
  finding: Finding,
  findings: readonly Finding[],
  graph: CallGraph,
): IncidentGroup<Finding> | undefined {
  return incidentsOf(findings, graph).find((one) => one.findings.includes(finding));
}

/** The nearest troubled service below, if the times fit. */
function nextCause(
  service: string,
  begun: ReadonlyMap<string, number>,
  graph: CallGraph,
): string | undefined {
  const mine = begun.get(service) ?? 0;
  const fitting = [...stepsFrom(service, graph.callees)].filter(([other]) => {
    const since = begun.get(other);
    return other !== service && since !== undefined && since - mine <= EARLIER && mine - since <= LATER;
  });
  // Breadth first: the first is among the nearest; of those the one that began first.
  const [nearest] = fitting.toSorted(
    ([a, near], [b, far]) => near - far || (begun.get(a) ?? 0) - (begun.get(b) ?? 0) || (a < b ? -1 : 1),
  );
  return nearest?.[0];
}

function lastCause(
  service: string,
  causes: ReadonlyMap<string, string | undefined>,
  begun: ReadonlyMap<string, number>,
): string {
  const way = [service];
  for (;;) {
    const next = causes.get(way.at(-1) ?? service);
    if (next === undefined) return way.at(-1) ?? service;
    if (way.includes(next)) return firstOf(way.slice(way.indexOf(next)), begun);
    way.push(next);
  }
}

function firstOf(circle: readonly string[], begun: ReadonlyMap<string, number>): string {
  const [first] = circle.toSorted((a, b) => (begun.get(a) ?? 0) - (begun.get(b) ?? 0) || (a < b ? -1 : 1));
  return first ?? "";
}
