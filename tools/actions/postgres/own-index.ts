// An index that opsmedic makes: its name, whether it is there and as it was made, and how it is made and dropped while the
// table is in use.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { ActionContext } from "../../action.ts";
import { textIn } from "../../row-values.ts";
import { indexName, type OwnIndex } from "../own-index.ts";
import { type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import { givingWay } from "./giving-way.ts";
import { checkQuiet } from "./index-checks.ts";
import { type CatalogueTable, needTable, quotedName } from "./tables.ts";
import type { Ask } from "./unused-sessions.ts";

export const ownIndexParams = z.strictObject({
  /** "schema.name" */
  table: z.string().min(3).max(130),
  column: z.string().min(1).max(63),
});

export const INDEX_LIMIT_MS = 30 * 60_000;
/** Its waits for older transactions count too: it gives up rather than hang behind one. */
export const INDEX_LIMITS = { statementMs: INDEX_LIMIT_MS - 60_000, lockMs: 10_000 };

/** Of an index of ours. HealError "undo-conflict": one of that name on another table is not ours. */
export async function indexState(
  { query }: PostgresConnection,
  { oid, schema }: CatalogueTable,
  index: string,
): Promise<"valid" | "invalid" | "absent"> {
  const [row] = await query(
    `select i.indisvalid and i.indisready as valid, i.indrelid = $3 as same from pg_class c
join pg_namespace n on n.oid = c.relnamespace left join pg_index i on i.indexrelid = c.oid where n.nspname = $1 and c.relname = $2`,
    [schema, index, oid],
  );
  if (row === undefined) return "absent";
  if (row["same"] !== true) {
    throw new HealError(`${schema}.${index} is something else, which is not touched`, {
      code: "undo-conflict",
    });
  }
  return row["valid"] === true ? "valid" : "invalid";
}

export async function madeIndex(
  connection: PostgresConnection,
  context: ActionContext,
  { table: name, column }: OwnIndex,
  index: string,
): Promise<string> {
  const { query, identifier } = connection;
  const table = await needTable(query, name);
  const is = await indexState(connection, table, index);
  if (is === "valid") return `the index ${index} is there already`;
  if (is === "invalid")
    await query(`DROP INDEX CONCURRENTLY ${quotedName(connection, { ...table, name: index })}`);
  await checkQuiet(connection, table);
  const sql = `CREATE INDEX CONCURRENTLY ${identifier(index)} ON ${quotedName(connection, table)} (${identifier(column)})`;
  await givingWay(connection, context, () => query(sql));
  return `made the index ${index} on ${name} (${column})`;
}

export async function droppedIndex(
  connection: PostgresConnection,
  { table: name }: OwnIndex,
  index: string,
): Promise<string> {
  const table = await needTable(connection.query, name);
  if ((await indexState(connection, table, index)) === "absent") return `the index ${index} is not there`;
  await connection.query(`DROP INDEX CONCURRENTLY ${quotedName(connection, { ...table, name: index })}`);
  return `dropped the index ${index}`;
}

export interface IndexBefore {
  index: string;
  /** Whether it was there when that was captured. */
  there: boolean;
}

/** Undoes what was done about an index: makes it again where it was there, drops it where it was not. */
export async function asItWas(
  own: OwnIndex,
  { index, there }: IndexBefore,
  context: ActionContext,
): Promise<string> {
  const text = await withPostgres(
    context,
    (connection) =>
      there ? madeIndex(connection, context, own, index) : droppedIndex(connection, own, index),
    INDEX_LIMITS,
  );
  await readAnew(context);
  return text;
}

export function isAsItWas(
  { table }: OwnIndex,
  { index, there }: IndexBefore,
  context: ActionContext,
): Promise<{ ok: boolean; text: string }> {
  return withPostgres(context, async (connection) => {
    const is = await indexState(connection, await needTable(connection.query, table), index);
    return { ok: is === (there ? "valid" : "absent"), text: `the index ${index} is ${is}` };
  });
}

const asMadeSql = `
select i.indisvalid and i.indisready as valid, am.amname as method, a.attname as column, c.reloptions is null and c.reltablespace = 0 as plain,
  i.indisunique or i.indisprimary or i.indisexclusion or i.indisclustered or i.indisreplident as relied_on,
  i.indnatts = 1 and i.indpred is null and i.indexprs is null and i.indoption[0] = 0 and o.opcdefault and i.indcollation[0] = a.attcollation as shape,
  exists (select from pg_constraint k where k.conindid = c.oid)
    or exists (select from pg_depend d where d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid and d.deptype <> 'i') as needed,
  exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('e', 'x', 'P', 'S')) as part,
  obj_description(c.oid, 'pg_class') as remark, pg_has_role(c.relowner, 'usage') as ours
from pg_class c join pg_index i on i.indexrelid = c.oid join pg_am am on am.oid = c.relam join pg_opclass o on o.oid = i.indclass[0]
left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
where i.indrelid = (select t.oid from pg_class t join pg_namespace n on n.oid = t.relnamespace where n.nspname || '.' || t.relname = $1 and t.relkind in ('r', 'm'))
  and c.relname = $2`;

/**
 * Why an index under the name of ours may not be dropped, in words: a person has altered it or given it a task, or it is
 * not there. undefined: it is as it was made, and nothing relies on it.
 */
export async function whyKept(ask: Ask, own: OwnIndex): Promise<string | undefined> {
  const index = indexName(own);
  const [row] = await ask(asMadeSql, [own.table, index]);
  if (row === undefined) return `there is no index ${index} on ${own.table}`;
  const is = (name: string): boolean => row[name] === true;
  if (is("needed") || is("relied_on") || is("part")) return `something relies on the index ${index}`;
  if (textIn(row, "remark") !== undefined) return `somebody has commented on the index ${index}`;
  const asMade = is("plain") && is("shape") && row["method"] === "btree" && row["column"] === own.column;
  if (!asMade) return `the index ${index} is not as opsmedic made it`;
  if (!is("ours")) return `the role of the configuration may not drop the index ${index}`;
  return is("valid") ? undefined : `the index ${index} is being made, or its making was broken off`;
}
