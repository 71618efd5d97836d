// What a repair of ours has made in a database: whether it is there, whether somebody has used it since, and taking
// exactly it away again. Nothing is dropped with what depends on it: that is somebody's.
import { z } from "zod";
import { numberIn, textIn } from "../../row-values.ts";
import type { PostgresConnection } from "./connection.ts";
import type { Ask } from "./unused-sessions.ts";

export const madeObjectSchema = z.object({
  kind: z.enum(["table", "sequence", "type", "index", "column"]),
  schema: z.string(),
  /** Of a column: its table's. */
  name: z.string(),
  /** null but for a column. */
  column: z.string().nullable(),
});
export type MadeObject = z.infer<typeof madeObjectSchema>;

/** In which a text of the catalogue means what it meant when it was written. */
export const USUAL_PATH = `"$user", public`;

/** `path`: search_path meanwhile. `role`: in whose name; absent: the connection's own. */
export async function inTransaction<T>(
  { query, identifier }: PostgresConnection,
  work: () => Promise<T>,
  { path = USUAL_PATH, role }: { path?: string; role?: string } = {},
): Promise<T> {
  await query("begin");
  try {
    if (role !== undefined) await query(`set local role ${identifier(role)}`);
    await query("select set_config('search_path', $1, true)", [path]);
    const result = await work();
    await query("commit");
    return result;
  } catch (error) {
    await query("rollback").catch(() => undefined); // a lost connection has rolled it back
    throw error;
  }
}

const presentSql = `
select o.place::int as place from unnest($1::text[], $2::text[], $3::text[], $4::text[]) with ordinality as o(kind, schema, name, col, place)
where case o.kind
  when 'type' then exists (select from pg_catalog.pg_type t join pg_catalog.pg_namespace n on n.oid = t.typnamespace
    where n.nspname = o.schema and t.typname = o.name)
  when 'column' then exists (select from pg_catalog.pg_attribute a join pg_catalog.pg_class c on c.oid = a.attrelid
    join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = o.schema and c.relname = o.name and a.attname = o.col and a.attnum > 0 and not a.attisdropped)
  else exists (select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
    where n.nspname = o.schema and c.relname = o.name) end`;

/** Those of them that are there, whoever made them. */
export async function presentOf(ask: Ask, objects: readonly MadeObject[]): Promise<MadeObject[]> {
  const columns = (["kind", "schema", "name", "column"] as const).map((key) =>
    objects.map((one) => one[key]),
  );
  const rows = await ask(presentSql, columns);
  const places = new Set(rows.map((row) => numberIn(row, "place")));
  return objects.filter((_one, index) => places.has(index + 1));
}

/**
 * Drops them, in a transaction of the caller's, or says which of them is used by now and drops nothing: a table with
 * rows, a column with other values than it came with, a sequence that was asked. Those that are gone are passed over.
 */
export async function dropUnused(
  connection: PostgresConnection,
  objects: readonly MadeObject[],
): Promise<{ used: MadeObject } | undefined> {
  const present = await presentOf(connection.query, objects);
  const tables = [...new Set(present.filter(isInTable).map((one) => nameOf(connection, one)))];
  // Else somebody could write between the look and the drop.
  for (const table of tables) await connection.query(`LOCK TABLE ${table} IN ACCESS EXCLUSIVE MODE`);
  const used = await firstUsed(connection, present);
  if (used !== undefined) return { used };
  for (const one of present.filter(({ kind }) => kind === "index"))
    await connection.query(`DROP INDEX ${nameOf(connection, one)}`);
  for (const one of present.filter(({ kind }) => kind === "column"))
    await connection.query(
      `ALTER TABLE ${nameOf(connection, one)} DROP COLUMN ${connection.identifier(one.column ?? "")}`,
    );
  await dropAll(
    connection,
    "TABLE",
    present.filter(({ kind }) => kind === "table"),
  );
  // Those that a table owned went with it.
  const left = await presentOf(
    connection.query,
    present.filter(({ kind }) => kind === "sequence"),
  );
  await dropAll(connection, "SEQUENCE", left);
  await dropAll(
    connection,
    "TYPE",
    present.filter(({ kind }) => kind === "type"),
  );
  return undefined;
}

