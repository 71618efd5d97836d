// How the answers of api/operations.ts are sent.
import { z } from "zod";
import { findingKinds, severities } from "../../../domain/finding.ts";
import type { RunExport } from "../../../knowledge/records.ts";
import type {
  CheckAnswer,
  HealthAnswer,
  InfoAnswer,
  RunStory,
  StatsAnswer,
  StatusAnswer,
} from "../../operations.ts";
import { importedRun } from "./replays.ts";
import { isoTime } from "../iso-times.ts";
import {
  approval,
  backup,
  backupDiff,
  finding,
  incident,
  incidentState,
  journalEntry,
  jsonObject,
  partOf,
  run,
  step,
} from "./records.ts";

type Sends<T> = z.ZodType<unknown, T>;

export const level = z.enum(["healthy", "warning", "critical"]);
const seenLevel = z
  .enum(["healthy", "warning", "critical", "unknown"])
  .describe("unknown: not looked at yet, or nothing could be seen");
export const mode = z.enum(["observe", "approve", "auto"]);
const textTime = z.iso.datetime();

/** `{"status": "success", "data": …}`, as everything under /api/monitoring answers. */
export const enveloped = <Data extends z.ZodType>(data: Data) =>
  z.object({ status: z.literal("success"), data });

export const health = z
  .object({
    overall_status: level,
    checks: z.record(
      z.string(),
      z.object({
        status: seenLevel,
        latency_ms: z.number().nullable(),
        findings: z.array(
          z.object({
            kind: z.enum(findingKinds),
            severity: z.enum(severities),
            summary: z.string(),
            since: isoTime,
          }),
        ),
        checked_at: textTime.nullable(),
      }),
    ),
  })
  .meta({ id: "Health" }) satisfies Sends<HealthAnswer>;

export const status = z
  .object({
    autonomous_mode: mode,
    paused_until: textTime.nullable().describe("9999-12-31T23:59:59.999Z: until resumed"),
    last_check: textTime.nullable(),
    check_interval_minutes: z.number(),
    fix_statistics: z.object({ total_fixes: z.int(), success_rate: z.number().nullable() }),
    recent_backups: z.array(backup),
    services: z.array(
      z.object({
        name: z.string(),
        status: seenLevel,
        stopped: z.boolean().describe("By its operator: left alone, and counted as healthy"),
        summary: z.string().nullable().describe("What is wrong, or why nothing is known"),
      }),
    ),
    open_incidents: z.array(incident),
    pending_approvals: z.array(approval),
    watches: z.array(
      z.object({
        service: z.string(),
        kind: z.string(),
        signature: z.string(),
        told: z.string().exactOptional(),
      }),
    ),
  })
  .meta({ id: "Status" }) satisfies Sends<StatusAnswer>;

export const check = z
  .object({
    status: z.enum(["healthy", "issues_found"]),
    issues: z.array(finding),
    run_ids: z.array(z.string()),
    runs: z.array(run),
    unseen: z
      .array(z.object({ service: z.string(), summary: z.string() }))
      .describe("Services that could not be looked at"),
    started: z
      .array(z.object({ service: z.string(), started: z.boolean(), problem: z.string().nullable() }))
      .optional(),
    timestamp: textTime,
  })
  .meta({ id: "Check" }) satisfies Sends<CheckAnswer>;

const counts = z.object({ total: z.int(), successes: z.int(), success_rate: z.number().nullable() });

export const stats = z
  .object({
    total_fixes: z.int(),
    success_rate: z.number().nullable().describe("0 to 1; null: no fix yet"),
    by_type: z.record(z.string(), counts),
    by_strategy: z.record(z.string(), counts),
    last_updated: textTime.nullable(),
  })
  .meta({ id: "Stats" }) satisfies Sends<StatsAnswer>;

export const restored = z.object({
  restored: z.boolean(),
  steps: z.array(z.object({ step: z.int(), action: z.string(), ok: z.boolean(), text: z.string() })),
  backup_id: z.string().nullable(),
});

const clears = z.object({
  step: z.int(),
  action: z.string(),
  service: z.string(),
  items: z.array(
    z.object({
      what: z.string().describe("A path, or the name of an image or a container"),
      does: z.enum(["empty", "remove"]),
      files: z.int().describe("More than 1: a folder, with so many below it"),
      bytes: z.int(),
    }),
  ),
  files: z.int().describe("Of all items"),
  bytes: z.int().describe("Of all items"),
});

export const runStory = z
  .object({
    run,
    steps: z.array(step),
    journal: z.array(journalEntry),
    incident: incidentState.nullable(),
    clears: z
      .array(clears)
      .exactOptional()
      .describe("Everything that its plan takes, or would take away, byte by byte"),
    backup: z.object({ meta: backup, diff: backupDiff }).nullable(),
    approval: approval.nullable(),
    partOf,
    imported: importedRun.exactOptional(),
  })
  .meta({ id: "RunStory" }) satisfies Sends<RunStory>;

export const runExport = z
  .object({
    version: z.literal(1),
    run,
    steps: z.array(step),
    journal: z.array(journalEntry),
    incident: incidentState.nullable(),
  })
  .meta({ id: "RunExport" }) satisfies Sends<RunExport>;

export const control = z
  .object({ mode, paused_until: textTime.nullable().describe("9999-12-31T23:59:59.999Z: until resumed") })
  .meta({ id: "Control" });

export const info = z
  .object({
    version: z.string(),
    node: z.string(),
    store: z.enum(["embedded", "postgres"]),
    queue: z.enum(["embedded", "postgres", "redis"]),
    model: z.string(),
    started_at: textTime,
    demo: z.boolean(),
  })
  .meta({ id: "Info" }) satisfies Sends<InfoAnswer>;

export const catalogueAction = z
  .object({
    name: z.string(),
    summary: z.string(),
    undoes: z.string(),
    class: z.string(),
    effect: z.string(),
    risk: z.string(),
    parameters: jsonObject.describe("JSON Schema"),
  })
  .meta({ id: "Action" });
