// Autonomy: a pair of cause and fix at a service acts alone when its decisions were right often enough before. Each
// decision of the gate on a plan is kept, and scored against what really happened.
import { z } from "zod";

export const decisionOutcomes = ["right", "wrong", "unclear"] as const;
/** unclear: nothing tells, so it counts for nothing. */
export type DecisionOutcome = (typeof decisionOutcomes)[number];

export const decisionEndings = [
  "healed",
  "did-not-help",
  "came-back",
  "same-done",
  "same-did-not-help",
  "cause-confirmed",
  "cause-refuted",
  "refused",
  "by-itself",
  "by-other-means",
  "unexplained",
  "went-on",
] as const;
/** What happened after a decision; see agents/decision-score.ts. */
export type DecisionEnding = (typeof decisionEndings)[number];

/** What autonomy is earned for. */
export interface Pair {
  service: string;
  /** The cause. */
  playbook: string;
  fix: string;
}

/** When autonomy is earned. */
export interface Earning {
  /** given: nothing is to be earned, the score alone counts; earned: a pair without autonomy asks. */
  grant: "given" | "earned";
  /** So many decisions at least. */
  least: number;
  /** The lower bound of the share of right ones must reach this, basis points. */
  boundBp: number;
}

/** How a pair stands: what counts since it was last lost or taken away. */
export const standingSchema = z.object({
  service: z.string(),
  playbook: z.string(),
  fix: z.string(),
  /** null: not earned. */
  earnedAt: z.number().nullable(),
  rights: z.int().min(0),
  wrongs: z.int().min(0),
  /** Lower bound of the share of right ones, basis points. */
  lowerBp: z.int().min(0).max(10_000),
  lostAt: z.number().nullable(),
  /** Why it was lost; null: it never was. */
  lostBecause: z.string().nullable(),
});
export type Standing = z.infer<typeof standingSchema>;
