// Which fixes of a playbook are left to try: the first whose needs hold, that was not tried in this run, and that has
// not failed here before.
import type { CheckResult } from "../domain/diagnosis.ts";
import type { Attempt } from "../domain/incident.ts";
import { type Fix, type FixClass, fixClasses, type Playbook, rankOf } from "../domain/playbook.ts";
import type { CaseRecord } from "../knowledge/records.ts";
import { ONE_OUTCOME_BP, weightOf } from "./trust.ts";

/** These do the same to the service whatever the cause was thought to be: a second one of the class is a repetition. */
const SAME_WHATEVER_THE_CAUSE: readonly FixClass[] = ["reload", "restart"];

/**
 * Failures since the fix last healed stand against it while together they weigh this much: one of them for a half-life
 * of trust, two for two, four for three.
 */
const HELD_AGAINST_BP = ONE_OUTCOME_BP / 2;

export interface Tried {
  attempts: readonly Pick<Attempt, "plan">[];
  /** Cases of the service, newest first. */
  past: readonly Pick<CaseRecord, "playbook" | "fixClass" | "outcome" | "signature" | "at">[];
  signatures: readonly string[];
  /** A fix that healed and whose symptom is back within this time did not heal, ms. */
  symptomReturnsMs: number;
  now: number;
}

export const NOTHING_TRIED: Tried = { attempts: [], past: [], signatures: [], symptomReturnsMs: 0, now: 0 };

/** In the playbook's order, each fix with what stands against it; null: nothing does. */
export function fixesOf(
  playbook: Playbook,
  checks: readonly CheckResult[],
  tried: Tried,
): { fix: Fix; against: string | null }[] {
  return playbook.fixes
    .filter((fix) => isForNow(fix, checks))
    .map((fix) => ({ fix, against: objection(playbook, fix, checks, tried) }));
}

/** What a person is told to do is for what was seen only: the rest is no reason, but noise. */
function isForNow(fix: Fix, checks: readonly CheckResult[]): boolean {
  return fix.class !== "human" || missingOf(fix, checks) === undefined;
}

/** The first check that it needs and that has not shown what it acts on; undefined: nothing is missing. */
export function missingOf(fix: Fix, checks: readonly CheckResult[]): string | undefined {
  return fix.needs.find((id) => !checks.some((one) => one.check === id && one.verdict === "supports"));
}

/** What was asked and how it was answered: that often is a leave which its owner has not given. */
function notShown(playbook: Playbook, fix: Fix, id: string, checks: readonly CheckResult[]): string {
  const title = fix.title.replaceAll(/\s*\{[^}]*\}/g, " …").replace(/:? …$/, "");
  const question = playbook.checks.find((one) => one.id === id)?.question ?? id;
  const observation = checks.find((one) => one.check === id)?.observation;
  const found = observation?.status === "known" ? observation.text : (observation?.reason ?? "not asked");
  return `"${title}" is only for where this is so: ${question} (${found})`;
}

function objection(
  playbook: Playbook,
  fix: Fix,
  checks: readonly CheckResult[],
  tried: Tried,
): string | null {
  if (fix.class === "human") return null;
  const missing = missingOf(fix, checks);
  if (missing !== undefined) return notShown(playbook, fix, missing, checks);
  if (tried.attempts.some(({ plan }) => isRepetition(playbook, fix, plan))) {
    return `${named(fix.class)} was tried in this run`;
  }
  const stronger = tried.attempts.find(
    ({ plan }) => plan.playbook === playbook.id && rankOf(plan.class) > rankOf(fix.class),
  );
  if (stronger)
    return `${named(stronger.plan.class)} was tried in this run, and ${named(fix.class)} is milder`;
  return pastObjection(playbook, fix, tried);
}

function isRepetition(playbook: Playbook, fix: Fix, plan: Attempt["plan"]): boolean {
  if (plan.class !== fix.class) return false;
  return plan.playbook === playbook.id || SAME_WHATEVER_THE_CAUSE.includes(fix.class);
}

function pastObjection(playbook: Playbook, fix: Fix, tried: Tried): string | null {
  const sameClass = tried.past.filter((one) => one.fixClass === fix.class);
  const decided = sameClass.filter((one) => one.playbook === playbook.id && DECIDING.includes(one.outcome));
  const healed = decided.findIndex((one) => one.outcome === "healed");
  const failures = healed < 0 ? decided : decided.slice(0, healed);
  const weight = failures.reduce((sum, one) => sum + weightOf(tried.now - one.at), 0);
  if (weight >= HELD_AGAINST_BP) return `${named(fix.class)} did not help here before`;
  const back = sameClass.some(
    (one) =>
      one.outcome === "healed" &&
      tried.now - one.at < tried.symptomReturnsMs &&
      (one.playbook === playbook.id || tried.signatures.includes(one.signature)),
  );
  if (back) return `the symptom is back after ${named(fix.class)}`;
  const stronger = tried.past.find(
    (one) =>
      one.playbook === playbook.id &&
      DECIDING.includes(one.outcome) &&
      tried.now - one.at < tried.symptomReturnsMs &&
      isStronger(one.fixClass, fix),
  );
  return stronger
    ? `the symptom is there after ${named(stronger.fixClass)}, and ${named(fix.class)} is milder`
    : null;
}

/** A class of fixes in a sentence. */
function named(fixClass: string): string {
  return fixClass === "data" ? "a change of data" : `a ${fixClass}`;
}

const isStronger = (known: string, { class: own }: Fix): boolean =>
  fixClasses.some((one) => one === known && rankOf(one) > rankOf(own));

/** A rejected or escalated plan was never carried out: it says nothing about the fix. */
const DECIDING: readonly CaseRecord["outcome"][] = ["healed", "not-healed", "worse"];
