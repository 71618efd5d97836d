// A service: what the configuration says about one thing that opsmedic watches. Durations are
// milliseconds, sizes bytes, shares ratios (0.9 = 90 %), paths absolute.

export const policyModes = ["observe", "approve", "auto"] as const;
export type Mode = (typeof policyModes)[number];

export type Runtime =
  | { kind: "docker"; container: string }
  | { kind: "compose"; project: string; service: string }
  | { kind: "process"; command: readonly string[]; cwd: string; env: Readonly<Record<string, string>> };

export interface ProbeExpectation {
  /** Accepted HTTP status; absent: any 2xx or 3xx. */
  status?: number;
  /** Slower than this counts as a failed probe. */
  maxMs?: number;
}

export type Probe = {
  everyMs: number;
  timeoutMs: number;
  expect: ProbeExpectation;
} & (
  | { kind: "http"; url: string }
  | { kind: "tcp"; host: string; port: number }
  | { kind: "exec"; command: readonly string[] }
);

export type LogSource = { kind: "runtime" } | { kind: "file"; glob: string };

export type Database =
  | { kind: "postgres"; url: string; protectRoles: readonly string[] }
  | { kind: "mysql"; url: string }
  | { kind: "redis"; url: string };

/** What a fix may change on disk. Nothing outside `root` is ever read or written, through links neither. */
export interface ServiceFilesSpec {
  root: string;
  /** Globs relative to root. */
  editable: readonly string[];
  afterEdit: "restart" | "none" | { reload: NodeJS.Signals };
}

/** What may go when a file system is full: nothing but what the owner names. */
export interface CleanUpRule {
  /** Logs are emptied where they lie, since a program may write to them; temporary files are removed. */
  kind: "logs" | "temporary";
  /** The folder below which alone anything is touched. */
  root: string;
  /** Relative to root. */
  glob: string;
  /** Since the last write. */
  olderThanMs: number;
  /** A log that is larger than this goes although it is still written; absent: it stays. */
  largerThanBytes?: number;
}

/** What an outage costs, as far as the owner says. */
export interface Impact {
  revenuePerMinute?: number;
  currency?: string;
  users?: number;
}

export interface Service {
  name: string;
  /** Absent: nothing of ours runs there; watched, never acted on. */
  runtime?: Runtime;
  health: readonly Probe[];
  metrics: readonly { prometheus: string }[];
  logs: readonly LogSource[];
  dependsOn: readonly string[];
  files?: ServiceFilesSpec;
  cleanUp?: readonly CleanUpRule[];
  limits: { maxReplicas: number; maxMemoryBytes?: number };
  database?: Database;
  /** Overrides healing.mode. */
  mode?: Mode;
  /** Watched, but refused by the gate whatever the score. */
  protected: boolean;
  impact?: Impact;
  /** Found by label rather than named in the configuration. */
  discovered: boolean;
}
