// What acting needs: the journal written ahead, who may act just now, and whom it has to ask.
import type { JsonObject } from "../domain/json.ts";

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

// ── remediation.ts ──────────────────────────────────────────────────────────────────────────────────────

/** One action that was taken, or is being taken. */
export interface RemediationRecord {
  id: string;
  runId: string;
  planId: string;
  step: number;
  action: string;
  service: string;
  params: JsonObject;
  state: JournalState;
  outcome: "succeeded" | "undone" | "failed" | "unfinished";
  /** How the plan that it belongs to ended; null: not filed (yet). */
  planOutcome: "healed" | "not-healed" | "worse" | "escalated" | "rejected" | null;
  detail: string;
  backupId: string | null;
  startedAt: number;
  /** null where nothing tells. */
  durationMs: number | null;
}

export interface ActionStats {
  action: string;
  total: number;
  succeeded: number;
  undone: number;
  failed: number;
  unfinished: number;
  /** Of plans that healed. */
  healed: number;
  medianMs: number | null;
  p95Ms: number | null;
}

export interface Remediation {
  /** Latest first. HealError "bad-cursor". */
  history(query: {
    service?: string;
    action?: string;
    from?: number;
    to?: number;
    limit: number;
    cursor?: string;
    offset?: number;
  }): Promise<{ actions: RemediationRecord[]; total: number; nextCursor: string | null }>;
  stats(query: { service?: string; from?: number; to?: number }): Promise<ActionStats[]>;
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
  /** Its address; empty for those from before there was one. */
  link: string;
  /** What would change, as people read it; empty where nothing tells. */
  diff: string;
  /** How many people must approve: a high risk is not one person's to take. */
  needs: number;
  /** The first of two who approved. */
  endorsed: { by: string; at: number; reason: string } | null;
}

export interface Approvals {
  /** One pending approval a run and plan hash; the same request again gives the same record. */
  request(
    approval: Pick<
      ApprovalRecord,
      "id" | "runId" | "service" | "planHash" | "summary" | "scoreBp" | "risk" | "expiresAt"
    > &
      Partial<Pick<ApprovalRecord, "link" | "diff" | "needs">>,
  ): Promise<ApprovalRecord>;
  /**
   * Decided once: HealError "not-found" | "plan-changed" | "already-decided" | "expired" | "same-person". Where two must
   * approve, the first leaves it pending; one "no" is enough.
   */
  decide(
    id: string,
    decision: { decision: "approve" | "reject"; by: string; reason: string; planHash: string },
  ): Promise<ApprovalRecord>;
  get(id: string): Promise<ApprovalRecord | undefined>;
  list(options: { status?: ApprovalRecord["status"]; limit: number }): Promise<ApprovalRecord[]>;
  /** Oldest first. */
  ofRuns(runIds: readonly string[]): Promise<ApprovalRecord[]>;
  /** Takes back what a run asks and nobody has decided; returns it. */
  withdraw(runId: string, reason: string): Promise<ApprovalRecord[]>;
  /** Marks what is overdue as expired and returns it. Never approves. */
  expire(now: number): Promise<ApprovalRecord[]>;
}