/**
 * The first of them that somebody has used since it was made; all of them are there, and it is asked in a transaction.
 * HealError "database-refused" where a policy would hide rows: what cannot be seen must not be taken for empty.
 */
export async function firstUsed(
  connection: PostgresConnection,
  present: readonly MadeObject[],
): Promise<MadeObject | undefined> {
  await connection.query("set local row_security = off");
  for (const one of present) if (await isUsed(connection, one)) return one;
  return undefined;
}

export function spokenObject({ kind, schema, name, column }: MadeObject): string {
  return column === null ? `the ${kind} ${schema}.${name}` : `the column ${column} of ${schema}.${name}`;
}

function isInTable({ kind }: MadeObject): boolean {
  return kind === "table" || kind === "column";
}

async function isUsed(connection: PostgresConnection, object: MadeObject): Promise<boolean> {
  const { query } = connection;
  const name = nameOf(connection, object);
  // Until the end of the transaction it is what it is now.
  if (isInTable(object)) {
    if (!(await isPlainTable(query, object))) return true;
    await query(`LOCK TABLE ${name} IN ACCESS SHARE MODE`);
    if (!(await isPlainTable(query, object))) return true;
  }
  switch (object.kind) {
    case "table":
      return (await query(`select from ${name} limit 1`)).length > 0;
    case "column": {
      const others = await otherValues(connection, object);
      return others === undefined || (await query(`select from ${name} where ${others} limit 1`)).length > 0;
    }
    case "sequence":
      return (await query(`select from ${name} where is_called limit 1`)).length > 0;
    default:
      return false;
  }
}

/** A view in its place would run whatever its owner has written into it, with our rights. */
async function isPlainTable(ask: Ask, { schema, name }: MadeObject): Promise<boolean> {
  const rows = await ask(
    `select from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
     where n.nspname = $1 and c.relname = $2 and c.relkind in ('r', 'p')`,
    [schema, name],
  );
  return rows.length > 0;
}

/**
 * A column comes with its default in every row. What now() was for the rows that were there before it is kept apart, in
 * attmissingval; a list has no such moment, and could not be read from there.
 */
const defaultSql = `
select pg_catalog.pg_get_expr(d.adbin, d.adrelid) as value,
  exists (select from pg_catalog.pg_depend o where o.classid = 'pg_catalog.pg_attrdef'::regclass and o.objid = d.oid
    and o.refclassid in ('pg_catalog.pg_proc'::regclass, 'pg_catalog.pg_operator'::regclass)) as calls, pg_catalog.format_type(a.atttypid, a.atttypmod) as type,
  case when t.typcategory <> 'A' then a.attmissingval::text end as missing
from pg_catalog.pg_attribute a left join pg_catalog.pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
join pg_catalog.pg_type t on t.oid = a.atttypid
join pg_catalog.pg_class c on c.oid = a.attrelid join pg_catalog.pg_namespace n on n.oid = c.relnamespace
where n.nspname = $1 and c.relname = $2 and a.attname = $3`;

/** undefined: nobody can tell, since somebody's own function fills it in by now, which is not called with our rights. */
async function otherValues(
  { query, identifier, literal }: PostgresConnection,
  { schema, name, column }: MadeObject,
): Promise<string | undefined> {
  const own = identifier(column ?? "");
  const [row] = await query(defaultSql, [schema, name, column]);
  if (row?.["calls"] === true) return undefined;
  const missing = textIn(row, "missing");
  const kept = missing === undefined ? "" : `(${literal(missing)}::${textIn(row, "type") ?? "text"}[])[1]`;
  const values = [`(${textIn(row, "value") ?? "null"})`, ...(kept === "" ? [] : [kept])];
  return values.map((value) => `${own} is distinct from ${value}`).join(" and ");
}

/** In one statement: they may refer to one another. */
async function dropAll(
  connection: PostgresConnection,
  what: string,
  objects: readonly MadeObject[],
): Promise<void> {
  if (objects.length === 0) return;
  await connection.query(`DROP ${what} ${objects.map((one) => nameOf(connection, one)).join(", ")}`);
}

function nameOf({ identifier }: PostgresConnection, { schema, name }: MadeObject): string {
  return `${identifier(schema)}.${identifier(name)}`;
}
