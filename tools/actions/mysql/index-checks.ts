// What must be true of a table of MySQL before an index is made on one of its columns, and what a look-up costs there.
import { numberIn, textIn } from "../../row-values.ts";
import { beyondLimit, stale } from "../checked.ts";
import type { MysqlDoor } from "./connection.ts";
import { checkPrimary } from "./primary.ts";

export interface IndexPlace {
  schema: string;
  table: string;
  column: string;
}

/** More than that takes longer than anybody wants to wait for a repair. */
export const MOST_BYTES = 4 * 1024 ** 3;
/** What an index may hold in every row format. */
const LONGEST_KEY_BYTES = 767;
/** A scan of the biggest table that is allowed. */
const SCAN_MS = 60_000;
/** A look-up must read so many times fewer rows than before. */
export const LEAST_GAIN = 5;

const columnSql = `
select t.engine, t.table_type as kind, t.data_length + t.index_length as bytes, c.data_type as type, c.character_octet_length as octets,
  exists (select * from information_schema.statistics s where s.table_schema = c.table_schema and s.table_name = c.table_name
    and s.column_name = c.column_name and s.seq_in_index = 1) as indexed
from information_schema.columns c join information_schema.tables t on t.table_schema = c.table_schema and t.table_name = c.table_name
where c.table_schema = ? and c.table_name = ? and c.column_name = ?`;

const indexable =
  /^(?:tinyint|smallint|mediumint|int|bigint|decimal|float|double|date|datetime|timestamp|time|year|char|varchar|binary|varbinary|enum|uuid|inet4|inet6)$/;

/** HealError "stale-plan" where it is not there or indexed already, "limit-exceeded" where one is not made by itself. */
export async function checkIndex(door: MysqlDoor, { schema, table, column }: IndexPlace): Promise<void> {
  if (/^(?:mysql|sys|information_schema|performance_schema)$/i.test(schema))
    throw beyondLimit(`${schema} is the server's own`, "nothing is to be made there");
  const [row] = await door.ask(columnSql, [schema, table, column]);
  if (row === undefined) throw stale(`${schema}.${table} has no column ${column}`, "diagnose again");
  if (Number(row["indexed"]) !== 0) throw stale(`an index begins with ${column} already`, "diagnose again");
  const [bytes, type] = [numberIn(row, "bytes") ?? 0, textIn(row, "type") ?? ""];
  const problem =
    textIn(row, "kind") !== "BASE TABLE" || textIn(row, "engine") !== "InnoDB"
      ? "only an InnoDB table gets one while it is in use"
      : !indexable.test(type) || (numberIn(row, "octets") ?? 0) > LONGEST_KEY_BYTES
        ? `a column of type ${type} needs one that a human designs`
        : bytes > MOST_BYTES
          ? `the table has ${Math.round(bytes / 1024 ** 3)} GB`
          : undefined;
  if (problem !== undefined)
    throw beyondLimit(`no index is made on ${schema}.${table} (${column}): ${problem}`, "make it by hand");
  await checkPrimary(door);
}

/**
 * Rows that the server reads to find those of one value, by its own counters (Handler_read_*): not a time, which says as
 * much of the moment as of the index. undefined: there is no value to look for.
 */
export async function rowsForLookup(
  door: MysqlDoor,
  { schema, table, column }: IndexPlace,
): Promise<number | undefined> {
  const place = `${schema}.${table}`;
  const [sample] = await door.ask("select ?? as value from ?? where ?? is not null limit 1 offset 100", [
    column,
    place,
    column,
  ]);
  if (sample === undefined) return undefined;
  const before = await rowsRead(door);
  await door.ask("select count(*) as found from ?? where ?? = ?", [place, column, sample["value"]], SCAN_MS);
  return (await rowsRead(door)) - before;
}

async function rowsRead(door: MysqlDoor): Promise<number> {
  const rows = await door.ask(
    "show session status where variable_name in ('Handler_read_first', 'Handler_read_key', 'Handler_read_next', 'Handler_read_rnd_next')",
  );
  return rows.reduce((sum, one) => sum + (numberIn(one, "Value") ?? 0), 0);
}
