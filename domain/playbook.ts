// A playbook: one failure mode in one file. Declarative, so that shipped ones (TypeScript) and users' own
// (YAML in opsmedic.d/) go through the same schema.
import { z } from "zod";
import { findingKinds } from "./finding.ts";
import { jsonSchema } from "./json.ts";

export const fixClasses = ["reload", "restart", "limit", "configuration", "data", "human"] as const;
/** Graduated response: after a fix whose symptom returned, the next must be of another class. */
export type FixClass = (typeof fixClasses)[number];

/** 0 is the mildest. */
export const rankOf = (one: FixClass): number => fixClasses.indexOf(one);

export const risks = ["low", "medium", "high"] as const;
export type Risk = (typeof risks)[number];

/** What an observation's value must be for the check to support the cause. */
export const expectationSchema = z.union([
  z.strictObject({ is: jsonSchema }),
  z.strictObject({ isNot: jsonSchema }),
  z.strictObject({ oneOf: z.array(jsonSchema).min(1) }),
  z.strictObject({ atLeast: z.number() }),
  z.strictObject({ atMost: z.number() }),
  z.strictObject({ matches: z.string() }),
  /** Present and not empty. */
  z.strictObject({ some: z.literal(true) }),
  z.strictObject({ none: z.literal(true) }),
]);
export type Expectation = z.infer<typeof expectationSchema>;

/** A parameter is a plain value or comes from an observation of this diagnosis: {from: "<check id>", at: "path.in.value"}. */
export const paramSourceSchema = z.union([
  z.strictObject({ from: z.string(), at: z.string().optional() }),
  z.strictObject({ value: jsonSchema }),
]);

export const checkSchema = z.strictObject({
  id: z.string(),
  question: z.string(),
  /** Name of a read-only observation in agents/evidence. */
  observe: z.string(),
  params: z.record(z.string(), jsonSchema).default({}),
  expect: expectationSchema,
  /** Basis points added when it supports, and taken when it contradicts. */
  weight: z.int().min(0).max(5_000),
  against: z.int().min(0).max(10_000).default(0),
  /** Playbooks that would fail this check: the likeliest rivals. */
  discriminates: z.array(z.string()).default([]),
});
export type Check = z.infer<typeof checkSchema>;

/**
 * What must hold right before a fix is carried out, if the cause is the true one. It is looked at freshly then, and one
 * that is refuted stops the plan: the world has changed since, or the cause was another.
 */
export const predictionSchema = checkSchema.pick({
  id: true,
  question: true,
  observe: true,
  params: true,
  expect: true,
});
export type Prediction = z.infer<typeof predictionSchema>;

export const fixSchema = z.strictObject({
  id: z.string(),
  /** May hold {placeholders} for checks' observed values, as the cause does. */
  title: z.string(),
  class: z.enum(fixClasses),
  risk: z.enum(risks),
  /** Needs these observations to be known and to support; else the fix is not offered. */
  needs: z.array(z.string()).default([]),
  actions: z.array(
    z.strictObject({
      action: z.string(),
      params: z.record(z.string(), paramSourceSchema).default({}),
    }),
  ),
});
export type Fix = z.infer<typeof fixSchema>;

export const playbookSchema = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]+$/),
  title: z.string(),
  /** Words that people and programs use for this failure. */
  vocabulary: z.array(z.string()).default([]),
  /** Where the cause lies: in the service with the symptom, or in one that it depends on. */
  about: z.enum(["service", "dependency"]).default("service"),
  appliesTo: z.array(z.enum(findingKinds)).min(1),
  /** One sentence with {placeholders} for check ids' observed values. */
  cause: z.string(),
  prior: z.int().min(0).max(6_000),
  checks: z.array(checkSchema).min(1),
  /** Cheap observations: they are made between the gate and the first action. */
  predicts: z.array(predictionSchema).max(4).default([]),
  fixes: z.array(fixSchema),
});
export type Playbook = z.infer<typeof playbookSchema>;
