// Everything a person can ask of opsmedic, as one interface. The HTTP routes are a thin door over it; the
// command line uses it too: through HttpOperations when a server runs, and over the embedded store otherwise.
import type { Clears } from "../agents/plan-clears.ts";
import type { Finding, Level } from "../domain/finding.ts";
import type { Incident, RunOutcome } from "../domain/incident.ts";
import type { JsonObject } from "../domain/json.ts";
import type { Verdict } from "../domain/plan.ts";
import type { Mode } from "../domain/service.ts";
import type {
  ApprovalRecord,
  AuditEntry,
  ImportedRun,
  IncidentRecord,
  JournalEntry,
  OutcomeCount,
  RunExport,
  RunRecord,
  StepRecord,
} from "../knowledge/records.ts";
import type { BackupDiff, BackupMeta } from "../tools/backup.ts";
import type { Autonomy } from "./autonomy.ts";
import type { Chatting } from "./chat.ts";
import type { Configuring } from "./configuring.ts";
import type { IncidentDesk } from "./incident-desk.ts";
import type { Databases } from "./databases.ts";
import type { Dependencies } from "./dependencies.ts";
import type { Learned } from "./learned.ts";
import type { Knowledge } from "./knowledge.ts";
import type { Observed } from "./observed.ts";
import type { Replays } from "./replays.ts";
import type { Running } from "./running.ts";
import type { Playbooks } from "./playbooks.ts";

/** Who asks, through which door: goes into the audit log. */
export interface Actor {
  name: string;
  role: "viewer" | "operator" | "admin";
  door: "api" | "cli" | "system";
  /** Where the request came from, where it came over the network. */
  ip?: string;
}

/** unknown: not looked at yet, or nothing could be seen. */
export type SeenLevel = Level | "unknown";

export interface ServiceHealth {
  status: SeenLevel;
  latency_ms: number | null;
  findings: Pick<Finding, "kind" | "severity" | "summary" | "since">[];
  checked_at: string | null;
}

export interface HealthAnswer {
  overall_status: Level;
  /** By service name, and for opsmedic's own surroundings: database, api, queue, and where used redis, docker. */
  checks: Record<string, ServiceHealth>;
}

export interface StatusAnswer {
  autonomous_mode: Mode;
  paused_until: string | null;
  last_check: string | null;
  check_interval_minutes: number;
  fix_statistics: { total_fixes: number; success_rate: number | null };
  recent_backups: BackupMeta[];
  /**
   * `summary` says what is wrong, or why nothing is known; null where all is well. `stopped`: by its operator, so it is left
   * alone and counts as healthy.
   */
  services: { name: string; status: SeenLevel; stopped: boolean; summary: string | null }[];
  open_incidents: IncidentRecord[];
  pending_approvals: ApprovalRecord[];
  /** `told`: the early sign that each looks for, or why there is none. */
  watches: { service: string; kind: string; signature: string; told?: string }[];
}

export interface CheckRequest {
  services?: string[];
  dry_run?: boolean;
  /** Answer only when the runs have ended (or wait for approval). */
  wait?: boolean;
}

/** A process that opsmedic is to run, and that never ran. */
export interface StartedService {
  service: string;
  started: boolean;
  /** Why it was not started. */
  problem: string | null;
}

export interface CheckAnswer {
  status: "healthy" | "issues_found";
  issues: Finding[];
  /** Runs that were begun, or were under way already. */
  run_ids: string[];
  /** Filled when `wait` was asked for. */
  runs: RunRecord[];
  /** Services that could not be looked at: "nothing found" says nothing about them. */
  unseen: { service: string; summary: string }[];
  /** Without a server only, which starts them when it comes up itself. */
  started?: StartedService[] | undefined;
  timestamp: string;
}

export interface RunStory {
  run: RunRecord;
  steps: StepRecord[];
  journal: JournalEntry[];
  incident: Incident | null;
  /** Everything that its plan takes, or would take away, with its bytes, and the sums. */
  clears?: Clears[];
  backup: { meta: BackupMeta; diff: BackupDiff } | null;
  approval: ApprovalRecord | null;
  /** The incident of the service at fault, where the run's own is part of it. */
  partOf: IncidentRecord["partOf"];
  /** Of a run of elsewhere: when it was brought in, by whom. */
  imported?: ImportedRun;
}

