// A fix plan: typed actions with parameters, bound by its hash to what a human approves.
import { z } from "zod";
import { jsonObjectSchema } from "./json.ts";
import { fixClasses, risks } from "./playbook.ts";

export const effects = ["read", "repeatable", "reversible", "irreversible"] as const;
export type Effect = (typeof effects)[number];

export const plannedActionSchema = z.object({
  step: z.int().min(1),
  action: z.string(),
  service: z.string(),
  params: jsonObjectSchema,
  effect: z.enum(effects),
});
export type PlannedAction = z.infer<typeof plannedActionSchema>;

export const fixPlanSchema = z.object({
  id: z.string(),
  runId: z.string(),
  service: z.string(),
  playbook: z.string(),
  cause: z.string(),
  fix: z.string(),
  title: z.string(),
  class: z.enum(fixClasses),
  risk: z.enum(risks),
  actions: z.array(plannedActionSchema),
  blastRadius: z.object({
    services: z.array(z.string()),
    downtimeMs: z.number(),
    /** Services that need these, however far; absent in older records. */
    dependants: z.array(z.string()).exactOptional(),
  }),
  /** sha256 over the actions with their parameters; what an approval is bound to. */
  hash: z.string(),
});
export type FixPlan = z.infer<typeof fixPlanSchema>;

export const decisions = ["allow", "ask", "deny"] as const;
export type Decision = (typeof decisions)[number];

export const verdictSchema = z.object({
  /** Version of the gate's rules, so that a replay uses the same. */
  version: z.int(),
  decision: z.enum(decisions),
  scoreBp: z.int(),
  allowBp: z.int(),
  /** Every rule with its answer, the ones that passed too. */
  reasons: z.array(
    z.object({ rule: z.string(), outcome: z.enum(["pass", "ask", "deny"]), text: z.string() }),
  ),
  at: z.number(),
  /** Hash of the actions that the gate looked at: nothing else may be carried out on this verdict. */
  planHash: z.string().optional(),
});
export type Verdict = z.infer<typeof verdictSchema>;
