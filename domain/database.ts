// What one look into a database reads: plain numbers and words by name, the same names whatever the engine. What an
// engine does not have, or the role may not see, is absent: absent is never zero.
import { z } from "zod";

export const databaseEngines = ["postgres", "mysql", "redis"] as const;
export type DatabaseEngine = (typeof databaseEngines)[number];

/** Times are milliseconds, sizes bytes, shares 0–1; "counter" counts since the server (or its statistics) began. */
export const databaseNumbers = [
  /** Sessions of clients, and how many the server accepts from ordinary roles. */
  "connections",
  "connection-limit",
  "active",
  "idle-in-transaction",
  "idle-in-transaction-ms",
  "longest-transaction-ms",
  /** Sessions that wait for a lock of another, and the longest wait. */
  "blocked",
  "blocked-ms",
  "active-over-1s",
  "uptime-ms",
  "size-bytes",
  /** Counters. */
  "deadlocks",
  "transactions",
  "cache-hits",
  "cache-misses",
  "slow-queries",
  "rejected-connections",
  "evicted-keys",
  "refused-writes",
  "refused-saves",
  /** Redis: writes that a replica was sent. */
  "refused-by-replica",
  "output-buffer-cuts",
  /** The slowest statement since the look before: mean time and calls. */
  "query-ms",
  "query-calls",
  /** The table with most dead rows for its size; the one whose statistics are furthest behind. */
  "dead-rows",
  "dead-share",
  "unanalysed-rows",
  "unanalysed-share",
  /** The sequence (or AUTO_INCREMENT) nearest to its end. */
  "sequence-share",
  "transaction-id-share",
  "replicas",
  "replication-lag-ms",
  "replication-lag-bytes",
  "retained-log-bytes",
  "bad-settings",
  /** Of the fullest disk that it writes to, where that is on this machine: 1, where less is left than it takes at once. */
  "volume-share",
  "volume-free-bytes",
  /** Redis. */
  "memory-bytes",
  "memory-limit-bytes",
  "blocked-clients",
  "output-buffer-bytes",
  "fragmentation",
  "fragmentation-bytes",
  "link-down-ms",
  "keys",
  "expiring-keys",
  "slowest-command-ms",
] as const;
export type DatabaseNumber = (typeof databaseNumbers)[number];

export const databaseWords = [
  "version",
  /** "primary" | "replica". */
  "role",
  /** Of a replica: "up" | "down". */
  "link",
  /** MySQL, of a replica: "runs" | "stopped", and what it says of the last error of its link or its applier. */
  "applier",
  "replication-error",
  /** MySQL: "yes" where nobody but an administrator may write. */
  "read-only",
  "slowest-statement",
  "bloated-table",
  "stale-table",
  /** An index that opsmedic made and that does not pay, and why. */
  "useless-index",
  "useless-index-why",
  "sequence",
  "transaction-id-database",
  "bad-settings",
  "lagging-replica",
  /** Where that disk is mounted. */
  "volume",
  /**
   * Redis: what it does when memory is full; "ok" or "err" of its last snapshot and of its append-only file, of which
   * "grows" says that it is written, but could not be written anew.
   */
  "eviction-policy",
  "snapshot",
  "append-only",
  /** MySQL: "ON" | "OFF" | "DISABLED", and whether events are there to be run: "yes". */
  "event-scheduler",
  "has-events",
] as const;
export type DatabaseWord = (typeof databaseWords)[number];

export const databaseLookSchema = z.object({
  engine: z.enum(databaseEngines),
  numbers: z.partialRecord(z.enum(databaseNumbers), z.number()),
  words: z.partialRecord(z.enum(databaseWords), z.string()),
});
export type DatabaseLook = z.infer<typeof databaseLookSchema>;

/** The share of reads that the server's cache answered; undefined where there were none. */
export function hitRateOf(hits: number | undefined, misses: number | undefined): number | undefined {
  if (hits === undefined || misses === undefined || hits + misses <= 0) return undefined;
  return hits / (hits + misses);
}

/** Whether Redis could make room at all when it is full: of keys that never expire, "volatile-…" takes none. */
export function mayEvict(policy: string | undefined, expiringKeys: number | undefined): boolean | undefined {
  if (policy === undefined) return undefined;
  if (policy === "noeviction") return false;
  return policy.startsWith("volatile-") ? expiringKeys !== 0 : true;
}
