// What a person can ask about recorded runs beyond reading them: bring one in from elsewhere, judge one again.
import type { ReplayedRound } from "../graph/replay/replay-run.ts";
import type { Mode } from "../domain/service.ts";
import type { ImportedRun, RunExport } from "../knowledge/records.ts";
import type { Actor } from "./operations.ts";

export interface ReplayRequest {
  /** Basis points; below 8,500 counts as 8,500. */
  allow_bp?: number;
  ask_bp?: number;
  mode?: Mode;
}

export interface Replays {
  /** Read-only from then on, beside the own runs. The same document again changes nothing. */
  importRun(document: RunExport, actor: Actor): Promise<ImportedRun>;
  /** Newest first. */
  importedRuns(options: { limit: number }): Promise<ImportedRun[]>;
  /** Its diagnosis, plan and verdict again, with the playbooks of now and other thresholds. */
  replayRun(id: string, request: ReplayRequest): Promise<ReplayedRound[]>;
}