export interface StatsAnswer {
  total_fixes: number;
  success_rate: number | null;
  by_type: Record<string, OutcomeCount & { success_rate: number | null }>;
  by_strategy: Record<string, OutcomeCount & { success_rate: number | null }>;
  last_updated: string | null;
}

export interface InfoAnswer {
  version: string;
  node: string;
  store: "embedded" | "postgres";
  queue: "embedded" | "postgres" | "redis";
  model: string;
  started_at: string;
  demo: boolean;
}

export interface Operations
  extends Observed,
    Replays,
    Running,
    IncidentDesk,
    Chatting,
    Configuring,
    Databases,
    Dependencies,
    Learned,
    Autonomy,
    Knowledge,
    Playbooks {
  info(): Promise<InfoAnswer>;
  health(): Promise<HealthAnswer>;
  status(): Promise<StatusAnswer>;
  triggerCheck(request: CheckRequest, actor: Actor): Promise<CheckAnswer>;
  stats(): Promise<StatsAnswer>;

  runs(options: {
    limit: number;
    cursor?: string;
    service?: string;
    outcome?: RunOutcome;
  }): Promise<{ runs: RunRecord[]; next_cursor: string | null }>;
  run(id: string): Promise<RunStory>;
  exportRun(id: string): Promise<RunExport>;
  cancelRun(id: string, actor: Actor): Promise<RunRecord>;
  /** Recomputes the verdict of a recorded run from its record. */
  replayGate(runId: string): Promise<{ recorded: Verdict; replayed: Verdict; same: boolean }[]>;

  backups(): Promise<{ backups: BackupMeta[]; total: number }>;
  backupDiff(id: string): Promise<BackupDiff>;
  verifyBackup(id: string): Promise<{ ok: boolean; problems: string[] }>;
  /** Puts the captured state back, through journal, lease and audit; takes a backup of the present state first. */
  restoreBackup(
    id: string,
    options: { dry_run?: boolean },
    actor: Actor,
  ): Promise<{
    restored: boolean;
    steps: { step: number; action: string; ok: boolean; text: string }[];
    backup_id: string | null;
  }>;

  /** HealError "not-found". */
  approval(id: string): Promise<ApprovalRecord>;
  approvals(options: { status?: ApprovalRecord["status"]; limit: number }): Promise<ApprovalRecord[]>;
  decideApproval(
    id: string,
    decision: { decision: "approve" | "reject"; reason: string; plan_hash: string },
    actor: Actor,
  ): Promise<ApprovalRecord>;

  mode(): Promise<{ mode: Mode; paused_until: string | null }>;
  setMode(mode: Mode, actor: Actor): Promise<{ mode: Mode; paused_until: string | null }>;
  /** Kill switch. Absent duration: until resumed. */
  pause(
    options: { for_ms?: number; reason?: string },
    actor: Actor,
  ): Promise<{ mode: Mode; paused_until: string | null }>;
  resume(actor: Actor): Promise<{ mode: Mode; paused_until: string | null }>;

  incidents(options: {
    status?: IncidentRecord["status"];
    service?: string;
    limit: number;
  }): Promise<IncidentRecord[]>;
  actions(): Promise<
    {
      name: string;
      summary: string;
      undoes: string;
      class: string;
      effect: string;
      risk: string;
      parameters: JsonObject;
    }[]
  >;

  audit(options: { limit: number; before?: number }): Promise<AuditEntry[]>;
  verifyAudit(): Promise<{ ok: boolean; entries: number; brokenAt: number | null; problem: string | null }>;
}

/** Everything that happens, for the live stream: run steps, incidents, approvals. */
export interface LiveEvent {
  topic: "run.step" | "run" | "incident" | "approval" | "alert" | "control" | "knowledge" | "metrics";
  at: number;
  data: JsonObject;
}

export interface LiveEvents {
  publish(event: LiveEvent): void;
  /** Returns the way to stop listening. */
  subscribe(listener: (event: LiveEvent) => void): () => void;
}
