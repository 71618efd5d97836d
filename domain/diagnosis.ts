// A diagnosis: the ranked hypotheses, each with its arithmetic. Confidence is counted in integer
// basis points (8,500 = 85 %) and every addend is kept, so that it can be recomputed by hand.
import { z } from "zod";
import { jsonObjectSchema, jsonSchema } from "./json.ts";
import { outageSchema } from "./outage.ts";
import { trustSchema } from "./trust.ts";

/** What was seen when a check was made. Unknown is not contradicting. */
export const observationSchema = z.discriminatedUnion("status", [
  z.object({
    status: z.literal("known"),
    name: z.string(),
    params: jsonObjectSchema,
    at: z.number(),
    value: jsonSchema,
    text: z.string(),
  }),
  z.object({
    status: z.literal("unknown"),
    name: z.string(),
    params: jsonObjectSchema,
    at: z.number(),
    reason: z.string(),
  }),
]);
export type Observation = z.infer<typeof observationSchema>;

export const checkResultSchema = z.object({
  check: z.string(),
  question: z.string(),
  verdict: z.enum(["supports", "contradicts", "unknown"]),
  /** Whether this check tells the cause from its likeliest rival. */
  discriminating: z.boolean(),
  /** Signed basis points added to the score. */
  points: z.int(),
  observation: observationSchema,
});
export type CheckResult = z.infer<typeof checkResultSchema>;

export const addendSchema = z.object({
  kind: z.enum(["prior", "check", "model", "sceptic", "learning", "cap", "clamp"]),
  label: z.string(),
  points: z.int(),
});
export type Addend = z.infer<typeof addendSchema>;

export const hypothesisSchema = z.object({
  playbook: z.string(),
  title: z.string(),
  /** The service at fault; may differ from the one that shows the symptom. */
  service: z.string(),
  /** One sentence: the cause, with what was seen. */
  cause: z.string(),
  checks: z.array(checkResultSchema),
  /** Sums to scoreBp exactly. */
  addends: z.array(addendSchema),
  scoreBp: z.int().min(0).max(10_000),
  discriminated: z.boolean(),
  /** What the addend of kind "learning" was counted from, where there is one. */
  trust: trustSchema.exactOptional(),
  /** Only a language model brought it up: nothing is planned for it. */
  named: z.literal(true).exactOptional(),
  /** The evidence leaves nothing of it: it is told as ruled out, and never as a cause. */
  ruledOut: z.literal(true).exactOptional(),
});
export type Hypothesis = z.infer<typeof hypothesisSchema>;

/** A case that is remembered, or generally known, and looks alike. */
export const similarCaseSchema = z.object({
  id: z.string(),
  title: z.string(),
  playbook: z.string(),
  cause: z.string(),
  fix: z.string(),
  outcome: z.enum(["healed", "not-healed", "worse", "escalated", "rejected", "known"]),
  runId: z.string().nullable(),
  service: z.string().nullable(),
  at: z.number(),
  /** 0–1 */
  similarity: z.number(),
});
export type SimilarCase = z.infer<typeof similarCaseSchema>;

/** What a language model said, and so what it changed; whatever it did not answer is as the rules have it. */
export const opinionSchema = z.object({
  provider: z.string(),
  model: z.string(),
  /** Playbooks beyond those that apply by the rules. */
  named: z.array(z.string()),
  /** Check ids, as it would make them. */
  order: z.array(z.string()),
  /** The cause that fits best; null: no answer. */
  best: z.string().nullable(),
  agrees: z.boolean(),
  /** 0 or less. */
  doubtBp: z.int(),
  doubtReason: z.string(),
  /** What it says of its own certainty: recorded, and counted for nothing. */
  ownConfidence: z.number().nullable(),
  /** Whether the explanation is in its words. */
  explained: z.boolean(),
});
export type Opinion = z.infer<typeof opinionSchema>;

export const diagnosisSchema = z.object({
  service: z.string(),
  at: z.number(),
  /** Best first; empty when no playbook applies. */
  hypotheses: z.array(hypothesisSchema),
  /** What was weighed, too, and came to less than all of these: without its checks. */
  beyond: z.array(z.object({ playbook: z.string(), service: z.string(), scoreBp: z.int() })).exactOptional(),
  /** Plain words for a person; by rules, or by a model where one is configured. */
  explanation: z.string(),
  /** Where a language model was asked and had something to say. */
  opinion: opinionSchema.exactOptional(),
  /** The outage that it belongs to, where other services have or may get a part in it. */
  outage: outageSchema.exactOptional(),
  /** Shown to the person; they change no score. */
  similar: z.array(similarCaseSchema).exactOptional(),
});
export type Diagnosis = z.infer<typeof diagnosisSchema>;

type Ranked = Pick<Diagnosis, "hypotheses"> | null | undefined;

/** The causes that the evidence leaves, likeliest first. */
export function causesIn(diagnosis: Ranked): Hypothesis[] {
  return diagnosis?.hypotheses.filter((one) => one.scoreBp > 0) ?? [];
}

/** undefined: no known failure fits. */
export function causeIn(diagnosis: Ranked): Hypothesis | undefined {
  return causesIn(diagnosis)[0];
}

/** Below this a cause is a guess, and told as one. */
export const GUESS_BELOW_BP = 6_000;

export function isGuess({ scoreBp }: Pick<Hypothesis, "scoreBp">): boolean {
  return scoreBp < GUESS_BELOW_BP;
}

export function ruledOutIn(diagnosis: Ranked): Hypothesis[] {
  return diagnosis?.hypotheses.filter((one) => one.scoreBp <= 0) ?? [];
}
