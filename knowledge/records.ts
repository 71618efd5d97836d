// What outlives a run: runs with their trace, incidents, journal, leases, approvals, cases, audit, settings.
// Each interface has one implementation over Db in the file of the same name (runs.ts → makeRuns(db, clock)).
import type { Incident } from "../domain/incident.ts";
import type { Approvals, Journal, JournalEntry, Leases, Remediation } from "./acting-records.ts";
import type { Conversations } from "./conversations.ts";
import type { Decisions } from "./decision-records.ts";
import type { Audit, Cases, Settings, Tokens, Watches } from "./memory-records.ts";
import type { IncidentNotes, Incidents, RunRecord, Runs, StepRecord, Tellings } from "./run-records.ts";

export * from "./acting-records.ts";
export * from "./decision-records.ts";
export * from "./memory-records.ts";
export * from "./run-records.ts";

/** Everything, as api/wire.ts makes it once. */
export interface Store {
  runs: Runs;
  importedRuns: ImportedRuns;
  incidents: Incidents;
  notes: IncidentNotes;
  tellings: Tellings;
  journal: Journal;
  remediation: Remediation;
  leases: Leases;
  approvals: Approvals;
  cases: Cases;
  decisions: Decisions;
  watches: Watches;
  audit: Audit;
  settings: Settings;
  tokens: Tokens;
  conversations: Conversations;
}

/** A run of elsewhere. */
export interface ImportedRun {
  id: string;
  service: string;
  importedAt: number;
  importedBy: string;
  /** Of the document. */
  sha256: string;
}

export interface ImportedRuns {
  headOf(id: string): Promise<ImportedRun | undefined>;
  /** false: another document with this id is there already, and stays. The same one again changes nothing. */
  put(document: RunExport, about: { sha256: string; by: string }): Promise<boolean>;
  get(id: string): Promise<RunExport | undefined>;
  /** Newest first. */
  list(limit: number): Promise<ImportedRun[]>;
}

/** The export of a run: what `runs export` writes and a replay reads. */
export interface RunExport {
  version: 1;
  run: RunRecord;
  steps: StepRecord[];
  journal: JournalEntry[];
  incident: Incident | null;
}
