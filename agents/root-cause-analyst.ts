// Root-cause analyst: findings in, one diagnosis out. Every playbook that applies is checked against the world as it
// is now; the scores come from code, a model may only add causes to check, agree, doubt and explain.
import type { Clock } from "../domain/clock.ts";
import type { CheckResult, Diagnosis } from "../domain/diagnosis.ts";
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Incident } from "../domain/incident.ts";
import type { Outage } from "../domain/outage.ts";
import type { Playbook } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import type { Trust } from "../domain/trust.ts";
import type { Recall } from "../knowledge/recall.ts";
import type { Model } from "../tools/model.ts";
import { type Candidate, candidatesFor, keyOf, placesOf } from "./candidates.ts";
import type { Evidence } from "./evidence.ts";
import { explanationOf } from "./explanation.ts";
import { fixesOf, NOTHING_TRIED } from "./fix-choice.ts";
import { makeChecks, ranked, type Weighed, weigh } from "./hypothesis.ts";
import { similarCases } from "./similar-cases.ts";
import { furtherPlaybooks, secondOpinion } from "./second-opinion.ts";
import type { TrustIn } from "./trust.ts";

export interface AnalystParts {
  playbooks: readonly Playbook[];
  evidence: Evidence;
  /** Outcomes of a cause-and-fix pair. */
  trust: TrustIn;
  service: (name: string) => Service | undefined;
  /** The kind of target, as the learning agent files it. */
  targetKind: (service: string) => string;
  /** Where all that is known of all services points; absent: nobody weighs. */
  outage?: (service: string, findings: readonly Finding[]) => Outage | undefined;
  /** Cases like this one, for the reader; absent: none are shown. */
  recall?: Recall;
  model: Model;
  clock: Clock;
}

type Symptoms = Pick<Incident, "service" | "findings" | "signals" | "attempts">;

/** Rivals beyond these explain nothing any more. */
const MOST_HYPOTHESES = 10;

export function makeRootCauseAnalyst(parts: AnalystParts) {
  return async function rootCauseAnalyst(
    symptoms: Symptoms,
    signal?: AbortSignal,
  ): Promise<{ diagnosis: Diagnosis }> {
    const now = parts.clock.now();
    const look = (candidate: Candidate) => weighed(parts, symptoms, candidate, now, signal);
    const { service, findings } = symptoms;
    const recalling = similarCases(parts.recall, findings, parts.targetKind(service), signal);
    const known = candidatesFor(parts.playbooks, symptoms.findings, parts.service);
    const byRules = await Promise.all(known.map(look));
    const further = await Promise.all((await suggested(parts, symptoms, known, signal)).map(look));
    const hypotheses = ranked([...byRules, ...further]);
    const diagnosis = await concluded(parts, symptoms, hypotheses, now, signal);
    const outage = parts.outage?.(service, findings);
    const similar = await recalling;
    return {
      diagnosis: {
        ...diagnosis,
        ...(outage && isShared(outage) && { outage }),
        ...(similar.length > 0 && { similar }),
      },
    };
  };
}

/** Where one service alone is in trouble and nobody needs it, there is nothing to add. */
function isShared({ services, suspects, next }: Outage): boolean {
  return services.length > 1 || suspects.length > 1 || next.length > 0;
}

async function weighed(
  parts: AnalystParts,
  { findings, signals, attempts }: Symptoms,
  candidate: Candidate,
  now: number,
  signal?: AbortSignal,
): Promise<Weighed> {
  const checks = await makeChecks(candidate, { findings, signals, now }, parts.evidence, signal);
  return weigh(candidate, checks, { learning: await recordOf(parts, candidate, checks, attempts, now) });
}

/** The record of the fix that would be tried next for this cause. */
async function recordOf(
  { trust, targetKind }: AnalystParts,
  { playbook, service }: Candidate,
  checks: readonly CheckResult[],
  attempts: Symptoms["attempts"],
  now: number,
): Promise<Trust | undefined> {
  const next = fixesOf(playbook, checks, { ...NOTHING_TRIED, attempts }).find((one) => one.against === null);
  if (!next || next.fix.class === "human") return undefined;
  const here = { service: service.name, targetKind: targetKind(service.name) };
  return trust(playbook.id, next.fix.id, here, now);
}

async function suggested(
  { model, playbooks, service }: AnalystParts,
  symptoms: Symptoms,
  known: readonly Candidate[],
  signal?: AbortSignal,
): Promise<Candidate[]> {
  const finding = symptoms.findings.find(isSymptom);
  if (!finding) return [];
  const others = playbooks.filter((one) => !known.some(({ playbook }) => playbook.id === one.id));
  const named = await furtherPlaybooks(model, symptoms, others, signal);
  const before = new Set(known.map(keyOf));
  return named
    .flatMap((playbook) => placesOf(playbook, finding, service))
    .filter((one) => !before.has(keyOf(one)));
}

async function concluded(
  { model }: AnalystParts,
  { service, findings }: Symptoms,
  all: readonly Weighed[],
  at: number,
  signal?: AbortSignal,
): Promise<Diagnosis> {
  const [top, ...rivals] = all;
  const opinion = await secondOpinion(model, findings, hypothesesOf(all), signal);
  const order = top && opinion ? ranked([withOpinion(top, opinion), ...rivals]) : all;
  const hypotheses = hypothesesOf(order).slice(0, MOST_HYPOTHESES);
  // A model's words explain the cause that it looked at; when doubt has brought another one up, the rules explain.
  const stillTop = order[0]?.candidate === top?.candidate;
  const words = stillTop ? opinion?.explanation : undefined;
  return { service, at, hypotheses, explanation: words ?? explanationOf(hypotheses) };
}

function withOpinion(
  { candidate, hypothesis, input }: Weighed,
  { model, sceptic }: { model: { agrees: boolean }; sceptic: number },
): Weighed {
  return weigh(candidate, hypothesis.checks, { learning: input.learning, model, sceptic });
}

function hypothesesOf(all: readonly Weighed[]) {
  return all.map((one) => one.hypothesis);
}
