// Takes and gives back snapshots, in opsmedic's own bare git store. A service's own repository is never touched.
import type { JsonObject } from "../domain/json.ts";
import type { Captured } from "./action.ts";

export interface BackupMeta {
  /** backup_YYYYMMDD_HHMMSS[_n], UTC. */
  id: string;
  at: number;
  runId: string;
  service: string;
  reason: string;
  confidenceBp: number;
  files: string[];
}

export interface BackupStep {
  step: number;
  action: string;
  service: string;
  captured: Captured;
}

export interface BackupRequest {
  /** The same runId and planId twice gives the backup that was taken first: a node may run again. */
  runId: string;
  planId: string;
  service: string;
  reason: string;
  confidenceBp: number;
  steps: BackupStep[];
}

export interface Backups {
  /** Writes the snapshot and reads it back before it answers. */
  take(request: BackupRequest): Promise<BackupMeta>;
  list(): Promise<BackupMeta[]>;
  /** HealError "backup-not-found" | "backup-corrupt". */
  read(id: string): Promise<{ meta: BackupMeta; steps: BackupStep[] }>;
  verify(id: string): Promise<{ ok: boolean; problems: string[] }>;
  /** Removes snapshots older than a time; returns their ids. */
  prune(olderThan: number): Promise<string[]>;
}

/** Remembers what a service's editable files looked like while it was healthy. */
export interface FileHistory {
  /** Keeps the present content as the last known good version, if it differs from the one kept; returns its version. */
  keepGood(service: string, files: { path: string; content: string; mode: number }[]): Promise<string>;
  lastGood(
    service: string,
  ): Promise<
    { version: string; at: number; files: { path: string; content: string; mode: number }[] } | undefined
  >;
}

export type BackupDiff = { path: string; patch: string }[];
export type RuntimeDescription = JsonObject;
