// What outlives a run: runs with their trace, incidents, journal, leases, approvals, cases, audit, settings.
// Each interface has one implementation over Db in the file of the same name (runs.ts → makeRuns(db, clock)).
import type { Finding } from "../domain/finding.ts";
import type { Incident, RunOutcome, Strategy, Trigger } from "../domain/incident.ts";
import type { Json, JsonObject } from "../domain/json.ts";

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
  strategy: Strategy | null;
  occurrences: number;
  openedAt: number;
  lastSeenAt: number;
  closedAt: number | null;
}

export interface Incidents {
  /** Joins the open incident of the service that shares a signature, or opens one. */
  open(service: string, findings: readonly Finding[], at: number): Promise<IncidentRecord>;
  close(id: string, status: "RESOLVED" | "ESCALATED", at: number): Promise<void>;
  setStrategy(id: string, strategy: Strategy): Promise<void>;
  get(id: string): Promise<IncidentRecord | undefined>;
  list(options: {
    status?: IncidentRecord["status"];
    service?: string;
    limit: number;
  }): Promise<IncidentRecord[]>;
  /** How many incidents before this one had this signature. */
  occurrencesBefore(signature: string, incidentId: string): Promise<number>;
}

// ── journal.ts ──────────────────────────────────────────────────────────────────────────────────────────

export const journalStates = [
  "intent",
  "captured",
  "applying",
  "applied",
  "verified",
  "undoing",
  "undone",
  "failed",
] as const;
export type JournalState = (typeof journalStates)[number];

export interface JournalEntry {
  runId: string;
  planId: string;
  step: number;
  action: string;
  service: string;
  params: JsonObject;
  state: JournalState;
  backupId: string | null;
  detail: string;
  intentAt: number;
  updatedAt: number;
}

/** Written ahead of every act. Keyed by run, plan and step, so that nothing is done twice. */
export interface Journal {
  /** Does nothing where the entry exists. */
  intend(
    entry: Pick<JournalEntry, "runId" | "planId" | "step" | "action" | "service" | "params">,
  ): Promise<JournalEntry>;
  /**
   * Moves forward only from one of `from`; HealError "journal-conflict" otherwise. With a `fence` (see Leases) the
   * lease must still be valid in the same statement; HealError "lease-lost" otherwise.
   */
  advance(
    key: { runId: string; planId: string; step: number },
    from: readonly JournalState[],
    to: JournalState,
    more?: { backupId?: string; detail?: string; fence?: Lease },
  ): Promise<void>;
  ofPlan(runId: string, planId: string): Promise<JournalEntry[]>;
  ofRun(runId: string): Promise<JournalEntry[]>;
  /** Entries of any run in captured, applying, applied or undoing. */
  unfinished(): Promise<JournalEntry[]>;
  /** Newest first, for the breaker and the history pages. */
  recent(options: { service?: string; since: number; limit: number }): Promise<JournalEntry[]>;
}

// ── leases.ts ───────────────────────────────────────────────────────────────────────────────────────────

export interface Lease {
  name: string;
  holder: string;
  /** Grows with each new holder; a write under an older token is refused. */
  token: number;
  expiresAt: number;
}

export interface Leases {
  /** undefined when somebody else holds it. The same holder gets a new token. */
  acquire(name: string, holder: string, forMs: number): Promise<Lease | undefined>;
  /** false when it was lost. */
  renew(lease: Lease, forMs: number): Promise<boolean>;
  release(lease: Lease): Promise<void>;
  held(): Promise<Lease[]>;
  /** Throws HealError "lease-lost" unless this lease is still the valid one. */
  check(lease: Lease): Promise<void>;
}

// ── approvals.ts ────────────────────────────────────────────────────────────────────────────────────────

export interface ApprovalRecord {
  id: string;
  runId: string;
  service: string;
  planHash: string;
  summary: string;
  scoreBp: number;
  risk: string;
  status: "pending" | "approved" | "rejected" | "expired" | "withdrawn";
  requestedAt: number;
  expiresAt: number;
  decidedAt: number | null;
  decidedBy: string | null;
  reason: string | null;
}

