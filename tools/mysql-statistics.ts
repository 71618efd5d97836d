// How old the statistics are with which MySQL and MariaDB plan, as far as InnoDB tells: it needs the right PROCESS.
import type { MysqlReader } from "./mysql-reader.ts";
import { changedRowsSql } from "./mysql-questions.ts";
import { numberIn, type Row, textIn } from "./row-values.ts";

export interface ChangedTable {
  /** "database.table" */
  table: string;
  rows: number;
  /** Since its statistics were made, or since the server has the table open. */
  changed: number;
}

/** Most changed first. undefined: it is not to be seen. HealError "database-not-reached". */
export async function changedTables(
  reader: Pick<MysqlReader, "read" | "isMariadb">,
  signal?: AbortSignal,
): Promise<ChangedTable[] | undefined> {
  const source = (await reader.isMariadb(signal)) ? "innodb_sys_tablestats" : "innodb_tablestats";
  const rows = await reader
    .read(changedRowsSql(source), [], signal)
    .catch((): Row[] | undefined => undefined);
  signal?.throwIfAborted();
  return rows?.map((one) => ({
    table: textIn(one, "table") ?? "",
    rows: numberIn(one, "rows") ?? 0,
    changed: numberIn(one, "changed") ?? 0,
  }));
}

/** With few rows any plan is a good one. */
export const FEWEST_ROWS = 10_000;

/** Of the tables that are big enough to matter, the one of which most has changed. */
export function mostChanged(tables: readonly ChangedTable[]): (ChangedTable & { share: number }) | undefined {
  return tables
    .filter((one) => one.rows >= FEWEST_ROWS)
    .map((one) => ({ ...one, share: one.changed / one.rows }))
    .toSorted((a, b) => b.share - a.share)[0];
}
