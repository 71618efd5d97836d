// One cheap look into PostgreSQL: sessions, counters and replication each time; tables, sequences and statements, which
// cost more to read and change slowly, once a minute.
import type { DatabaseLook } from "../domain/database.ts";
import type { PostgresReader } from "./postgres-reader.ts";
import { badPostgresSettings } from "./postgres-settings.ts";
import { sequencesSql, statementsSchemaSql, statementsSql } from "./postgres-questions.ts";
import { known, numberIn, type Row, textIn } from "./row-values.ts";
import { slowestSince, type StatementCounts } from "./statement-counts.ts";

/** 2^31 less the three million that the server keeps for the operator; see "Preventing Transaction ID Wraparound". */
const LAST_TRANSACTION_ID = 2_147_483_648 - 3_000_000;

/** Needs PostgreSQL 14 or newer: pg_locks.waitstart. Sessions of opsmedic itself count, since they take a place too. */
const nowSql = `
with sessions as (select *, state like 'idle in transaction%' as parked from pg_stat_activity where backend_type = 'client backend')
select count(*) as connections,
  current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
    - coalesce(current_setting('reserved_connections', true)::int, 0) as "connection-limit",
  count(*) filter (where state = 'active' and pid <> pg_backend_pid()) as active,
  count(*) filter (where parked) as "idle-in-transaction",
  max(extract(epoch from clock_timestamp() - state_change) * 1000) filter (where parked) as "idle-in-transaction-ms",
  max(extract(epoch from clock_timestamp() - xact_start) * 1000) filter (where pid <> pg_backend_pid()) as "longest-transaction-ms",
  count(*) filter (where state = 'active' and wait_event_type = 'Lock') as blocked,
  count(*) filter (where state = 'active' and pid <> pg_backend_pid() and wait_event_type is distinct from 'Lock'
    and clock_timestamp() - query_start > interval '1 s') as "active-over-1s",
  (select max(extract(epoch from clock_timestamp() - waitstart) * 1000) from pg_locks where not granted) as "blocked-ms",
  extract(epoch from clock_timestamp() - pg_postmaster_start_time()) * 1000 as "uptime-ms",
  (select sum(deadlocks) from pg_stat_database) as deadlocks,
  (select sum(xact_commit + xact_rollback) from pg_stat_database) as transactions,
  (select sum(blks_hit) from pg_stat_database) as "cache-hits",
  (select sum(blks_read) from pg_stat_database) as "cache-misses",
  (select max(age(datfrozenxid)) from pg_database) as "transaction-id-age",
  (select datname from pg_database order by age(datfrozenxid) desc limit 1) as "transaction-id-database",
  current_setting('server_version') as version,
  case when pg_is_in_recovery() then 'replica' else 'primary' end as role
from sessions`;

const replicationSql = `
select count(*) as replicas,
  max(extract(epoch from replay_lag) * 1000) as "replication-lag-ms",
  max(case when pg_is_in_recovery() then null else pg_wal_lsn_diff(pg_current_wal_lsn(), replay_lsn) end) as "replication-lag-bytes",
  (array_agg(application_name order by replay_lsn))[1] as "lagging-replica",
  (select max(case when pg_is_in_recovery() then null else pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) end)
     from pg_replication_slots where not active) as "retained-log-bytes",
  (select count(*) from pg_stat_wal_receiver) as receivers,
  case when pg_is_in_recovery() and pg_last_wal_receive_lsn() is distinct from pg_last_wal_replay_lsn()
    then extract(epoch from clock_timestamp() - pg_last_xact_replay_timestamp()) * 1000 end as "replay-ms"
from pg_stat_replication`;

/** Of tables that are worth it: with a few dead rows any table looks bloated. */
const tablesSql = `
select schemaname || '.' || relname as "table", n_live_tup as live, n_dead_tup as dead, n_mod_since_analyze as changed,
  n_dead_tup::float8 / greatest(n_live_tup + n_dead_tup, 1) as "dead-share",
  n_mod_since_analyze::float8 / greatest(n_live_tup, 1) as "unanalysed-share"
from pg_stat_user_tables where n_live_tup + n_dead_tup >= 10000`;

export interface SlowLook {
  numbers: DatabaseLook["numbers"];
  words: DatabaseLook["words"];
  counts: StatementCounts | undefined;
}

