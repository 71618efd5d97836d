// /api/monitoring: how things are, look now, what was done, take it back.
import { z } from "zod";
import { endpoint, handle, id, type Route } from "../http/endpoint.ts";
import { check, enveloped, health, restored, stats, status } from "../http/schemas/answers.ts";
import { backup, backupDiff } from "../http/schemas/records.ts";
import type { Operations } from "../operations.ts";
import { given } from "./given.ts";

const tag = "Monitoring";
const backupId = z.strictObject({ backup_id: id });

export const monitoring = {
  health: endpoint({
    method: "get",
    path: "/api/monitoring/health",
    role: "viewer",
    tag,
    summary: "How every service is, and opsmedic's own surroundings",
    response: enveloped(health),
  }),
  status: endpoint({
    method: "get",
    path: "/api/monitoring/status",
    role: "viewer",
    tag,
    summary: "Mode, last check, fixes, what is open",
    response: enveloped(status),
  }),
  triggerCheck: endpoint({
    method: "post",
    path: "/api/monitoring/trigger-check",
    role: "operator",
    tag,
    summary: "Look now, and start a run for each service that has a symptom",
    body: z.strictObject({
      services: z.array(z.string().min(1).max(200)).min(1).max(500).optional().describe("Absent: all"),
      dry_run: z.boolean().optional().describe("Diagnose and plan, change nothing"),
      wait: z.boolean().optional().describe("Answer when the runs have ended or wait for approval"),
    }),
    response: enveloped(check),
  }),
  stats: endpoint({
    method: "get",
    path: "/api/monitoring/stats",
    role: "viewer",
    tag,
    summary: "Fixes and how often they helped",
    response: enveloped(stats),
  }),
  backups: endpoint({
    method: "get",
    path: "/api/monitoring/backups",
    role: "viewer",
    tag,
    summary: "Snapshots taken before fixes, newest first",
    response: enveloped(z.object({ backups: z.array(backup), total: z.int() })),
  }),
  backupDiff: endpoint({
    method: "get",
    path: "/api/monitoring/backups/{backup_id}/diff",
    role: "viewer",
    tag,
    summary: "What differs now from the snapshot",
    params: backupId,
    response: enveloped(z.object({ files: backupDiff })),
  }),
  verifyBackup: endpoint({
    method: "get",
    path: "/api/monitoring/backups/{backup_id}/verify",
    role: "viewer",
    tag,
    summary: "Reads the snapshot back",
    params: backupId,
    response: enveloped(z.object({ ok: z.boolean(), problems: z.array(z.string()) })),
  }),
  rollback: endpoint({
    method: "post",
    path: "/api/monitoring/rollback/{backup_id}",
    role: "operator",
    tag,
    summary: "Puts the snapshot's state back, after taking one of the present state",
    params: backupId,
    body: z.strictObject({ dry_run: z.boolean().optional() }),
    response: enveloped(restored),
  }),
};

const success = <Data>(data: Data) => ({ status: "success" as const, data });

export function monitoringRoutes(operations: Operations): Route[] {
  return [
    handle(monitoring.health, async () => success(await operations.health())),
    handle(monitoring.status, async () => success(await operations.status())),
    handle(monitoring.triggerCheck, async ({ body, actor }) =>
      success(await operations.triggerCheck(given(body), actor)),
    ),
    handle(monitoring.stats, async () => success(await operations.stats())),
    handle(monitoring.backups, async () => success(await operations.backups())),
    handle(monitoring.backupDiff, async ({ params }) =>
      success({ files: await operations.backupDiff(params.backup_id) }),
    ),
    handle(monitoring.verifyBackup, async ({ params }) =>
      success(await operations.verifyBackup(params.backup_id)),
    ),
    handle(monitoring.rollback, async ({ params, body, actor }) =>
      success(await operations.restoreBackup(params.backup_id, given(body), actor)),
    ),
  ];
}
