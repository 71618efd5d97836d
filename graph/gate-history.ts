// What the gate must know beside diagnosis, plan and policy: the services, the catalogue, and what was done lately.
// Plain data, so that the record of a decision holds all of its input and a replay gives the same verdict.
import { z } from "zod";
import { standingSchema } from "../domain/autonomy.ts";
import { effects } from "../domain/plan.ts";
import { fixClasses } from "../domain/playbook.ts";

/** What the configuration says about a service that a plan may touch or depend on. */
export const gateServiceSchema = z.object({
  name: z.string(),
  /** Overrides policy.mode; null: no override. */
  mode: z.enum(["observe", "approve", "auto"]).nullable(),
  protected: z.boolean(),
  /** null: nothing of ours runs there. */
  runtime: z.enum(["docker", "compose", "process"]).nullable(),
  dependsOn: z.array(z.string()),
});
export type GateService = z.infer<typeof gateServiceSchema>;

/** One plan that was applied before, in this run or an earlier one. */
export const pastFixSchema = z.object({
  runId: z.string(),
  service: z.string(),
  playbook: z.string(),
  fixClass: z.enum(fixClasses),
  planHash: z.string(),
  /** Signatures of the symptom that it was to heal. */
  signatures: z.array(z.string()),
  outcome: z.enum(["healed", "not-healed", "worse", "unknown"]),
  undone: z.boolean(),
  /** When it was applied. */
  at: z.number(),
});
export type PastFix = z.infer<typeof pastFixSchema>;

const windowSchema = z.object({
  text: z.string(),
  timezone: z.string(),
  startMinute: z.number(),
  endMinute: z.number(),
});

/** The plan's own service, and everything that depends on it or that it depends on, however far. */
export const gateNeighbourSchema = z.object({
  name: z.string(),
  relation: z.enum(["itself", "dependant", "dependency"]),
  /** Something was wrong with it at its last look. */
  suffers: z.boolean(),
  /** Its own maintenance. */
  windows: z.array(windowSchema),
});
export type GateNeighbour = z.infer<typeof gateNeighbourSchema>;

/** The other services that do the same work behind the same proxy. */
export const gateReplicasSchema = z.object({
  /** The word of the configuration for all of them. */
  of: z.string(),
  others: z.array(z.object({ name: z.string(), suffers: z.boolean() })),
  /** Fixes on the others within breaker.symptomReturnsMs. */
  fixes: z.array(pastFixSchema),
});
export type GateReplicas = z.infer<typeof gateReplicasSchema>;

export const gateHistorySchema = z.object({
  /** Every service of the configuration and by label. */
  services: z.array(gateServiceSchema),
  /** The catalogue of this build; its effect counts, not the one that the plan states. */
  actions: z.array(z.object({ name: z.string(), effect: z.enum(effects) })),
  /** Signatures of the findings of this run. */
  signatures: z.array(z.string()),
  /**
   * Fixes on the plan's services: at least as far back as the longest of breaker.withinMs, cooldownMs, symptomReturnsMs,
   * and since version 3 as the restarts reach that still count for the back-off.
   */
  fixes: z.array(pastFixSchema),
  /** Hashes of plans that were undone on this service, however long ago. */
  undonePlans: z.array(z.string()),
  /** Runs that are under way (running or waiting), this one may be among them. */
  activeRuns: z.array(z.object({ runId: z.string(), service: z.string() })),
  /** Absent in records of version 1. */
  neighbours: z.array(gateNeighbourSchema).exactOptional(),
  /** Absent where the service is no replica behind a proxy. */
  replicas: gateReplicasSchema.exactOptional(),
  /** How the plan's pair of cause and fix stands; absent where nothing is to be earned. */
  standing: standingSchema.exactOptional(),
});
export type GateHistory = z.infer<typeof gateHistorySchema>;