export async function lookAtSessions(reader: PostgresReader, signal?: AbortSignal): Promise<DatabaseLook> {
  const [now] = await reader.read(nowSql, [], signal);
  const [replication] = await reader.read(replicationSql, [], signal);
  const n = (name: string) => numberIn(now, name);
  const r = (name: string) => numberIn(replication, name);
  const role = textIn(now, "role");
  const age = n("transaction-id-age");
  const link = role === "replica" ? ((r("receivers") ?? 0) > 0 ? "up" : "down") : undefined;
  return {
    engine: "postgres",
    numbers: known({
      connections: n("connections"),
      "connection-limit": n("connection-limit"),
      active: n("active"),
      "idle-in-transaction": n("idle-in-transaction"),
      "idle-in-transaction-ms": n("idle-in-transaction-ms"),
      "longest-transaction-ms": n("longest-transaction-ms"),
      blocked: n("blocked"),
      "blocked-ms": n("blocked-ms"),
      "active-over-1s": n("active-over-1s"),
      "uptime-ms": n("uptime-ms"),
      deadlocks: n("deadlocks"),
      transactions: n("transactions"),
      "cache-hits": n("cache-hits"),
      "cache-misses": n("cache-misses"),
      "transaction-id-share": age === undefined ? undefined : age / LAST_TRANSACTION_ID,
      replicas: r("replicas"),
      "replication-lag-ms": r("replay-ms") ?? r("replication-lag-ms"),
      "replication-lag-bytes": r("replication-lag-bytes"),
      "retained-log-bytes": r("retained-log-bytes"),
    }),
    words: known({
      version: textIn(now, "version"),
      role,
      link,
      "transaction-id-database": textIn(now, "transaction-id-database"),
      "lagging-replica": textIn(replication, "lagging-replica"),
    }),
  };
}

/** `before`: the counts of the last one, against which the statements of now are measured. */
export async function lookAtTables(
  reader: PostgresReader,
  before: StatementCounts | undefined,
  signal?: AbortSignal,
): Promise<SlowLook> {
  const tables = await reader.read(tablesSql, [], signal);
  const bloated = worst(tables, "dead-share");
  const stale = worst(tables, "unanalysed-share");
  const [sequence] = await reader.read(sequencesSql, [], signal);
  const [size] = await reader.read("select pg_database_size(current_database()) as bytes", [], signal);
  const settings = await reader.read("select name, setting, unit from pg_settings", [], signal);
  const bad = badPostgresSettings(
    Object.fromEntries(settings.map((one) => [one["name"], String(one["setting"])])),
  );
  const counts = await statementsOf(reader, signal);
  const slowest = slowestSince(before, counts);
  return {
    counts,
    numbers: known({
      "dead-rows": numberIn(bloated, "dead"),
      "dead-share": numberIn(bloated, "dead-share"),
      "unanalysed-rows": numberIn(stale, "changed"),
      "unanalysed-share": numberIn(stale, "unanalysed-share"),
      "sequence-share": numberIn(sequence, "share"),
      "size-bytes": numberIn(size, "bytes"),
      "bad-settings": bad.length,
      "query-ms": slowest?.meanMs ?? (before && counts ? 0 : undefined), // nothing was asked, and nothing was slow
      "query-calls": slowest?.calls,
    }),
    words: known({
      "bloated-table": textIn(bloated, "table"),
      "stale-table": textIn(stale, "table"),
      sequence: textIn(sequence, "sequence"),
      "bad-settings": bad.length > 0 ? bad.map((one) => one.setting).join(", ") : undefined,
      "slowest-statement": slowest?.statement,
    }),
  };
}

/** undefined: the extension is not there, or this role may not read it. */
export async function statementsOf(
  reader: PostgresReader,
  signal?: AbortSignal,
): Promise<StatementCounts | undefined> {
  const [extension] = await reader.read(statementsSchemaSql, [], signal);
  const schema = textIn(extension, "schema");
  if (schema === undefined) return undefined;
  try {
    const rows = await reader.read(statementsSql(schema), [], signal);
    return new Map(
      rows.flatMap((row) => {
        const [statement, id] = [textIn(row, "statement"), textIn(row, "id")];
        if (statement === undefined || id === undefined) return [];
        const n = (of: string): number => numberIn(row, of) ?? 0;
        return [[id, { statement, calls: n("calls"), totalMs: n("total"), rows: n("rows") }]];
      }),
    );
  } catch (error) {
    signal?.throwIfAborted();
    // Not preloaded (55000), or another version's columns: then the server does not count statements for us.
    if (error instanceof Error && "code" in error && error.code === "database-not-reached") throw error;
    return undefined;
  }
}

function worst(rows: readonly Row[], by: string): Row | undefined {
  return rows.toSorted((a, b) => (numberIn(b, by) ?? 0) - (numberIn(a, by) ?? 0))[0];
}
