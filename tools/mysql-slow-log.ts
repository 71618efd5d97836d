// The slow statements of MySQL and MariaDB where performance_schema does not count them: those that the server has written
// into its table mysql.slow_log (log_output=TABLE) in the last hour. Only slow calls are in it, so nothing is judged by it.
import type { StatementUse } from "./database-inspector.ts";
import type { MysqlReader } from "./mysql-reader.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";
import { shapeOf } from "./statement-shape.ts";

/** It has no index: a longer one is not read through each time. */
const MOST_BYTES = 64 * 1024 ** 2;

const kept = `
select @@global.slow_query_log as is_on, @@global.log_output as output,
  (select data_length from information_schema.tables where table_schema = 'mysql' and table_name = 'slow_log') as bytes`;

/** Without our own. */
const entries = `
select convert(sql_text using utf8mb4) as statement, time_to_sec(query_time) * 1000 + microsecond(query_time) / 1000 as whole_ms,
  time_to_sec(query_time) * 1000 as ms
from mysql.slow_log where start_time >= now() - interval 1 hour and user_host not like concat(substring_index(user(), '@', 1), '[%')
order by start_time desc limit 5000`;

/** Most total time first; undefined: it is off, written into a file, or not to be read. */
export async function slowLogOf(
  reader: MysqlReader,
  signal?: AbortSignal,
): Promise<StatementUse[] | undefined> {
  const read = async (sql: string): Promise<Row[] | undefined> => {
    const rows = await reader.read(sql, [], signal).catch(() => undefined);
    signal?.throwIfAborted();
    return rows;
  };
  const [state] = (await read(kept)) ?? [];
  const isKept = Number(state?.["is_on"]) === 1 && (textIn(state, "output") ?? "").includes("TABLE");
  if (!isKept || (numberIn(state, "bytes") ?? 0) > MOST_BYTES) return undefined;
  const rows = await read(entries);
  if (rows === undefined) return undefined;
  // MariaDB's seconds have their fraction, MySQL's have none.
  const name = (await reader.isMariadb(signal)) ? "ms" : "whole_ms";
  const shapes = Map.groupBy(rows, (one) => shapeOf(textIn(one, "statement") ?? ""));
  return [...shapes]
    .map(([statement, all]) => {
      const totalMs = all.reduce((sum, one) => sum + (numberIn(one, name) ?? 0), 0);
      return { statement, calls: all.length, totalMs, meanMs: totalMs / all.length };
    })
    .toSorted((a, b) => b.totalMs - a.totalMs);
}
