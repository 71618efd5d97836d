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
import { CAP_BP, type ScoreInput } from "./confidence.ts";
import type { Evidence } from "./evidence.ts";
import { explanationOf } from "./explanation.ts";
import { fixesOf, NOTHING_TRIED } from "./fix-choice.ts";
import { makeChecks, ranked, type Weighed, weigh } from "./hypothesis.ts";
import { type Asked, checkOrder, furtherPlaybooks, inOrder } from "./model-hints.ts";
import { type SecondOpinion, secondOpinion } from "./second-opinion.ts";
import { similarCases } from "./similar-cases.ts";
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
  /** From this score on a human is asked, basis points. */
  askBp?: () => number;
  /** What a cause may come to at most: in a replay, of whose record its checks are no part. */
  atMost?: (candidate: Candidate) => number | undefined;
  clock: Clock;
}

/** As the policy has it by default. */
const USUAL_ASK_BP = 6_000;

type Symptoms = Pick<Incident, "service" | "findings" | "signals" | "attempts">;

/** Rivals beyond these explain nothing any more. */
const MOST_HYPOTHESES = 10;

export function makeRootCauseAnalyst(parts: AnalystParts) {
  return async function rootCauseAnalyst(
    symptoms: Symptoms,
    signal?: AbortSignal,
  ): Promise<{ diagnosis: Diagnosis }> {
    const now = parts.clock.now();
    const { service, findings } = symptoms;
    const recalling = similarCases(parts.recall, findings, parts.targetKind(service), signal);
    const known = candidatesFor(parts.playbooks, findings, parts.service);
    const [named, order] = await Promise.all([
      suggested(parts, symptoms, known, signal),
      checkOrder(parts.model, findings, known, signal),
    ]);
    const look = (candidate: Candidate) => weighed(parts, symptoms, inOrder(candidate, order), now, signal);
    const [byRules, byModel] = await Promise.all([
      Promise.all(known.map(look)),
      Promise.all(named.map(look)),
    ]);
    const hypotheses = ranked([...byRules, ...onlyNamed(byModel, byRules)]);
    const asked = { named: named.map(({ playbook }) => playbook.id), order };
    const diagnosis = await concluded(parts, symptoms, hypotheses, { now, asked, signal });
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
  const learning = await recordOf(parts, candidate, checks, attempts, now);
  return weigh(candidate, checks, { learning, recorded: parts.atMost?.(candidate) });
}

/**
 * What only a model brought up is shown with its evidence and stands below every cause that applies by the rules; where
 * there is none, it is shown, and nothing is planned for it: a model alone leads to no action, asked for or not.
 */
function onlyNamed(named: readonly Weighed[], byRules: readonly Weighed[]): Weighed[] {
  const best = byRules.map((one) => one.hypothesis.scoreBp).sort((a, b) => b - a)[0];
  const most = best === undefined ? CAP_BP : Math.max(0, best - 1);
  return named.map((found) => {
    const one = again(found, { named: most });
    return { ...one, hypothesis: { ...one.hypothesis, named: true } };
  });
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
  { model, askBp = () => USUAL_ASK_BP }: AnalystParts,
  { service, findings }: Symptoms,
  all: readonly Weighed[],
  { now, asked, signal }: { now: number; asked: Asked; signal: AbortSignal | undefined },
): Promise<Diagnosis> {
  const opinion = await secondOpinion(model, findings, hypothesesOf(all), asked, signal);
  const ruled = hypothesesOf(opinion ? withOpinion(all, opinion, askBp()) : all);
  const hypotheses = ruled.slice(0, MOST_HYPOTHESES);
  const beyond = ruled.slice(MOST_HYPOTHESES).map(({ playbook, service: at, scoreBp }) => {
    return { playbook, service: at, scoreBp };
  });
  const explanation = opinion?.explanation ?? explanationOf(ruled);
  return {
    service,
    at: now,
    hypotheses,
    ...(beyond.length > 0 && { beyond }),
    explanation,
    ...(opinion && { opinion: opinion.record }),
  };
}

/**
 * Agreement and doubt count for the likeliest cause. Agreement makes surer what would have been asked for anyway. Doubt hands the decision to a human and never to another cause:
 * no rival comes to stand above the one that was doubted, or a model could choose by doubting.
 */
function withOpinion(
  [top, ...rivals]: readonly Weighed[],
  { model, sceptic }: SecondOpinion,
  askBp: number,
): Weighed[] {
  if (!top) return [];
  const agrees = model.agrees && top.hypothesis.scoreBp >= askBp;
  const judged = again(top, { model: { agrees }, sceptic });
  const most = judged.hypothesis.scoreBp;
  const kept = rivals.map((one) => {
    const over = one.hypothesis.scoreBp - most;
    return over > 0 ? again(one, { sceptic: -over }) : one;
  });
  return [judged, ...ranked(kept)];
}

/** The same checks, weighed with something more. */
function again({ candidate, hypothesis, input }: Weighed, more: Partial<ScoreInput>): Weighed {
  const one = weigh(candidate, hypothesis.checks, { ...input, ...more });
  return { ...one, hypothesis: { ...hypothesis, ...one.hypothesis } };
}

function hypothesesOf(all: readonly Weighed[]) {
  return all.map(({ hypothesis }) =>
    hypothesis.scoreBp > 0 ? hypothesis : { ...hypothesis, ruledOut: true as const },
  );
}
