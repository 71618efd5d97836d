// From raw observations of two periods to a ranking: every extractor for which there is data, then the ranking.
import { blameEvidence } from "./blame.ts";
import { callGraph } from "./call-graph.ts";
import type { Dependency, Evidence, Symptom } from "./evidence.ts";
import { logEvidence } from "./log-changes.ts";
import type { LogEvent } from "./log-words.ts";
import { lostTimeEvidence } from "./lost-time.ts";
import { patternEvidence } from "./patterns.ts";
import { type Ranking, rankCauses } from "./rank.ts";
import { resourceEvidence } from "./resource-changes.ts";
import type { Series } from "./series.ts";
import { learnedDependencies, type Span, tracesOf } from "./spans.ts";

/** What was seen of a period. Any part may be empty. */
export interface Observations {
  series: readonly Series[];
  spans: readonly Span[];
  logs: readonly LogEvent[];
}

export interface Outage {
  normal: Observations;
  /** The time around the incident, with some time before it. */
  during: Observations;
  /** Declared dependencies; those that the spans show are added. */
  dependencies: readonly Dependency[];
  /** Begin of the incident, Unix milliseconds, as far as known. */
  since?: number;
  symptom?: Symptom;
}

export interface Findings {
  evidence: Evidence[];
  services: string[];
  dependencies: Dependency[];
}

/** Ranked suspects from raw observations. */
export function rankedCauses(outage: Outage): Ranking {
  const { evidence, services, dependencies } = evidenceIn(outage);
  const { symptom } = outage;
  const { series, spans, logs } = outage.during;
  const observed = new Set([...series, ...spans, ...logs].map((one) => one.service));
  return rankCauses({ services, dependencies, evidence, observed, ...(symptom && { symptom }) });
}

export function evidenceIn({ normal, during, dependencies, since, symptom }: Outage): Findings {
  const begun = since ?? Number.NEGATIVE_INFINITY;
  const before = tracesOf(normal.spans);
  const whole = tracesOf(during.spans);
  const after = { ...whole, invocations: whole.invocations.filter((one) => one.start >= begun) };
  const all = [...dependencies, ...learnedDependencies(before), ...learnedDependencies(whole)];
  const seen = [normal, during].flatMap(({ series, spans, logs }) => [...series, ...spans, ...logs]);
  const services = [...new Set(seen.map((one) => one.service))];
  const graph = callGraph(services, all);
  const evidence = [
    ...resourceEvidence(normal.series, during.series, since),
    ...lostTimeEvidence(before, after),
    ...patternEvidence({ traces: before, logs: normal.logs }, { traces: whole, logs: during.logs }, since),
    ...(during.spans.length === 0
      ? logEvidence(
          normal.logs,
          during.logs.filter((one) => one.at >= begun),
        )
      : []),
    // Spans say more exactly what latency metrics say.
    ...(symptom && during.spans.length === 0
      ? blameEvidence(normal.series, during.series, graph, symptom)
      : []),
  ];
  return { evidence, services: [...graph.services], dependencies: all };
}
