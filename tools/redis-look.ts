// What INFO says, as the numbers and words of a look.
import type { DatabaseLook } from "../domain/database.ts";
import { known } from "./row-values.ts";

/** INFO's answer as a record: "used_memory" → "1048576". */
export function infoOf(answer: unknown): Record<string, string> {
  const lines = String(answer).split(/\r?\n/);
  return Object.fromEntries(
    lines.flatMap((line) => {
      const colon = line.indexOf(":");
      return line.startsWith("#") || colon <= 0 ? [] : [[line.slice(0, colon), line.slice(colon + 1)]];
    }),
  );
}

/** The count in "errorstat_OOM:count=3". */
function counted(info: Readonly<Record<string, string>>, error: string): number | undefined {
  const count = /count=(\d+)/.exec(info[`errorstat_${error}`] ?? "")?.[1];
  return info["redis_version"] === undefined ? undefined : Number(count ?? 0);
}

export function lookOfInfo(info: Readonly<Record<string, string>>): DatabaseLook {
  const n = (name: string): number | undefined => {
    const value = Number(info[name]);
    return info[name] === undefined || !Number.isFinite(value) ? undefined : value;
  };
  const used = n("used_memory");
  const limit = n("maxmemory");
  const replica = info["role"] === "slave";
  const down = replica && info["master_link_status"] !== "up";
  const spaces = keySpaces(info);
  return {
    engine: "redis",
    numbers: known({
      connections: n("connected_clients"),
      "connection-limit": n("maxclients"),
      "uptime-ms": inMs(n("uptime_in_seconds")),
      "cache-hits": n("keyspace_hits"),
      "cache-misses": n("keyspace_misses"),
      "rejected-connections": n("rejected_connections"),
      "evicted-keys": n("evicted_keys"),
      "refused-writes": counted(info, "OOM"),
      "refused-saves": counted(info, "MISCONF"),
      "refused-by-replica": counted(info, "READONLY"),
      "output-buffer-cuts": n("client_output_buffer_limit_disconnections"),
      "memory-bytes": used,
      "memory-limit-bytes": limit === 0 ? undefined : limit,
      "size-bytes": used,
      "blocked-clients": n("blocked_clients"),
      // The most of the last seconds, of any one client; where that client is gone, all together have less.
      "output-buffer-bytes": least(n("client_recent_max_output_buffer"), n("mem_clients_normal")),
      fragmentation: n("mem_fragmentation_ratio"),
      "fragmentation-bytes": n("mem_fragmentation_bytes"),
      "link-down-ms": down ? inMs(Math.max(0, n("master_link_down_since_seconds") ?? 0)) : undefined,
      replicas: n("connected_slaves"),
      "replication-lag-bytes": replica ? undefined : lagOf(info),
      keys: spaces.reduce((sum, one) => sum + one.keys, 0),
      "expiring-keys": spaces.reduce((sum, one) => sum + one.expiring, 0),
    }),
    words: known({
      version: info["redis_version"],
      role: replica ? "replica" : "primary",
      link: replica ? (down ? "down" : "up") : undefined,
      "eviction-policy": info["maxmemory_policy"],
      snapshot: info["rdb_last_bgsave_status"],
      "append-only": info["aof_enabled"] === "1" ? appendOnly(info) : undefined,
    }),
  };
}

/** The databases that hold keys. */
export function keySpaces(info: Readonly<Record<string, string>>): KeySpace[] {
  return Object.entries(info).flatMap(([name, text]) => {
    const database = /^db(\d+)$/.exec(name)?.[1];
    const [, keys, expiring] = /keys=(\d+),expires=(\d+)/.exec(text) ?? [];
    return database === undefined
      ? []
      : [{ database: Number(database), keys: Number(keys ?? 0), expiring: Number(expiring ?? 0) }];
  });
}

export interface KeySpace {
  database: number;
  keys: number;
  expiring: number;
}

function appendOnly(info: Readonly<Record<string, string>>): string | undefined {
  const written = info["aof_last_write_status"];
  return written === "ok" && info["aof_last_bgrewrite_status"] === "err" ? "grows" : written;
}

/** How far the furthest replica is behind. */
function lagOf(info: Readonly<Record<string, string>>): number | undefined {
  const offset = Number(info["master_repl_offset"] ?? Number.NaN);
  const offsets = Object.entries(info).flatMap(([name, text]) => {
    const at = /^slave\d+$/.test(name) ? /offset=(\d+)/.exec(text)?.[1] : undefined;
    return at === undefined ? [] : [Number(at)];
  });
  return offsets.length === 0 || !Number.isFinite(offset)
    ? undefined
    : Math.max(0, offset - Math.min(...offsets));
}

function least(one: number | undefined, other: number | undefined): number | undefined {
  return one === undefined || other === undefined ? one : Math.min(one, other);
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}
