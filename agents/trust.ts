// Trust in a pair of cause and fix: the outcomes that are remembered, weighed by age and by nearness, and the points
// that they move a score by. All in whole numbers; one more success never lowers it, one more failure never lifts it.
import type { Trust, WeighedOutcomes } from "../domain/trust.ts";
import type { CaseRecord, Cases, DatedOutcomes } from "../knowledge/records.ts";

/** After so many days an outcome weighs half: services change, and so does what helps them. */
export const TRUST_HALF_LIFE_DAYS = 90;
/** Older outcomes weigh nothing: less than half a ten-thousandth. */
export const TRUST_REACH_MS = 15 * TRUST_HALF_LIFE_DAYS * 24 * 3_600_000;
/** A perfect or hopeless record moves a score by half of this. */
export const LEARNING_SPAN_BP = 2_000;
/** One outcome of today. */
export const ONE_OUTCOME_BP = 10_000;
/** So many outcomes are taken from the wider record (none at all: half of them good) before the own ones count. */
const ASSUMED = 4;
const EVEN_BP = 5_000;
const DAY_MS = 24 * 3_600_000;

/** What one outcome of this age counts, 0 to 10,000. An outcome from the future is one of today. */
export function weightOf(ageMs: number): number {
  const halvings = Math.max(0, ageMs) / (TRUST_HALF_LIFE_DAYS * DAY_MS);
  return Math.round(ONE_OUTCOME_BP * 0.5 ** halvings);
}

/** undefined: nothing that still counts is known of this pair. */
export function trustOf(outcomes: readonly DatedOutcomes[], now: number): Trust | undefined {
  const within = (nearness: DatedOutcomes["nearness"]) =>
    weighed(
      outcomes.filter((one) => one.nearness === nearness),
      now,
    );
  const trust: Trust = {
    at: now,
    halfLifeDays: TRUST_HALF_LIFE_DAYS,
    target: within("target"),
    kind: within("kind"),
    others: within("others"),
  };
  return known(trust) === 0 ? undefined : trust;
}

/** The trust in a pair of cause and fix at a service. */
export type TrustIn = (
  playbook: string,
  fix: string,
  here: Pick<CaseRecord, "service" | "targetKind">,
  now: number,
) => Promise<Trust | undefined>;

export function trustFrom(history: Cases["history"]): TrustIn {
  return async (playbook, fix, here, now) =>
    trustOf(await history(playbook, fix, here, now - TRUST_REACH_MS), now);
}

function known({ target, kind, others }: Trust): number {
  return target.weightBp + kind.weightBp + others.weightBp;
}

function weighed(outcomes: readonly DatedOutcomes[], now: number): WeighedOutcomes {
  const sum: WeighedOutcomes = { total: 0, successes: 0, weightBp: 0, healedBp: 0 };
  for (const { day, total, successes } of outcomes) {
    // By the day: outcomes of one day are as old as each other.
    const weight = weightOf((Math.floor(now / DAY_MS) - day) * DAY_MS);
    sum.total += total;
    sum.successes += successes;
    sum.weightBp += total * weight;
    sum.healedBp += successes * weight;
  }
  return sum;
}

/** How likely the fix heals here, 0 to 10,000: the own record, smoothed by that of the kind, that by all others'. */
export function rateOf({ target, kind, others }: Trust): number {
  return smoothed(target, smoothed(kind, smoothed(others, EVEN_BP)));
}

/** Counted again from the record: what the history moves the score by. */
export function learningPoints(trust: Trust): number {
  return Math.round(((rateOf(trust) - EVEN_BP) * LEARNING_SPAN_BP) / ONE_OUTCOME_BP) + 0;
}

/** In words, for the addend. */
export function trustWords({ target, kind, others }: Trust): string {
  const parts = [
    [target, "here"],
    [kind, "on others of its kind"],
    [others, "elsewhere"],
  ] as const;
  const told = parts
    .filter(([one]) => one.total > 0)
    .map(([one, where]) => `${one.successes} of ${one.total} times ${where}`);
  return `healed ${told.join(", ")} before, the older the less it counts`;
}

// Two successes and two failures assumed beforehand where nothing wider is known, so that one lucky outcome moves little.
function smoothed({ weightBp, healedBp }: WeighedOutcomes, widerBp: number): number {
  const healed = Math.min(healedBp, weightBp);
  return Math.round((ONE_OUTCOME_BP * (healed + ASSUMED * widerBp)) / (weightBp + ASSUMED * ONE_OUTCOME_BP));
}
