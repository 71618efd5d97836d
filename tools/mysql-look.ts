// One cheap look into MySQL or MariaDB: status counters and open transactions each time; tables and sequences, which
// change slowly, once a minute.
import type { DatabaseLook } from "../domain/database.ts";
import { autoIncrementSql, sizeSql, statementsSql } from "./mysql-questions.ts";
import type { MysqlReader } from "./mysql-reader.ts";
import { mysqlReplication } from "./mysql-replication.ts";
import { changedTables, mostChanged } from "./mysql-statistics.ts";
import { badMysqlSettings } from "./mysql-settings.ts";
import { known, numberIn, type Row, textIn } from "./row-values.ts";
import { slowestSince, type StatementCounts } from "./statement-counts.ts";

const sessionsSql = `
select count(*) as connections,
  sum(p.command not in ('Sleep', 'Daemon', 'Binlog Dump') and p.id <> connection_id()) as active,
  sum(p.command not in ('Sleep', 'Daemon', 'Binlog Dump') and p.id <> connection_id() and p.time >= 1
      and p.state not like 'Waiting for % lock' and coalesce(t.trx_state, '') <> 'LOCK WAIT') as over_1s,
  sum(p.state like 'Waiting for % lock') as waiting, max(if(p.state like 'Waiting for % lock', p.time, null)) as waiting_s,
  sum(p.command = 'Sleep' and t.trx_id is not null) as parked,
  max(if(p.command = 'Sleep' and t.trx_id is not null, p.time, null)) as parked_s,
  max(timestampdiff(second, t.trx_started, now())) as transaction_s,
  sum(t.trx_state = 'LOCK WAIT') as locked,
  max(if(t.trx_state = 'LOCK WAIT', timestampdiff(second, t.trx_wait_started, now()), null)) as locked_s
from information_schema.processlist p left join information_schema.innodb_trx t on t.trx_mysql_thread_id = p.id
where p.command <> 'Daemon'`;

export async function lookAtMysql(reader: MysqlReader, signal?: AbortSignal): Promise<DatabaseLook> {
  const [sessions] = await reader.read(sessionsSql, [], signal);
  const status = byName(await reader.read("show global status", [], signal));
  const settings = byName(await reader.read("show global variables", [], signal));
  const replication = await mysqlReplication(reader, signal);
  const deadlocks = status["Innodb_deadlocks"] ?? (await deadlocksOfMysql(reader, signal));
  // MariaDB's own table shows them to who may read it; information_schema only to who may also make them.
  const events = (await reader.isMariadb(signal)) ? "mysql.event" : "information_schema.events";
  const [enabled] = await reader
    .read(`select count(*) as events from ${events} where status = 'ENABLED'`, [], signal)
    .catch((): Row[] => []);
  signal?.throwIfAborted();
  const n = (name: string) => numberIn(sessions, name);
  const s = (name: string) => numberIn(status, name);
  const bad = badMysqlSettings(settings);
  const [requests, misses] = [s("Innodb_buffer_pool_read_requests"), s("Innodb_buffer_pool_reads")];
  return {
    engine: "mysql",
    numbers: known({
      connections: s("Threads_connected"),
      "connection-limit": numberIn(settings, "max_connections"),
      active: n("active"),
      "idle-in-transaction": n("parked"),
      "idle-in-transaction-ms": inMs(n("parked_s")),
      "longest-transaction-ms": inMs(n("transaction_s")),
      blocked: (n("waiting") ?? 0) + (n("locked") ?? 0),
      "blocked-ms": inMs(Math.max(n("waiting_s") ?? 0, n("locked_s") ?? 0)),
      "active-over-1s": n("over_1s"),
      "uptime-ms": inMs(s("Uptime")),
      deadlocks: deadlocks === undefined ? undefined : Number(deadlocks),
      transactions: sum(s("Com_commit"), s("Com_rollback")),
      "cache-hits": requests === undefined ? undefined : requests - (misses ?? 0),
      "cache-misses": misses,
      "slow-queries": s("Slow_queries"),
      "rejected-connections": s("Connection_errors_max_connections"),
      "bad-settings": bad.length,
      "replication-lag-ms": replication?.lagMs,
    }),
    words: {
      ...replication?.words,
      ...known({
        "read-only": /^(?:ON|1)/.test(settings["read_only"] ?? "") ? "yes" : undefined,
        version: settings["version"],
        "event-scheduler": settings["event_scheduler"],
        "has-events": (numberIn(enabled, "events") ?? 0) > 0 ? "yes" : undefined,
        "bad-settings": bad.length > 0 ? bad.map((one) => one.setting).join(", ") : undefined,
      }),
    },
  };
}

export type SlowLook = Pick<DatabaseLook, "numbers" | "words"> & { counts?: StatementCounts | undefined };

/** `before`: the counts of the last one, against which the statements of now are measured. */
export async function lookAtMysqlTables(
  reader: MysqlReader,
  before?: StatementCounts,
  signal?: AbortSignal,
): Promise<SlowLook> {
  const counts = await statementsOf(reader, signal);
  const slowest = slowestSince(before, counts);
  const [sequence] = await reader.read(autoIncrementSql, [], signal);
  const [tables] = await reader.read(sizeSql, [], signal);
  const stale = mostChanged((await changedTables(reader, signal)) ?? []);
  return {
    counts,
    numbers: known({
      "query-ms": slowest?.meanMs,
      "query-calls": slowest?.calls,
      "sequence-share": numberIn(sequence, "share"),
      "size-bytes": numberIn(tables, "bytes"),
      "unanalysed-rows": stale?.changed,
      "unanalysed-share": stale?.share,
    }),
    words: known({
      "slowest-statement": slowest?.statement,
      sequence: textIn(sequence, "owner"),
      "stale-table": stale?.table,
    }),
  };
}

/** undefined: performance_schema is off (MariaDB's default) or not to be read. */
export async function statementsOf(
  reader: MysqlReader,
  signal?: AbortSignal,
): Promise<StatementCounts | undefined> {
  const rows = await reader.read(statementsSql, [], signal).catch((): Row[] => []);
  signal?.throwIfAborted();
  if (rows.length === 0) return undefined;
  return new Map(
    rows.map((row) => [
      textIn(row, "id") ?? "",
      {
        // It writes names apart: `shop` . `orders`.
        statement: (textIn(row, "statement") ?? "").replaceAll(" . ", "."),
        calls: numberIn(row, "calls") ?? 0,
        totalMs: numberIn(row, "total") ?? 0,
        rows: numberIn(row, "rows") ?? 0,
        database: textIn(row, "place"),
      },
    ]),
  );
}

/** MySQL counts them elsewhere than MariaDB. */
async function deadlocksOfMysql(reader: MysqlReader, signal?: AbortSignal): Promise<string | undefined> {
  const [row] = await reader
    .read("select count from information_schema.innodb_metrics where name = 'lock_deadlocks'", [], signal)
    .catch((): Row[] => []);
  signal?.throwIfAborted();
  return textIn(row, "count") ?? textIn(row, "COUNT");
}

/** SHOW STATUS and SHOW VARIABLES as one record. */
export function byName(rows: readonly Row[]): Record<string, string> {
  return Object.fromEntries(rows.map((one) => [String(one["Variable_name"]), String(one["Value"])]));
}

function inMs(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : seconds * 1_000;
}

function sum(...parts: (number | undefined)[]): number | undefined {
  return parts.some((one) => one === undefined)
    ? undefined
    : parts.reduce<number>((all, one) => all + (one ?? 0), 0);
}
