// A service: what the configuration says about one thing that opsmedic watches. Durations are
// milliseconds, sizes bytes, shares ratios (0.9 = 90 %), paths absolute.

import type { DenyWindow } from "./deny-window.ts";

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

export type Database = PostgresDatabase | MysqlDatabase | RedisDatabase;

export interface PostgresDatabase {
  kind: "postgres";
  url: string;
  /** Their sessions are never ended. */
  protectRoles: readonly string[];
  /** From when on a transaction in which nothing happens may be ended; absent: five seconds. */
  terminateIdleInTransactionAfterMs?: number;
  /** Absent: nobody knows them. */
  migrations?: MigrationFiles;
}

/** The service's own migrations: plain SQL, in the order of their names. Read, never written. */
export interface MigrationFiles {
  /** The folder below which alone anything is read. */
  root: string;
  /** Relative to root. */
  glob: string;
  /** In whose name they are run; absent: of whoever owns the tables, where that is one. */
  role?: string;
}

export interface MysqlDatabase {
  kind: "mysql";
  url: string;
  /** Users whose sessions are never ended. */
  protectRoles?: readonly string[];
  /** max_connections may be raised up to this; absent: not at all. */
  maxConnections?: number;
  /** read_only is meant, though it follows nobody. */
  readOnly?: boolean;
}

/** What a fix may do inside Redis, beyond ending what harms and asking it to tidy up. Absent: not without its owner. */
export interface RedisDatabase {
  kind: "redis";
  url: string;
  /** maxmemory may be raised up to this. */
  maxMemoryBytes?: number;
  /** maxclients may be raised up to this. */
  maxClients?: number;
  /** A full store may be told to evict by this policy: what it holds can be lost. */
  whenFull?: EvictionPolicy;
  /** Names (CLIENT SETNAME) or users of clients that are never ended. */
  protectClients?: readonly string[];
  /** From when on a client that says nothing may be ended where places run out; absent: five minutes. */
  endIdleAfterMs?: number;
  /** Names of subscribers that may be ended when they do not read; others of that kind never are. */
  endSubscribers?: readonly string[];
}

export const evictionPolicies = [
  "allkeys-lru",
  "allkeys-lfu",
  "allkeys-random",
  "volatile-lru",
  "volatile-lfu",
  "volatile-random",
  "volatile-ttl",
] as const;
export type EvictionPolicy = (typeof evictionPolicies)[number];

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

/** Which of the engine's images may go that no container uses. */
export interface ImageRule {
  /** Since they were made, and got their name here. */
  olderThanMs: number;
  /** "name" or "name=value"; absent: of any. */
  label?: string;
}

/** Which of the engine's containers may go that have ended. */
export interface ContainerRule {
  /** Since they ended. */
  olderThanMs: number;
  /** "name" or "name=value"; absent: of any. */
  label?: string;
}

/** How a proxy is told, or asked: a request, or a command whose exit status 0 is a yes. */
export type ProxyDoor =
  | {
      kind: "http";
      method: string;
      url: string;
      headers: Readonly<Record<string, string>>;
      body?: string;
    }
  | { kind: "exec"; command: readonly string[] };

/** One of several that do the same work behind a proxy, which can leave it out for a while. */
export interface Rotation {
  /** The same word at all of them. */
  of: string;
  takeOut: ProxyDoor;
  putBack: ProxyDoor;
  /** Its answer holds the text `out` exactly while the replica gets nothing new, and `idle` when nothing is under way. */
  look: ProxyDoor & { out: string; idle?: string };
  /** How long what is under way may take; then it is cut off. */
  withinMs: number;
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
  cleanUpImages?: ImageRule;
  cleanUpContainers?: ContainerRule;
  limits: { maxReplicas: number; maxMemoryBytes?: number };
  rotation?: Rotation;
  database?: Database;
  /** Overrides healing.mode. */
  mode?: Mode;
  /** Watched, but refused by the gate whatever the score. */
  protected: boolean;
  impact?: Impact;
  /** Its own maintenance. */
  windows?: readonly DenyWindow[];
  /** Found by label rather than named in the configuration. */
  discovered: boolean;
}
