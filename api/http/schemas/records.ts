// How stored records are sent: the same fields, times as ISO 8601.
import { z } from "zod";
import { type Finding, findingSchema } from "../../../domain/finding.ts";
import {
  type Incident,
  incidentSchema,
  runOutcomes,
  strategies,
  triggers,
} from "../../../domain/incident.ts";
import { type Json, type JsonObject, jsonObjectSchema, jsonSchema } from "../../../domain/json.ts";
import { type Verdict, verdictSchema } from "../../../domain/plan.ts";
import {
  type ApprovalRecord,
  type AuditEntry,
  type IncidentRecord,
  type JournalEntry,
  journalStates,
  type RunRecord,
  type StepRecord,
} from "../../../knowledge/records.ts";
import type { BackupMeta } from "../../../tools/backup.ts";
import { isoTime, withIsoTimes } from "../iso-times.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

const json = jsonSchema as z.ZodType<Json, Json>;
export const jsonObject = jsonObjectSchema as z.ZodType<JsonObject, JsonObject>;

export const finding = withIsoTimes<Finding>(findingSchema).meta({ id: "Finding" });
export const verdict = withIsoTimes<Verdict>(verdictSchema).meta({ id: "Verdict" });
export const incidentState = withIsoTimes<Incident>(incidentSchema).meta({ id: "IncidentState" });

export const run = z
  .object({
    id: z.string(),
    service: z.string(),
    incidentId: z.string().nullable(),
    trigger: z.enum(triggers),
    reason: z.string(),
    dryRun: z.boolean(),
    status: z.enum(["running", "waiting", "ended"]),
    outcome: z.enum(runOutcomes).nullable(),
    scoreBp: z.int().nullable().describe("Confidence in basis points: 8500 = 85 %"),
    startedAt: isoTime,
    endedAt: isoTime.nullable(),
    report: z.string().nullable(),
  })
  .meta({ id: "Run" }) satisfies Sends<RunRecord>;

export const step = z
  .object({
    seq: z.int(),
    node: z.string(),
    agent: z.string(),
    phase: z.enum(["start", "end", "error", "note"]),
    at: isoTime,
    ms: z.number().nullable(),
    data: json.describe("The node's update as it was recorded; times in it are Unix milliseconds"),
  })
  .meta({ id: "Step" }) satisfies Sends<StepRecord>;

export const journalEntry = z
  .object({
    runId: z.string(),
    planId: z.string(),
    step: z.int(),
    action: z.string(),
    service: z.string(),
    params: jsonObject,
    state: z.enum(journalStates),
    backupId: z.string().nullable(),
    detail: z.string(),
    intentAt: isoTime,
    updatedAt: isoTime,
  })
  .meta({ id: "JournalEntry" }) satisfies Sends<JournalEntry>;

export const approval = z
  .object({
    id: z.string(),
    runId: z.string(),
    service: z.string(),
    planHash: z.string(),
    summary: z.string(),
    scoreBp: z.int(),
    risk: z.string(),
    status: z.enum(["pending", "approved", "rejected", "expired", "withdrawn"]),
    requestedAt: isoTime,
    expiresAt: isoTime,
    decidedAt: isoTime.nullable(),
    decidedBy: z.string().nullable(),
    reason: z.string().nullable(),
    link: z.string().describe("Its own address; opening it decides nothing"),
    diff: z.string().describe("What would change; secrets are masked"),
    needs: z.int().describe("How many people must approve"),
    endorsed: z
      .object({ by: z.string(), at: isoTime, reason: z.string() })
      .nullable()
      .describe("The first of two who approved"),
  })
  .meta({ id: "Approval" }) satisfies Sends<ApprovalRecord>;

const incidentStatus = z.enum(["ACTIVE", "RESOLVED", "ESCALATED"]);

export const partOf = z
  .object({ id: z.string(), service: z.string(), title: z.string(), status: incidentStatus })
  .nullable()
  .describe("The incident of the service at fault: one outage is one incident");

export const incident = z
  .object({
    id: z.string(),
    service: z.string(),
    status: incidentStatus,
    severity: z.enum(["CRITICAL", "WARNING", "INFO"]),
    signatures: z.array(z.string()),
    title: z.string(),
    type: z.string().nullable().exactOptional().describe("Kind of the finding that it was opened for"),
    beganAt: isoTime.nullable().exactOptional().describe("When its first symptom began"),
    strategy: z.enum(strategies).nullable(),
    occurrences: z.int(),
    openedAt: isoTime,
    lastSeenAt: isoTime,
    closedAt: isoTime.nullable(),
    cause: z
      .string()
      .nullable()
      .describe("The service at fault by the last diagnosis, where it is another one"),
    partOf,
  })
  .meta({ id: "Incident" }) satisfies Sends<IncidentRecord>;

export const auditEntry = z
  .object({
    seq: z.int(),
    at: isoTime,
    actor: z.string(),
    door: z.enum(["api", "cli", "system"]),
    action: z.string(),
    target: z.string(),
    detail: jsonObject,
    hash: z.string(),
  })
  .meta({ id: "AuditEntry" }) satisfies Sends<AuditEntry>;

const backupStored = z.object({
  id: z.string(),
  at: z.number(),
  runId: z.string(),
  service: z.string(),
  reason: z.string(),
  confidenceBp: z.number(),
  files: z.array(z.string()),
});
const backupSent = z.object({
  backup_id: z.string(),
  timestamp: z.iso.datetime(),
  files: z.array(z.string()),
  metadata: z.object({
    reason: z.string(),
    confidence: z.number().describe("Percent: 92.35"),
    run_id: z.string(),
    service: z.string(),
  }),
});

export const backup: Sends<BackupMeta> = z
  .codec(backupStored, backupSent, {
    decode: ({ id, at, runId, service, reason, confidenceBp, files }) => ({
      backup_id: id,
      timestamp: new Date(at).toISOString(),
      files,
      metadata: { reason, confidence: confidenceBp / 100, run_id: runId, service },
    }),
    encode: ({ backup_id, timestamp, files, metadata }) => ({
      id: backup_id,
      at: Date.parse(timestamp),
      runId: metadata.run_id,
      service: metadata.service,
      reason: metadata.reason,
      confidenceBp: Math.round(metadata.confidence * 100),
      files,
    }),
  })
  .meta({ id: "Backup" });

export const backupDiff = z.array(z.object({ path: z.string(), patch: z.string() }));
