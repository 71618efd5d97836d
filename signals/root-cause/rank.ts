// Which service is the cause: everything that speaks for each, what its dependencies explain taken off, as shares of one
// certainty. "None of these" is a candidate too: where nothing stands out the confidence stays low.
import { type CallGraph, callGraph, stepsFrom } from "./call-graph.ts";
import type { CauseKind, Dependency, Evidence, Symptom } from "./evidence.ts";
import { saturating, sum } from "./statistics.ts";

/** Log-odds of "none of these". */
const NOBODY = 2;
/** Further evidence of another kind counts less than the first: they are seldom independent. */
const FURTHER = 0.4;
/** A cause that the complaining service does not depend on, even indirectly. */
const OUT_OF_REACH = 0.3;
/** What each suspect dependant adds, at most this often. */
const PER_DEPENDANT = 0.3;
const MOST_DEPENDANTS = 3;
/** Log-odds of a dependency without evidence, per log-odds of its troubled caller: unobserved, and observed to be well. */
const UNOBSERVED = 0.15;
const WELL = 0.03;
/** A resource is measured, the other kinds are inferred. */
const MEASURED = 1.5;
/** Keeps the exponential in range. */
const MOST_SCORE = 50;
/** Nothing is more certain than this. */
const MOST_CONFIDENCE = 0.97;

export interface RankInput {
  services: readonly string[];
  dependencies: readonly Dependency[];
  evidence: readonly Evidence[];
  symptom?: Symptom;
  /** Services that something is known of, so that no evidence means that they are well. */
  observed?: ReadonlySet<string>;
}

export interface Suspect {
  service: string;
  /** 0 to 1; all suspects together stay below 1. */
  confidence: number;
  /** Strongest first. */
  because: string[];
}

export interface Ranking {
  /** Best suspect first, every service once. */
  ranked: Suspect[];
  /** What is wrong with the first; absent when nothing tells. */
  kind?: CauseKind;
}

export function rankCauses(input: RankInput): Ranking {
  const { services, dependencies, evidence } = input;
  const graph = callGraph([...services, ...evidence.map((one) => one.service)], dependencies);
  const pieces = Map.groupBy(evidence.filter(speaks), (one) => one.service);
  const own = new Map(graph.services.map((one) => [one, weightOf(pieces.get(one) ?? [])]));
  const scores = new Map(graph.services.map((one) => [one, scoreOf(one, graph, pieces, own, input)]));
  const shares = sharesOf(scores);
  const ranked = [...shares]
    .toSorted(([a, first], [b, second]) => second - first || (a < b ? -1 : 1))
    .map(([service, confidence]) => ({ service, confidence, because: reasons(pieces.get(service) ?? []) }));
  const kind = kindOf(pieces.get(ranked[0]?.service ?? "") ?? []);
  return { ranked, ...(kind && { kind }) };
}

function speaks({ strength }: Evidence): boolean {
  return strength > 0;
}

/** The strongest piece of each kind in full for the first, less for the others. */
function weightOf(pieces: readonly Evidence[]): number {
  const kinds = [...Map.groupBy(pieces, (one) => one.kind).values()];
  const best = kinds.map((group) => Math.max(...group.map((one) => one.strength))).toSorted((a, b) => b - a);
  return (best[0] ?? 0) + FURTHER * sum(best.slice(1));
}

function scoreOf(
  service: string,
  graph: CallGraph,
  pieces: ReadonlyMap<string, Evidence[]>,
  weights: ReadonlyMap<string, number>,
  { symptom, observed }: Pick<RankInput, "symptom" | "observed">,
): number {
  const all = pieces.get(service) ?? [];
  const explained = explainedBelow(service, graph, weights);
  const kept = all.map((one) =>
    one.reach === "own" ? one : { ...one, strength: one.strength * (1 - explained) },
  );
  const weight = weightOf(kept);
  const reached = symptom === undefined || stepsFrom(service, graph.callers).has(symptom.service);
  const troubledCallers = graph.callers(service).map((one) => weights.get(one) ?? 0);
  const silent = (observed?.has(service) ? WELL : UNOBSERVED) * Math.max(0, ...troubledCallers);
  const dependants = Math.min(MOST_DEPENDANTS, sum(troubledCallers.map((one) => saturating(one, 2))));
  const support = PER_DEPENDANT * dependants * saturating(weight, 2);
  return (weight + support + silent) * (reached ? 1 : OUT_OF_REACH);
}

/** How far a service's trouble is explained by what it depends on, 0 to 1; nearer and worse explains more. */
function explainedBelow(service: string, graph: CallGraph, weights: ReadonlyMap<string, number>): number {
  const mine = weights.get(service) ?? 0;
  const above = stepsFrom(service, graph.callers);
  let explained = 0;
  for (const [other, steps] of stepsFrom(service, graph.callees)) {
    const weight = weights.get(other) ?? 0;
    // In a circle each could explain the other: the worse one does.
    if (other === service || (above.has(other) && weight <= mine)) continue;
    explained = Math.max(explained, saturating(weight, 1) * 0.9 ** (steps - 1));
  }
  return explained;
}

/** Odds of each against all and against nobody; without evidence they are 0. */
function sharesOf(scores: ReadonlyMap<string, number>): Map<string, number> {
  const odds = new Map(
    [...scores].map(([service, score]) => [service, Math.expm1(Math.min(score, MOST_SCORE))]),
  );
  const whole = sum(odds.values()) + Math.exp(NOBODY);
  return new Map([...odds].map(([service, one]) => [service, (MOST_CONFIDENCE * one) / whole]));
}

function reasons(pieces: readonly Evidence[]): string[] {
  return pieces.toSorted((a, b) => b.strength - a.strength).map((one) => one.because);
}

/** The kind with the most behind it. A resource that is used up explains that calls are slow, not the reverse. */
function kindOf(pieces: readonly Evidence[]): CauseKind | undefined {
  return pieces.filter((one) => one.kind !== undefined).toSorted((one, other) => claim(other) - claim(one))[0]
    ?.kind;
}

function claim({ kind, strength }: Evidence): number {
  return kind === "cpu" || kind === "memory" || kind === "disk" ? strength * MEASURED : strength;
}
