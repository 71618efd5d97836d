// What it costs to find the rows of one value in a table, by the planner's own reckoning: as things are, and as they
// would be with an index. The statement is ours; nothing of a client's statement is in it.
import { numberIn, textIn } from "../../row-values.ts";
import type { PostgresConnection } from "./connection.ts";
import { type CatalogueTable, quotedName } from "./tables.ts";

const PAGE_BYTES = 8_192;
/** Of an index entry, beside its key: line pointer, header, alignment. */
const ENTRY_BYTES = 20;
/** A page of an index is filled so far when it is made. */
const FILL = 0.9;

/**
 * The total cost of the plan that serves any value (a generic plan, as prepared statements come to use).
 * https://www.postgresql.org/docs/15/sql-prepare.html, "Notes"; GENERIC_PLAN of EXPLAIN exists from 16 on.
 */
export async function costOfLookup(
  connection: PostgresConnection,
  table: CatalogueTable,
  column: string,
): Promise<number> {
  const { query, identifier } = connection;
  await query("set plan_cache_mode = force_generic_plan");
  await query(
    `prepare opsmedic_lookup as select * from only ${quotedName(connection, table)} where ${identifier(column)} = $1`,
  );
  try {
    const [row] = await query("explain (format json) execute opsmedic_lookup (null)");
    const [plan] = (row?.["QUERY PLAN"] ?? []) as { Plan?: { "Total Cost"?: number } }[];
    return plan?.Plan?.["Total Cost"] ?? 0;
  } finally {
    await query("deallocate opsmedic_lookup").catch(() => undefined); // after a lost connection there is none
  }
}

export interface Expected {
  cost: number;
  bytes: number;
  by: "hypopg" | "statistics";
}

export async function costWithIndex(
  connection: PostgresConnection,
  table: CatalogueTable,
  column: string,
): Promise<Expected> {
  const { query } = connection;
  const reckoned = await fromStatistics(connection, table, column);
  const [extension] = await query(
    "select n.nspname as schema from pg_extension e join pg_namespace n on n.oid = e.extnamespace where e.extname = 'hypopg'",
  );
  const schema = textIn(extension, "schema");
  if (schema === undefined) return { ...reckoned, by: "statistics" };
  const hypo = connection.identifier(schema);
  const sql = `create index on ${quotedName(connection, table)} (${connection.identifier(column)})`;
  await query(`select * from ${hypo}.hypopg_create_index($1)`, [sql]);
  try {
    return { ...reckoned, cost: await costOfLookup(connection, table, column), by: "hypopg" };
  } finally {
    await query(`select ${hypo}.hypopg_reset()`).catch(() => undefined); // hypothetical ones end with the session anyway
  }
}

const statisticsSql = `
select s.n_distinct as distinct, s.correlation as correlation, s.avg_width as width, c.reltuples as rows, c.relpages as pages,
  current_setting('random_page_cost')::float8 as random, current_setting('seq_page_cost')::float8 as seq,
  current_setting('cpu_tuple_cost')::float8 + current_setting('cpu_index_tuple_cost')::float8 as cpu
from pg_class c join pg_namespace n on n.oid = c.relnamespace
left join pg_stats s on s.schemaname = n.nspname and s.tablename = c.relname and s.attname = $2 and not s.inherited
where c.oid = $1`;

/** An upper bound: each row of the value on a page of its own, as far as the table is not in the order of the column. */
async function fromStatistics(
  { query }: PostgresConnection,
  { oid }: CatalogueTable,
  column: string,
): Promise<Omit<Expected, "by">> {
  const [row] = await query(statisticsSql, [oid, column]);
  const n = (name: string, otherwise: number): number => numberIn(row, name) ?? otherwise;
  const rows = Math.max(1, n("rows", 1));
  const share = n("distinct", 0);
  const distinct = Math.max(1, share < 0 ? -share * rows : share);
  const found = rows / distinct;
  const ordered = n("correlation", 0) ** 2;
  const bytes = (rows * (n("width", 16) + ENTRY_BYTES)) / FILL;
  const depth = Math.ceil(Math.log(Math.max(2, bytes / PAGE_BYTES)) / Math.log(200)) + 1;
  const scattered = Math.min(found, Math.max(1, n("pages", found)));
  const together = Math.ceil((found / rows) * n("pages", 1));
  const pages = ordered * together * n("seq", 1) + (1 - ordered) * scattered * n("random", 4);
  return { cost: depth * n("random", 4) + pages + found * n("cpu", 0.015), bytes };
}
