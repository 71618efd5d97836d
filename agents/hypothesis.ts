// Makes the checks of one candidate cause and turns them into a hypothesis with its arithmetic.
import type { CheckResult, Hypothesis, Observation } from "../domain/diagnosis.ts";
import type { Check } from "../domain/playbook.ts";
import type { Candidate } from "./candidates.ts";
import { type ScoreInput, score } from "./confidence.ts";
import type { Evidence, Scene } from "./evidence.ts";
import { fits, valueAt } from "./expectation.ts";

/** A hypothesis with what its score was made of, so that it can be scored again with a second opinion. */
export interface Weighed {
  candidate: Candidate;
  hypothesis: Hypothesis;
  input: ScoreInput;
}

const LONGEST_CAUSE = 400;

export async function makeChecks(
  candidate: Candidate,
  look: Pick<Scene, "findings" | "signals" | "now">,
  evidence: Evidence,
  signal?: AbortSignal,
): Promise<CheckResult[]> {
  const scene: Scene = { ...look, service: candidate.service, finding: candidate.finding };
  return Promise.all(
    candidate.playbook.checks.map(async (check) =>
      resultOf(check, await evidence.observe(check.observe, check.params, scene, signal)),
    ),
  );
}

export function weigh(
  candidate: Candidate,
  checks: CheckResult[],
  more: Omit<ScoreInput, "prior" | "checks"> = {},
): Weighed {
  const { playbook, service } = candidate;
  const input: ScoreInput = { prior: playbook.prior, checks, ...more };
  const hypothesis: Hypothesis = {
    playbook: playbook.id,
    title: playbook.title,
    service: service.name,
    cause: filled(playbook.cause, checks),
    checks,
    ...score(input),
    ...(more.learning && { trust: more.learning }),
  };
  return { candidate, hypothesis, input };
}

/** Best first; equal scores by playbook and service, so that the order never depends on who answered first. */
export function ranked<T extends { hypothesis: Hypothesis }>(all: readonly T[]): T[] {
  return all.toSorted(
    ({ hypothesis: a }, { hypothesis: b }) =>
      b.scoreBp - a.scoreBp || compare(a.playbook, b.playbook) || compare(a.service, b.service),
  );
}

function resultOf(check: Check, observation: Observation): CheckResult {
  const fit = observation.status === "known" ? fits(check.expect, observation.value) : undefined;
  const verdict = fit === undefined ? "unknown" : fit ? "supports" : "contradicts";
  const points = { supports: check.weight, contradicts: -check.against, unknown: 0 }[verdict];
  const discriminating = check.discriminates.length > 0;
  return {
    check: check.id,
    question: check.question,
    verdict,
    discriminating,
    points: points + 0,
    observation,
  };
}

/**
 * {check} becomes what was seen, {check.path} a value in it. What was not seen is said to be unknown, unless
 * it stands alone in brackets: there it would read as if that were the finding.
 */
export function filled(template: string, checks: readonly CheckResult[]): string {
  const cause = template.replaceAll(
    /\{([a-z0-9-]+)(?:\.([A-Za-z0-9.]+))?\}/g,
    (_all, id: string, path?: string) => {
      const observation = checks.find((one) => one.check === id)?.observation;
      if (observation?.status !== "known") return "not seen";
      if (path === undefined) return observation.text;
      const value = valueAt(observation.value, path);
      return typeof value === "string" ? value : JSON.stringify(value ?? "not seen");
    },
  );
  const text = cause.replaceAll(" (not seen)", "");
  return text.length > LONGEST_CAUSE ? `${text.slice(0, LONGEST_CAUSE - 1)}…` : text;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
