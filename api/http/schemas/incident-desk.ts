// How the incident desk's answers are sent: the same fields, times as ISO 8601.
import { z } from "zod";
import { type EvidenceItem, evidenceSchema } from "../../../agents/desk/evidence.ts";
import { type Postmortem, postmortemSchema } from "../../../agents/desk/postmortem.ts";
import { type Recommendations, recommendationsSchema } from "../../../agents/desk/recommendations.ts";
import { type TimelineEntry, timelineEntrySchema } from "../../../agents/desk/timeline.ts";
import { type Diagnosis, diagnosisSchema } from "../../../domain/diagnosis.ts";
import type { RecalledCase } from "../../../knowledge/recall.ts";
import {
  type ActionStats,
  type IncidentNote,
  journalStates,
  type RemediationRecord,
} from "../../../knowledge/records.ts";
import type { IncidentPage, IncidentStatsAnswer, IncidentStory } from "../../incident-desk.ts";
import { isoTime, withIsoTimes } from "../iso-times.ts";
import { incident, journalEntry, jsonObject, run } from "./records.ts";

/** A schema that sends a T. */
type Sends<T> = z.ZodType<unknown, T>;

const total = z.int().describe("All that fit, on whatever page");
const nextCursor = z.string().nullable();

export const incidentPage = z
  .object({ incidents: z.array(incident), total, limit: z.int(), next_cursor: nextCursor })
  .meta({ id: "IncidentPage" }) satisfies Sends<IncidentPage>;

export const incidentNote = z
  .object({
    id: z.string(),
    incidentId: z.string(),
    kind: z.enum(["acknowledge", "resolve", "note"]),
    author: z.string(),
    text: z.string(),
    at: isoTime,
  })
  .meta({ id: "IncidentNote" }) satisfies Sends<IncidentNote>;

export const recommendations = withIsoTimes<Recommendations>(recommendationsSchema).meta({
  id: "Recommendations",
  description: "confidence in basis points: 8500 = 85 %",
});
export const timelineEntry = withIsoTimes<TimelineEntry>(timelineEntrySchema).meta({ id: "TimelineEntry" });
export const evidenceItem = withIsoTimes<EvidenceItem>(evidenceSchema).meta({ id: "Evidence" });
export const postmortem = withIsoTimes<Postmortem>(postmortemSchema).meta({ id: "Postmortem" });

export const incidentStory = z
  .object({
    incident,
    parts: z.array(incident).describe("Incidents of dependants that are part of it"),
    runs: z.array(run),
    actions: z.array(journalEntry),
    diagnosis: withIsoTimes<Diagnosis>(diagnosisSchema).nullable(),
    recommendations,
    notes: z.array(incidentNote),
    acknowledged_by: z.string().nullable(),
  })
  .meta({ id: "IncidentStory" }) satisfies Sends<IncidentStory>;

export const recalledCase = z
  .object({
    id: z.string(),
    title: z.string(),
    symptoms: z.array(z.string()),
    playbook: z.string(),
    cause: z.string(),
    fix: z.string(),
    outcome: z.enum(["healed", "not-healed", "worse", "escalated", "rejected", "known"]),
    runId: z.string().nullable(),
    service: z.string().nullable(),
    at: isoTime,
    similarity: z.number().describe("0 to 1"),
  })
  .meta({ id: "RecalledCase" }) satisfies Sends<RecalledCase>;

const counts = z.record(z.string(), z.int());
const duration = z
  .object({ count: z.int(), mean: z.number().nullable(), median: z.number().nullable() })
  .describe("Milliseconds");

export const incidentStats = z
  .object({
    total: z.int(),
    by_type: counts,
    by_severity: counts,
    by_status: counts,
    mttd: duration,
    mttr: duration,
    closed: z.int(),
    auto_resolved: z.int(),
    auto_resolved_share: z.number().nullable().describe("Of the closed ones, 0 to 1"),
    resolved_by_person: z.int(),
  })
  .meta({ id: "IncidentStats" }) satisfies Sends<IncidentStatsAnswer>;

const remediation = z
  .object({
    id: z.string(),
    runId: z.string(),
    planId: z.string(),
    step: z.int(),
    action: z.string(),
    service: z.string(),
    params: jsonObject,
    state: z.enum(journalStates),
    outcome: z.enum(["succeeded", "undone", "failed", "unfinished"]),
    planOutcome: z.enum(["healed", "not-healed", "worse", "escalated", "rejected"]).nullable(),
    detail: z.string(),
    backupId: z.string().nullable(),
    startedAt: isoTime,
    durationMs: z.number().nullable(),
  })
  .meta({ id: "RemediationAction" }) satisfies Sends<RemediationRecord>;

export const remediationHistory = z.object({
  actions: z.array(remediation),
  total,
  limit: z.int(),
  next_cursor: nextCursor,
});

const actionStats = z.object({
  action: z.string(),
  total: z.int(),
  succeeded: z.int(),
  undone: z.int(),
  failed: z.int(),
  unfinished: z.int(),
  healed: z.int().describe("Of plans that healed"),
  medianMs: z.number().nullable(),
  p95Ms: z.number().nullable(),
}) satisfies Sends<ActionStats>;
export const remediationStats = z.object({ actions: z.array(actionStats) });
