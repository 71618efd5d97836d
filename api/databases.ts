// What can be asked of the databases: how they are, who holds their connections, and what makes them slow.
import type { DatabaseEngine } from "../domain/database.ts";
import type { Finding } from "../domain/finding.ts";
import type { MissingRight } from "../tools/database-inspector.ts";
import type { SeenLevel } from "./operations.ts";

/** Numbers that an engine does not have, or that its role may not see, are null. */
export interface DatabaseHealth {
  service: string;
  engine: DatabaseEngine;
  version: string | null;
  /** Of the last look at the service. */
  status: SeenLevel;
  connections: {
    used: number | null;
    limit: number | null;
    active: number | null;
    idle_in_transaction: number | null;
    blocked: number | null;
  };
  /** Share of reads that the cache answered, since the server's statistics began. */
  cache_hit_rate: number | null;
  size_bytes: number | null;
  memory_limit_bytes: number | null;
  /** Counters since the server's statistics began. */
  transactions: number | null;
  deadlocks: number | null;
  longest_transaction_ms: number | null;
  role: string | null;
  replication_lag_ms: number | null;
  issues: Pick<Finding, "kind" | "severity" | "summary" | "since">[];
  /** What the role of the configuration may not see, with the statements that let it. */
  missing_rights: MissingRight[];
  /** Why nothing could be seen; null where it could. */
  problem: string | null;
}

export interface DatabaseClient {
  role: string;
  client: string;
  address: string | null;
  connections: number;
  active: number;
  idle: number;
  idle_in_transaction: number;
}

export interface DatabaseConnections {
  service: string;
  engine: DatabaseEngine;
  used: number | null;
  limit: number | null;
  /** Who holds them, most first. */
  clients: DatabaseClient[];
  /** Who holds a lock that others wait for, the one that holds up most first. */
  blockers: {
    id: number;
    role: string;
    client: string;
    state: string;
    blocked: number;
    transaction_ms: number | null;
  }[];
  problem: string | null;
}

export interface DatabasePerformance {
  service: string;
  engine: DatabaseEngine;
  cache_hit_rate: number | null;
  /** Those that took most time, the slowest on average first; null: the server does not count statements. */
  slow_queries: { statement: string; calls: number; mean_ms: number; total_ms: number }[] | null;
  missing_indexes: { table: string; column: string; rows: number; calls: number; mean_ms: number }[] | null;
  /** Of Redis, of a bounded sample of its keys; null: it is none. */
  keys: {
    sampled: number;
    biggest: { key: string; bytes: number }[];
    /** null: its policy is no LFU policy, so that uses are not counted. */
    hottest: { key: string; frequency: number }[] | null;
    advice: string[];
  } | null;
  bad_settings: string[];
  /** What its pool of connections should be like; null: nothing to say. */
  pool_advice: string | null;
  problem: string | null;
}

export interface Databases {
  /** HealError "unknown-service": none of this name is a database. */
  databaseHealth(query: { service?: string }): Promise<DatabaseHealth[]>;
  databaseConnections(query: { service?: string }): Promise<DatabaseConnections[]>;
  performance(query: { service?: string }): Promise<DatabasePerformance[]>;
}
