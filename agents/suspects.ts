// Suspects: the findings of all services, strange numbers, changed logs and who needs whom, weighed into ranked causes,
// and a warning of who is hit next. Made when somebody asks; nothing is kept.
import type { Clock } from "../domain/clock.ts";
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Outage } from "../domain/outage.ts";
import type { Service } from "../domain/service.ts";
import { type CallGraph, callGraph, stepsFrom } from "../signals/root-cause/call-graph.ts";
import { hitNext } from "../signals/root-cause/cascade.ts";
import type { Evidence } from "../signals/root-cause/evidence.ts";
import { findingEvidence } from "../signals/root-cause/finding-evidence.ts";
import { incidentsOf } from "../signals/root-cause/incidents.ts";
import { logTrendEvidence } from "../signals/root-cause/log-trends.ts";
import { rankCauses } from "../signals/root-cause/rank.ts";
import { strangeSeriesEvidence } from "../signals/root-cause/strange-series.ts";
import { declaredDependencies } from "./dependency-graph.ts";
import { learnedDependencies } from "./learned-dependencies.ts";
import type { CallWatch } from "./call-watch.ts";
import type { SeenPattern } from "./log-observer.ts";
import type { SeenAnomaly } from "./metric-watch.ts";

export interface SuspectsParts {
  services: () => readonly Service[];
  /** What the last look at a service found; undefined: not looked at yet. */
  findings: (service: string) => readonly Finding[] | undefined;
  /** Series that are strange just now. */
  anomalies: () => readonly SeenAnomaly[];
  /** Patterns of a service's log that are worth a look now. */
  patterns: (service: string) => readonly SeenPattern[];
  /** What traces tell; absent: nobody takes any. */
  calls?: Pick<CallWatch, "dependencies" | "evidence">;
  clock: Pick<Clock, "now">;
}

export interface Suspects {
  /** The outage from the side of one service, whose findings of now are given; undefined: it has no symptom. */
  of(service: string, findings: readonly Finding[]): Outage | undefined;
  /** All outages of now, the one with most services first. */
  outages(): Outage[];
}

/** What is shown of an outage, and services that are weighed against each other at most. */
const MOST_SUSPECTS = 5;
const MOST_HITS = 10;
const MOST_WEIGHED = 500;
const MOST_OUTAGES = 50;
const MOST_PATTERNS = 20;

/** What is known now, read once for a question. */
interface Now {
  graph: CallGraph;
  symptoms: readonly Finding[];
  anomalies: readonly SeenAnomaly[];
  patterns: readonly SeenPattern[];
  observed: ReadonlySet<string>;
  /** What traces since then say. */
  traced: (since: number) => readonly Evidence[];
  at: number;
}

export function makeSuspects(parts: SuspectsParts): Suspects {
  function read(own?: { service: string; findings: readonly Finding[] }): Now {
    const services = parts.services();
    const findings = services.flatMap(({ name }) =>
      name === own?.service ? own.findings : (parts.findings(name) ?? []),
    );
    const symptoms = findings.filter(isSymptom);
    const troubled = [...new Set(symptoms.map((one) => one.service))].slice(0, MOST_WEIGHED);
    const patterns = troubled.flatMap((name) => parts.patterns(name).slice(0, MOST_PATTERNS));
    const names = services.map((one) => one.name);
    const dependencies = [
      ...declaredDependencies(services),
      ...(parts.calls?.dependencies() ?? []),
      ...learnedDependencies(services, patterns),
    ];
    return {
      graph: callGraph(names, dependencies),
      symptoms,
      anomalies: parts.anomalies(),
      patterns,
      observed: new Set(names.filter((one) => parts.findings(one) !== undefined)),
      traced: (since) => parts.calls?.evidence(since) ?? [],
      at: parts.clock.now(),
    };
  }

  return {
    of(service, findings) {
      const now = read({ service, findings });
      return now.symptoms.some((one) => one.service === service) ? outageAround([service], now) : undefined;
    },
    outages() {
      const now = read();
      return incidentsOf(now.symptoms, now.graph)
        .map(({ findings }) => outageAround([...new Set(findings.map((one) => one.service))], now))
        .toSorted((a, b) => b.services.length - a.services.length)
        .slice(0, MOST_OUTAGES);
    },
  };
}

/** The services that show it and all that they need are weighed: nothing else can be its cause. */
function outageAround(troubled: readonly string[], now: Now): Outage {
  const { graph, at } = now;
  const weighed = new Set(
    troubled.flatMap((one) => [...stepsFrom(one, graph.callees).keys()]).slice(0, MOST_WEIGHED),
  );
  const dependencies = [...weighed].flatMap((from) => graph.callees(from).map((to) => ({ from, to })));
  const { ranked, kind } = rankCauses({
    services: [...weighed],
    dependencies: dependencies.filter((one) => weighed.has(one.to)),
    evidence: evidenceOn(weighed, now),
    observed: now.observed,
  });
  const cause = ranked[0]?.service ?? troubled[0] ?? "";
  const begun = beginOf(now.symptoms, new Set([...weighed, ...stepsFrom(cause, graph.callers).keys()]));
  return {
    suspects: ranked
      .slice(0, MOST_SUSPECTS)
      .filter((one, index) => index === 0 || one.because.length > 0 || one.confidence >= LEAST_CONFIDENCE)
      .map((one) => ({ ...one, confidence: rounded(one.confidence) })),
    kind: kind ?? null,
    services: [...begun].map(([service, since]) => ({ service, since })),
    next: hitNext({ graph, cause, observed: begun, now: at })
      .slice(0, MOST_HITS)
      .map(({ service, probability, at: due, path }) => ({
        service,
        chance: rounded(probability),
        at: Math.round(due),
        path,
      })),
  };
}

/** Below this, one for which nothing speaks is not worth naming. */
const LEAST_CONFIDENCE = 0.05;

function evidenceOn(
  services: ReadonlySet<string>,
  { symptoms, anomalies, patterns, traced }: Now,
): Evidence[] {
  const here = (one: { service: string }): boolean => services.has(one.service);
  const shown = symptoms.filter(here);
  const since = shown.reduce((earliest, one) => Math.min(earliest, one.since), Number.POSITIVE_INFINITY);
  return [
    ...(shown.length > 0 ? traced(since).filter(here) : []),
    ...findingEvidence(shown),
    ...strangeSeriesEvidence(anomalies.filter(here)),
    ...logTrendEvidence(patterns.filter(here)),
  ];
}

/** Begin of the symptoms of each of these services, the first one first. */
function beginOf(symptoms: readonly Finding[], services: ReadonlySet<string>): Map<string, number> {
  const begun = new Map<string, number>();
  for (const { service, since } of symptoms.toSorted((a, b) => a.since - b.since)) {
    if (services.has(service) && !begun.has(service)) begun.set(service, since);
  }
  return begun;
}

function rounded(share: number): number {
  return Math.round(share * 100) / 100;
}
