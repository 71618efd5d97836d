// How an index of MySQL or MariaDB is used, by whichever of the server's own counters are on: performance_schema's, or
// MariaDB's userstat. Where neither is, its uses are not known, and are not guessed.
import { HealError } from "../domain/errors.ts";
import type { MysqlInspector } from "./database-inspector.ts";
import type { CountedUses, IndexOf, IndexUse, StatementTotals } from "./index-use.ts";
import { countsSql } from "./mysql-questions.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

type Asked = Pick<MysqlInspector, "ask" | "settings">;

/** A table has a row for each of its indexes from its first use on; a rule of setup_objects may leave a table out. */
const performanceSql = `
select i.count_fetch as scans, t.count_star as activity
from performance_schema.table_io_waits_summary_by_index_usage i
join performance_schema.table_io_waits_summary_by_table t on t.object_schema = i.object_schema and t.object_name = i.object_name
where i.object_schema = ? and i.object_name = ? and i.index_name = ?
  and exists (select * from performance_schema.setup_instruments where name = 'wait/io/table/sql/handler' and enabled = 'YES')
  and exists (select * from performance_schema.setup_consumers where name = 'global_instrumentation' and enabled = 'YES')
  and not exists (select * from performance_schema.setup_objects where object_type = 'TABLE' and enabled <> 'YES'
    and object_schema in (?, '%') and object_name in (?, '%'))`;

/**
 * Neither counts a look-up that finds nothing: that nobody uses the index is known only where statements are counted, too.
 * Those of the last minute are: our own looks are among them.
 */
const digestsSql = `
select count(*) as counted from performance_schema.events_statements_summary_by_digest
where last_seen >= now() - interval 60 second`;

/** What was not used has no row. */
const userstatSql = `
select coalesce((select rows_read from information_schema.index_statistics where table_schema = ? and table_name = ? and index_name = ?), 0) as scans,
  coalesce((select rows_read + rows_changed from information_schema.table_statistics where table_schema = ? and table_name = ?), 0) as activity`;

/** InnoDB's own number, which is not kept for a day as that of information_schema may be; both need the right PROCESS. */
const rowsSql = (source: "innodb_sys_tablestats" | "innodb_tablestats"): string => `
select coalesce((select max(num_rows) from information_schema.${source} where name = concat(t.table_schema, '/', t.table_name)), t.table_rows) as \`rows\`,
  (select count(*) from information_schema.processlist where command like 'Binlog Dump%') as replicas,
  (select count(*) from information_schema.statistics s where s.table_schema = t.table_schema and s.table_name = t.table_name and s.index_name = ?) as parts
from information_schema.tables t where t.table_schema = ? and t.table_name = ?`;

/** `table`: "database.name". undefined: there is no such index, or this user may not see who follows. HealError as the inspector's. */
export async function indexUseOf(
  inspector: Asked,
  { table, index, ids }: IndexOf,
  signal?: AbortSignal,
): Promise<IndexUse | undefined> {
  const [schema = "", name = ""] = table.split(".");
  const settings = await inspector.settings(signal);
  const source = /mariadb/i.test(settings["version"] ?? "") ? "innodb_sys_tablestats" : "innodb_tablestats";
  const seen = await allowed(inspector.ask(rowsSql(source), [index, schema, name], signal));
  if (seen === undefined || (numberIn(seen[0], "parts") ?? 0) === 0) return undefined;
  return {
    uses: (await usesOf(inspector, settings, [schema, name, index], signal)) ?? null,
    rows: numberIn(seen[0], "rows") ?? 0,
    replicas: settings["log_bin"] === "OFF" ? 0 : (numberIn(seen[0], "replicas") ?? 0),
    statements: ids.length === 0 ? {} : await totalsOf(inspector, ids, signal),
  };
}

async function usesOf(
  { ask }: Asked,
  settings: Readonly<Record<string, string>>,
  [schema, table, index]: readonly [schema: string, table: string, index: string],
  signal?: AbortSignal,
): Promise<CountedUses | undefined> {
  const counted = async (by: string, sql: string, values: string[]): Promise<CountedUses | undefined> => {
    const [row] = (await allowed(ask(sql, values, signal))) ?? [];
    if (row === undefined) return undefined;
    const n = (of: string): number => numberIn(row, of) ?? 0;
    const since = await upSince(ask, signal);
    return { scans: n("scans"), activity: n("activity"), emptyToo: false, by, since };
  };
  const isOn = (name: string): boolean => settings[name] === "ON";
  const [digests] = (await allowed(ask(digestsSql, [], signal))) ?? [];
  if (Number(digests?.["counted"] ?? 0) === 0) return undefined;
  return (
    (isOn("performance_schema")
      ? await counted("performance_schema", performanceSql, [schema, table, index, schema, table])
      : undefined) ??
    (isOn("userstat")
      ? await counted("userstat", userstatSql, [schema, table, index, schema, table])
      : undefined)
  );
}

/** Unix ms, to a second or two. */
async function upSince(ask: Asked["ask"], signal?: AbortSignal): Promise<number> {
  const [now] = await ask("select unix_timestamp() as now", [], signal);
  const [up] = await ask("show global status where variable_name = 'Uptime'", [], signal);
  return ((numberIn(now, "now") ?? 0) - (numberIn(up, "Value") ?? 0)) * 1_000;
}

async function totalsOf(
  { ask }: Asked,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Record<string, StatementTotals>> {
  const rows = (await allowed(ask(countsSql, [[...ids]], signal))) ?? [];
  return Object.fromEntries(
    rows.flatMap((row) => {
      const id = textIn(row, "id");
      const n = (of: string): number => numberIn(row, of) ?? 0;
      const since = numberIn(row, "since") ?? null;
      return id === undefined
        ? []
        : [[id, { calls: n("calls"), totalMs: n("total"), rows: n("rows"), since }]];
    }),
  );
}

/** undefined: this user may not see it. */
async function allowed(asked: Promise<Row[]>): Promise<Row[] | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof HealError && error.code === "database-refused") return undefined;
    throw error;
  }
}
