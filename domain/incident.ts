// An incident grows one way: observe → detect → diagnose → plan → gate → back up → apply → validate →
// learn, or roll back and learn → report. Each node reads some of these fields and adds others.
import { z } from "zod";
import { diagnosisSchema } from "./diagnosis.ts";
import { findingSchema } from "./finding.ts";
import { fixPlanSchema, verdictSchema } from "./plan.ts";
import { signalSchema } from "./signal.ts";

export const triggers = ["schedule", "watch", "api", "cli", "alert", "recovery"] as const;
export type Trigger = (typeof triggers)[number];

/** How often this signature was seen decides how it is handled. */
export const strategies = ["IMMEDIATE_FIX", "SELF_HEALING", "PREVENTIVE", "AI_POWERED"] as const;
export type Strategy = (typeof strategies)[number];

export const validationSchema = z.object({
  outcome: z.enum(["healed", "not-healed", "worse"]),
  /** One sentence: what was compared with what. */
  summary: z.string(),
  watchedMs: z.number(),
  checks: z.array(z.object({ name: z.string(), ok: z.boolean(), text: z.string() })),
});
export type Validation = z.infer<typeof validationSchema>;

export const rollbackSchema = z.object({
  outcome: z.enum(["undone", "nothing-to-undo", "failed"]),
  steps: z.array(z.object({ step: z.int(), action: z.string(), ok: z.boolean(), text: z.string() })),
});
export type Rollback = z.infer<typeof rollbackSchema>;

export const runOutcomes = [
  "healthy",
  "healed",
  "rolled-back",
  "escalated",
  "rejected",
  "no-longer-needed",
  "deferred",
  "dry-run",
  "observed",
  "cancelled",
  "failed",
] as const;
export type RunOutcome = (typeof runOutcomes)[number];

/** One attempt at a fix within a run; the run's earlier attempts keep their record here. */
export const attemptSchema = z.object({
  plan: fixPlanSchema,
  validation: validationSchema.nullable(),
  rollback: rollbackSchema.nullable(),
  /** Why it could not be carried out; absent: it was. */
  notDone: z.string().exactOptional(),
  at: z.number(),
});
export type Attempt = z.infer<typeof attemptSchema>;

export const applicationSchema = z.object({
  outcome: z.enum(["applied", "failed"]),
  appliedAt: z.number(),
  steps: z.array(
    z.object({ step: z.int(), action: z.string(), ok: z.boolean(), text: z.string(), ms: z.number() }),
  ),
});
export type Application = z.infer<typeof applicationSchema>;

/** What a human decided, bound to the plan that was shown. */
export const approvalSchema = z.object({
  decision: z.enum(["approve", "reject", "expired"]),
  planHash: z.string(),
  by: z.string(),
  reason: z.string(),
});
export type Approval = z.infer<typeof approvalSchema>;

/** What was predicted of the accepted cause, looked at right before anything was touched. */
export const confirmationSchema = z.object({
  /** It says nothing about another plan. */
  planId: z.string(),
  at: z.number(),
  /** held: nothing that could be seen speaks against it. */
  outcome: z.enum(["held", "refuted"]),
  /** In this run, with this one. */
  refutations: z.int().min(0),
  checks: z.array(
    z.object({
      id: z.string(),
      question: z.string(),
      verdict: z.enum(["held", "refuted", "unknown"]),
      text: z.string(),
    }),
  ),
});
export type Confirmation = z.infer<typeof confirmationSchema>;

/** The whole incident as the graph carries it. */
export const incidentSchema = z.object({
  runId: z.string(),
  service: z.string(),
  trigger: z.enum(triggers),
  dryRun: z.boolean(),
  incidentId: z.string().nullable(),
  signals: z.array(signalSchema),
  findings: z.array(findingSchema),
  strategy: z.enum(strategies).nullable(),
  diagnosis: diagnosisSchema.nullable(),
  plan: fixPlanSchema.nullable(),
  /** Why there is no plan, where there is none. */
  noPlan: z.string().nullable(),
  verdict: verdictSchema.nullable(),
  approval: approvalSchema.nullable(),
  /** Absent in records of runs that never came so far. */
  confirmation: confirmationSchema.nullable().exactOptional(),
  backupId: z.string().nullable(),
  application: applicationSchema.nullable(),
  validation: validationSchema.nullable(),
  rollback: rollbackSchema.nullable(),
  attempts: z.array(attemptSchema),
  learned: z.string().nullable(),
  /** The node that broke, where one did. */
  failure: z.object({ node: z.string(), message: z.string() }).nullable(),
  outcome: z.enum(runOutcomes).nullable(),
  report: z.string().nullable(),
});
export type Incident = z.infer<typeof incidentSchema>;
