// What outlives a run: runs with their trace, incidents, journal, leases, approvals, cases, audit, settings.
// Each interface has one implementation over Db in the file of the same name (runs.ts → makeRuns(db, clock)).
import type { Incident } from "../domain/incident.ts";
import type { Approvals, Journal, JournalEntry, Leases } from "./acting-records.ts";
import type { Conversations } from "./conversations.ts";
import type { Audit, Cases, Settings, Tokens, Watches } from "./memory-records.ts";
import type { Incidents, RunRecord, Runs, StepRecord } from "./run-records.ts";

export * from "./acting-records.ts";
export * from "./memory-records.ts";
export * from "./run-records.ts";

/** Everything, as api/wire.ts makes it once. */
export interface Store {
  runs: Runs;
  incidents: Incidents;
  journal: Journal;
  leases: Leases;
  approvals: Approvals;
  cases: Cases;
  watches: Watches;
  audit: Audit;
  settings: Settings;
  tokens: Tokens;
  conversations: Conversations;
}

/** The export of a run: what `runs export` writes and a replay reads. */
export interface RunExport {
  version: 1;
  run: RunRecord;
  steps: StepRecord[];
  journal: JournalEntry[];
  incident: Incident | null;
}
