// What the chat may read: slices of the stores and of what is seen now. Not one of them can change anything.
import { type Finding, isStopped, type Level } from "../../domain/finding.ts";
import type { Playbook } from "../../domain/playbook.ts";
import type { LogLines, LogPatterns, MetricHistory } from "../../knowledge/observations.ts";
import type { Recall } from "../../knowledge/recall.ts";
import type { Approvals, Audit, Cases, Incidents, Journal, Runs, Watches } from "../../knowledge/records.ts";
import type { BackupDiff, Backups } from "../../tools/backup.ts";
import type { SeenAnomaly } from "../metric-watch.ts";
import type { Prediction } from "../prediction.ts";

/** What the last look at a service found. */
export interface ServiceNow {
  service: string;
  level: Level | "unknown";
  latencyMs: number | null;
  findings: readonly Pick<Finding, "kind" | "severity" | "summary" | "since">[];
  /** Why nothing was seen, where nothing was. */
  blind?: string;
  checkedAt: number | null;
}

/** In one word. */
export function stateOf(seen: ServiceNow): ServiceNow["level"] | "stopped" {
  return isStopped(seen) ? "stopped" : seen.level;
}

export interface ChatSources {
  incidents: Pick<Incidents, "get" | "list">;
  runs: Pick<Runs, "get" | "list" | "steps" | "incident">;
  journal: Pick<Journal, "ofRun" | "recent">;
  approvals: Pick<Approvals, "get" | "list">;
  cases: Pick<Cases, "recent" | "ofSignature">;
  watches: Pick<Watches, "list">;
  audit: Pick<Audit, "list">;
  lines: Pick<LogLines, "list">;
  patterns: Pick<LogPatterns, "list" | "read">;
  metrics: Pick<MetricHistory, "read">;
  backups: Pick<Backups, "list">;
  /** The state now against what the backup holds. HealError "backup-not-found". */
  backupDiff: (id: string) => Promise<BackupDiff>;
  playbooks: readonly Playbook[];
  recall: Recall;
  /** Whether what recall names that way is still kept. */
  isKept: (id: string) => Promise<boolean>;
  /** How each service was at its last look. */
  services: () => Promise<readonly ServiceNow[]>;
  /** Empty where nobody watches. */
  anomalies: () => readonly SeenAnomaly[];
  predictions: (service?: string) => Promise<readonly Prediction[]>;
}
