// What is remembered: cases, standing watches, who changed what, settings and tokens.
import type { Strategy } from "../domain/incident.ts";
import type { Json, JsonObject } from "../domain/json.ts";

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

/** How often a fix was tried on one day, and how often it healed. */
export interface DatedOutcomes extends OutcomeCount {
  /** On the service asked for, on others of its kind, on the rest. */
  nearness: "target" | "kind" | "others";
  /** Days since 1970, UTC. */
  day: number;
}

export interface Cases {
  /** One case a run and plan; filing it again changes nothing. */
  file(one: CaseRecord): Promise<void>;
  /** Outcomes of a cause-and-fix pair by day, near and far; what was never applied is none. */
  history(
    playbook: string,
    fix: string,
    here: Pick<CaseRecord, "service" | "targetKind">,
    since: number,
  ): Promise<DatedOutcomes[]>;
  ofSignature(signature: string, limit: number): Promise<CaseRecord[]>;
  recent(options: {
    service?: string;
    playbook?: string;
    since: number;
    limit: number;
  }): Promise<CaseRecord[]>;
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