export interface Approvals {
  /** One pending approval a run and plan hash; the same request again gives the same record. */
  request(
    approval: Pick<
      ApprovalRecord,
      "id" | "runId" | "service" | "planHash" | "summary" | "scoreBp" | "risk" | "expiresAt"
    >,
  ): Promise<ApprovalRecord>;
  /** Decided once: HealError "not-found" | "plan-changed" | "already-decided" | "expired". */
  decide(
    id: string,
    decision: { decision: "approve" | "reject"; by: string; reason: string; planHash: string },
  ): Promise<ApprovalRecord>;
  get(id: string): Promise<ApprovalRecord | undefined>;
  list(options: { status?: ApprovalRecord["status"]; limit: number }): Promise<ApprovalRecord[]>;
  /** Takes back what a run asks and nobody has decided; returns it. */
  withdraw(runId: string, reason: string): Promise<ApprovalRecord[]>;
  /** Marks what is overdue as expired and returns it. Never approves. */
  expire(now: number): Promise<ApprovalRecord[]>;
}

// ── cases.ts ────────────────────────────────────────────────────────────────────────────────────────────

export interface CaseRecord {
  id: string;
  runId: string;
  incidentId: string | null;
  service: string;
  targetKind: string;
  signature: string;
  symptom: string;
  playbook: string;
  fix: string;
  fixClass: string;
  planHash: string;
  /** Whether the fix was taken back. */
  undone: boolean;
  strategy: Strategy;
  outcome: "healed" | "not-healed" | "worse" | "escalated" | "rejected";
  scoreBp: number;
  healMs: number | null;
  at: number;
}

export interface OutcomeCount {
  total: number;
  successes: number;
}

export interface Cases {
  /** One case a run and plan; filing it again changes nothing. */
  file(one: CaseRecord): Promise<void>;
  /** Outcomes of a cause-and-fix pair: on the same kind of target first, then on any. */
  history(
    playbook: string,
    fix: string,
    targetKind: string,
  ): Promise<{ sameKind: OutcomeCount; any: OutcomeCount }>;
  ofSignature(signature: string, limit: number): Promise<CaseRecord[]>;
  recent(options: { service?: string; since: number; limit: number }): Promise<CaseRecord[]>;
  stats(): Promise<{
    total: OutcomeCount;
    byFix: Record<string, OutcomeCount>;
    byStrategy: Record<string, OutcomeCount>;
    lastUpdated: number | null;
  }>;
}

// ── watches.ts ──────────────────────────────────────────────────────────────────────────────────────────

/** A standing watch on a symptom that came twice: looked at more often, and told about earlier. */
export interface WatchRecord {
  id: string;
  service: string;
  signature: string;
  kind: string;
  fromIncident: string;
  createdAt: number;
}

export interface Watches {
  add(watch: Omit<WatchRecord, "id" | "createdAt">): Promise<WatchRecord>;
  list(service?: string): Promise<WatchRecord[]>;
}

// ── audit.ts ────────────────────────────────────────────────────────────────────────────────────────────

export interface AuditEntry {
  seq: number;
  at: number;
  actor: string;
  door: "api" | "cli" | "system";
  action: string;
  target: string;
  detail: JsonObject;
  /** sha256 over the previous hash and this entry's canonical JSON. */
  hash: string;
}

export interface Audit {
  append(entry: Pick<AuditEntry, "actor" | "door" | "action" | "target" | "detail">): Promise<AuditEntry>;
  list(options: { limit: number; before?: number }): Promise<AuditEntry[]>;
  /** Recomputes the whole chain; names the first entry that does not fit. */
  verify(): Promise<{ ok: boolean; entries: number; brokenAt: number | null; problem: string | null }>;
}

// ── settings.ts, tokens.ts ──────────────────────────────────────────────────────────────────────────────

export interface Settings {
  get(key: string): Promise<Json | undefined>;
  set(key: string, value: Json): Promise<void>;
  all(): Promise<Record<string, Json>>;
}

export type Role = "viewer" | "operator" | "admin";

export interface Tokens {
  /** Creates a random token, stores only its sha256, returns it once. */
  create(name: string, role: Role): Promise<string>;
  /** Stores the given secret's hash under a name, replacing it. */
  put(name: string, role: Role, token: string): Promise<void>;
  find(token: string): Promise<{ name: string; role: Role } | undefined>;
  has(name: string): Promise<boolean>;
}

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
}

/** The export of a run: what `runs export` writes and a replay reads. */
export interface RunExport {
  version: 1;
  run: RunRecord;
  steps: StepRecord[];
  journal: JournalEntry[];
  incident: Incident | null;
}
