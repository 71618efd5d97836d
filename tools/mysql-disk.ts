// Where MySQL or MariaDB writes, and what takes the room there: tables, binary logs, InnoDB's own files.
import { dirname, isAbsolute, join } from "node:path";
import { HealError } from "../domain/errors.ts";
import { byRoom, type DatabaseFolder, type DiskTaker } from "./database-disk.ts";
import type { MysqlReader } from "./mysql-reader.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

const folderSettings: readonly (readonly [name: string, holds: string])[] = [
  ["datadir", "data"],
  ["innodb_data_home_dir", "InnoDB's system tablespace"],
  ["innodb_log_group_home_dir", "redo log"],
  ["innodb_undo_directory", "undo log"],
  ["aria_log_dir_path", "log of Aria"],
  ["tmpdir", "temporary files"],
  ["innodb_tmpdir", "temporary files of InnoDB"],
];
/** Their values name files; the folder is before the last slash. */
const fileSettings: readonly (readonly [name: string, holds: string])[] = [
  ["log_bin_basename", "binary log"],
  ["relay_log_basename", "relay log"],
];

/** `settings`: SHOW GLOBAL VARIABLES. What is not absolute lies below datadir; tmpdir may be several. */
export function mysqlFolders(settings: Readonly<Record<string, string>>): DatabaseFolder[] {
  const data = settings["datadir"] ?? "";
  if (!isAbsolute(data)) return [];
  const named = [
    ...folderSettings.flatMap(([name, holds]) =>
      (settings[name] ?? "").split(":").map((path) => [path, holds] as const),
    ),
    ...fileSettings.map(([name, holds]) => [dirname(settings[name] ?? ""), holds] as const),
  ];
  const folders = new Map<string, DatabaseFolder>();
  for (const [path, holds] of named) {
    if (path === "" || path === ".") continue;
    const whole = join(isAbsolute(path) ? path : join(data, path), ".");
    const place = whole.length > 1 && whole.endsWith("/") ? whole.slice(0, -1) : whole;
    if (!folders.has(place)) folders.set(place, { path: place, holds, tablespace: null, needsBytes: 0 });
  }
  return [...folders.values()];
}

/** InnoDB makes its own files so large at first: none of that can be had back. */
const FIRST_BYTES = 12 * 1024 ** 2;

const tablesSql = `
select concat(table_schema, '.', table_name) as name, data_length + index_length + data_free as bytes, index_length as indexes
from information_schema.tables where table_type = 'BASE TABLE'
  and table_schema not in ('mysql', 'sys', 'information_schema', 'performance_schema') order by 2 desc limit 3`;

/** Of the system, the undo logs and temporary tables: those of tables are named after their database. */
const ownFilesSql = (view: string) =>
  `select name as name, file_size as bytes from information_schema.${view} where name not like '%/%' and name <> 'mysql' order by 2 desc limit 3`;

/** What this user may not see is left out. */
export async function mysqlDiskTakers(
  reader: MysqlReader,
  settings: Readonly<Record<string, string>>,
  signal?: AbortSignal,
): Promise<DiskTaker[]> {
  const asked = (sql: string): Promise<Row[]> =>
    reader.read(sql, [], signal).catch((error: unknown) => {
      signal?.throwIfAborted();
      if (error instanceof HealError && error.code === "database-not-reached") throw error;
      return [];
    });
  const view = (await reader.isMariadb(signal)) ? "innodb_sys_tablespaces" : "innodb_tablespaces";
  return byRoom([
    binaryLogs(settings["log_bin"] === "ON" ? await asked("show binary logs") : [], settings),
    ...(await asked(tablesSql)).map(tableOf),
    ...(await asked(ownFilesSql(view))).map(ownFile),
  ]);
}

function binaryLogs(files: readonly Row[], settings: Readonly<Record<string, string>>): DiskTaker {
  const bytes = files.reduce((sum, one) => sum + (numberIn(one, "File_size") ?? 0), 0);
  const seconds = Number(settings["binlog_expire_logs_seconds"] ?? 0);
  const days = seconds > 0 ? seconds / 86_400 : Number(settings["expire_logs_days"] ?? 0);
  const until = days > 0 ? `kept for ${Math.round(days * 10) / 10} days` : "never removed by themselves";
  const newest = textIn(files.at(-1), "Log_name") ?? "";
  return {
    what: `${files.length} binary logs`,
    bytes,
    because: until,
    advice: `When every replica has read them, PURGE BINARY LOGS TO '${newest.replaceAll(/[^\w.-]/g, "?")}'; keep them for a shorter time (${settings["binlog_expire_logs_seconds"] === undefined ? "expire_logs_days" : "binlog_expire_logs_seconds"})`,
  };
}

function tableOf(row: Row): DiskTaker {
  const name = textIn(row, "name") ?? "";
  const [bytes, indexes] = [numberIn(row, "bytes") ?? 0, numberIn(row, "indexes") ?? 0];
  return {
    what: `the table ${name}`,
    bytes,
    because: indexes > bytes / 2 ? "more than half of it its indexes" : null,
    advice: `See what of ${name} may go (drop old partitions; DELETE frees nothing until OPTIMIZE TABLE, which needs room first)`,
  };
}

/** What it has grown to since it was made. */
function ownFile(row: Row): DiskTaker {
  const name = textIn(row, "name") ?? "";
  const advice = /undo/.test(name)
    ? "Look in information_schema.innodb_trx for the transaction that has been open longest: it keeps the undo log"
    : /temporary/.test(name)
      ? "Temporary tables have taken it; it is given back at a restart, innodb_temp_data_file_path bounds it"
      : null;
  return {
    what: `InnoDB's ${name}`,
    bytes: (numberIn(row, "bytes") ?? 0) - FIRST_BYTES,
    because: null,
    advice,
  };
}
