// What happened: runs with their trace, and the incidents that they belong to.
import type { Finding } from "../domain/finding.ts";
import type { Incident, RunOutcome, Strategy, Trigger } from "../domain/incident.ts";
import type { Json } from "../domain/json.ts";

// ── runs.ts ─────────────────────────────────────────────────────────────────────────────────────────────

export interface RunRecord {
  id: string;
  service: string;
  incidentId: string | null;
  trigger: Trigger;
  reason: string;
  /** Decides and changes nothing. */
  dryRun: boolean;
  status: "running" | "waiting" | "ended";
  outcome: RunOutcome | null;
  scoreBp: number | null;
  startedAt: number;
  endedAt: number | null;
  report: string | null;
}

export interface StepRecord {
  /** 1, 2, 3 … within the run. */
  seq: number;
  node: string;
  agent: string;
  phase: "start" | "end" | "error" | "note";
  at: number;
  ms: number | null;
  /** The update that the node made, or what it did meanwhile. */
  data: Json;
}

export interface Runs {
  start(run: Pick<RunRecord, "id" | "service" | "trigger" | "reason"> & { dryRun?: boolean }): Promise<void>;
  update(
    id: string,
    change: Partial<Pick<RunRecord, "incidentId" | "status" | "outcome" | "scoreBp" | "report" | "endedAt">>,
  ): Promise<void>;
  get(id: string): Promise<RunRecord | undefined>;
  /** Newest first. */
  list(options: {
    limit: number;
    cursor?: string;
    service?: string;
    outcome?: string;
  }): Promise<{ runs: RunRecord[]; nextCursor: string | null }>;
  /** Oldest first, the first and the latest of them where there are many. */
  ofIncident(incidentId: string): Promise<RunRecord[]>;
  unfinished(service?: string): Promise<RunRecord[]>;
  saveIncident(runId: string, incident: Incident): Promise<void>;
  incident(runId: string): Promise<Incident | undefined>;
  /** Append-only; the number is given here. */
  appendStep(runId: string, step: Omit<StepRecord, "seq">): Promise<number>;
  steps(runId: string): Promise<StepRecord[]>;
  /** The whole incident as the graph holds it; the last one saved counts. */
  saveIncident(runId: string, incident: Incident): Promise<void>;
  incident(runId: string): Promise<Incident | undefined>;
}

// ── incidents.ts ────────────────────────────────────────────────────────────────────────────────────────

export interface IncidentRecord {
  id: string;
  service: string;
  status: "ACTIVE" | "RESOLVED" | "ESCALATED";
  severity: "CRITICAL" | "WARNING" | "INFO";
  signatures: string[];
  title: string;
  /** Kind of the finding that it was opened for; null or absent: not known of an older one. */
  type?: string | null;
  /** When its first symptom began, as far as known. */
  beganAt?: number | null;
  strategy: Strategy | null;
  occurrences: number;
  openedAt: number;
  lastSeenAt: number;
  closedAt: number | null;
  /** The service at fault by the last diagnosis, where it is another one. */
  cause: string | null;
  /** The incident of that service: one outage is one incident. It is never part of another one itself. */
  partOf: Pick<IncidentRecord, "id" | "service" | "title" | "status"> | null;
}

export interface IncidentSearch {
  status?: IncidentRecord["status"] | undefined;
  severity?: IncidentRecord["severity"] | undefined;
  type?: string | undefined;
  service?: string | undefined;
  /** Looked for in title, service and id, in any case. */
  q?: string | undefined;
  /** Of the opening, Unix ms. */
  from?: number | undefined;
  to?: number | undefined;
  limit: number;
  cursor?: string | undefined;
  offset?: number | undefined;
}

/** Of times, ms: how many are known, and null where none is. */
export interface DurationStats {
  count: number;
  mean: number | null;
  median: number | null;
}

export interface IncidentStats {
  total: number;
  byType: Record<string, number>;
  bySeverity: Record<string, number>;
  byStatus: Record<string, number>;
  /** From the first symptom to the opening. */
  detectMs: DurationStats;
  /** From the opening to RESOLVED. */
  resolveMs: DurationStats;
  /** Resolved or escalated. */
  closed: number;
  /** Healed by a run that no person had to approve. */
  autoResolved: number;
  resolvedByPerson: number;
}

/** What a person said about an incident. */
export interface IncidentNote {
  id: string;
  incidentId: string;
  kind: "acknowledge" | "resolve" | "note";
  author: string;
  text: string;
  at: number;
}

export interface IncidentNotes {
  add(note: Omit<IncidentNote, "id" | "at">): Promise<IncidentNote>;
  /** Oldest first. */
  of(incidentIds: readonly string[]): Promise<IncidentNote[]>;
}

export interface Incidents {
  /** Newest first, with how many fit in all. HealError "bad-cursor". */
  search(
    search: IncidentSearch,
  ): Promise<{ incidents: IncidentRecord[]; total: number; nextCursor: string | null }>;
  /** Of those opened within the time. */
  stats(query: Pick<IncidentSearch, "from" | "to" | "service">): Promise<IncidentStats>;
  /** Of this signature, newest first. */
  ofSignature(signature: string, limit: number): Promise<IncidentRecord[]>;
  /** Joins the open incident of the service that shares a signature, or opens one. */
  open(service: string, findings: readonly Finding[], at: number): Promise<IncidentRecord>;
  /**
   * ESCALATED: handed to a person, and open until it is RESOLVED; the same symptom joins it as before. `closedAt` is then
   * when it was last handed over.
   */
  close(id: string, status: "RESOLVED" | "ESCALATED", at: number): Promise<void>;
  /**
   * What the last diagnosis says of whose fault it is; null: its own service's. The incident becomes part of that of
   * the service at fault (the one that is open, or was when the symptoms began), now or as soon as one opens.
   */
  blame(id: string, cause: string | null, since: number): Promise<IncidentRecord>;
  setStrategy(id: string, strategy: Strategy): Promise<void>;
  get(id: string): Promise<IncidentRecord | undefined>;
  list(options: {
    status?: IncidentRecord["status"];
    /** Only those whose trouble lasts: active, or handed to a person and not seen to be over. */
    open?: boolean;
    service?: string;
    /** Parts of this incident. */
    partOf?: string;
    limit: number;
  }): Promise<IncidentRecord[]>;
  /** How many incidents before this one had this signature. */
  occurrencesBefore(signature: string, incidentId: string): Promise<number>;
}

// ── tellings.ts ─────────────────────────────────────────────────────────────────────────────────────────

/** What people were told of an incident; of a service, where its run broke before there was one. */
export interface Telling {
  /** The incident's id, or "service/" and the name. */
  subject: string;
  incidentId: string | null;
  service: string;
  /** Keys of what was told; see agents/news.ts. */
  facts: string[];
  firstAt: number;
  /** Of the last message of any kind. */
  lastAt: number;
  /** How often it was told that nothing has changed. */
  reminders: number;
}

export interface Tellings {
  of(subject: string): Promise<Telling | undefined>;
  /** Adds the facts to those that were told. */
  told(
    what: Pick<Telling, "subject" | "incidentId" | "service" | "facts"> & { at: number; reminder: boolean },
  ): Promise<void>;
  /** Those of incidents that have been resolved since, whoever resolved them: each is given once, to one process. */
  takeOver(at: number): Promise<Telling[]>;
}
