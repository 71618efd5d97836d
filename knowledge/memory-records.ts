// What is remembered: cases, standing watches, who changed what, settings and tokens.
import type { EarlySign } from "../domain/early-sign.ts";
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
  /** What a person wrote who resolved its incident. */
  resolution?: string | null;
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
  /** Outcomes of applied fixes by the confidence that was stated before. */
  scored(query: { since: number; service?: string; playbook?: string }): Promise<ScoredCases[]>;
  /** A person's words become part of the incident's cases; how many there are. */
  resolve(incidentId: string, resolution: string): Promise<number>;
  ofIncident(incidentId: string): Promise<CaseRecord[]>;
  stats(): Promise<{
    total: OutcomeCount;
    byFix: Record<string, OutcomeCount>;
    byStrategy: Record<string, OutcomeCount>;
    lastUpdated: number | null;
  }>;
}

// ── watches.ts ──────────────────────────────────────────────────────────────────────────────────────────

/** Outcomes of one stated confidence in one cause. */
export interface ScoredCases extends OutcomeCount {
  playbook: string;
  scoreBp: number;
}

/** A standing watch on a symptom that came twice: looked at more often, and told about earlier. */
export interface WatchRecord {
  id: string;
  service: string;
  signature: string;
  kind: string;
  fromIncident: string;
  createdAt: number;
  /** What moved before the symptom, each time; null: nothing that was seen did. */
  sign: EarlySign | null;
  /** The sign in words, or why there is none. */
  told: string;
}

/** A sign that was seen: from when to when. */
export interface WatchWarning {
  watchId: string;
  beganAt: number;
  lastAt: number;
  summary: string;
}

export interface Watches {
  /** The same symptom again gives the watch that is there; a sign that was found takes the place of none. */
  add(watch: Omit<WatchRecord, "id" | "createdAt">): Promise<WatchRecord>;
  get(id: string): Promise<WatchRecord | undefined>;
  list(service?: string): Promise<WatchRecord[]>;
  /** false: there was none. Its warnings go with it. */
  remove(id: string): Promise<boolean>;
  /** Its sign shows: begins a warning, or carries on the one that has not ended. */
  warned(id: string, warning: { since: number; at: number; summary: string }): Promise<void>;
  /** Oldest first: those that were on within the time. */
  warnings(query: { from: number; to: number; watchId?: string }): Promise<WatchWarning[]>;
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
  /** What was done to these, oldest first. */
  about(targets: readonly string[], limit: number): Promise<AuditEntry[]>;
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
