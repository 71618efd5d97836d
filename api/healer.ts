// What the doors ask of the part that acts. The server implements it over queue and graph; the command line
// without a server over the graph alone; tests with a fake.
import type { Finding } from "../domain/finding.ts";
import type { Trigger } from "../domain/incident.ts";
import type { ApprovalRecord, RunRecord } from "../knowledge/records.ts";
import type { BackupDiff } from "../tools/backup.ts";
import type { SeenLevel, ServiceHealth } from "./operations.ts";

export interface CheckOrder {
  /** undefined: all. HealError "unknown-service" for a name that is not configured. */
  services: readonly string[] | undefined;
  dryRun: boolean;
  trigger: Trigger;
  /** Goes into the record of the run. */
  reason: string;
}

export interface RestoreSteps {
  restored: boolean;
  steps: { step: number; action: string; ok: boolean; text: string }[];
  /** The backup of the state before the restore; null where nothing was changed. */
  backup_id: string | null;
}

export interface Healer {
  /**
   * Looks at the services now, and starts (or joins) a run for each that has a symptom. Does not wait for the runs;
   * each of them is in the store when this resolves.
   */
  check(order: CheckOrder): Promise<{ findings: Finding[]; runIds: string[] }>;
  /** Resolves when each run has ended or waits for a person; rejects with the signal's reason. */
  waitFor(runIds: readonly string[], signal: AbortSignal): Promise<void>;
  /** Stops a run; what it did is taken back. undefined: no such run. */
  cancel(runId: string): Promise<RunRecord | undefined>;
  /** Lets the run that waits for this decision go on. The decision is in the store already; doubled calls are harmless. */
  resumeApproval(approval: ApprovalRecord): Promise<void>;
  /** HealError "backup-not-found", "lease-lost" (a run owns the service just now), … */
  restore(backupId: string, options: { dryRun: boolean; by: string }): Promise<RestoreSteps>;
  /** The present state against what the backup holds. */
  diff(backupId: string): Promise<BackupDiff>;
}

/** What the last look at a service found. */
export interface SeenService {
  service: string;
  level: SeenLevel;
  latencyMs: number | null;
  findings: Finding[];
  /** Why the look saw nothing, where it did not. */
  blind?: string;
  /** Unix ms; null: not looked at yet. */
  checkedAt: number | null;
}

export interface HealthView {
  services(): SeenService[];
  /** opsmedic's own surroundings, asked now: database, docker, queue, api. Must answer within seconds. */
  surroundings(): Promise<Record<string, ServiceHealth>>;
}
