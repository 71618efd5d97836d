// The remark (COMMENT) on what opsmedic made, or what a migration made that it ran: it tells a person where it comes from,
// and the undo that it is ours. A table of the same name that somebody else made carries none.
import { textIn } from "../../row-values.ts";
import type { PostgresConnection } from "./connection.ts";
import type { MadeObject } from "./made-objects.ts";
import type { Ask } from "./unused-sessions.ts";

const remarkSql = `
select pg_catalog.pg_get_userbyid(c.relowner)::text as owner, d.description as remark
from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
left join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = $3
left join pg_catalog.pg_description d on d.classoid = 'pg_catalog.pg_class'::regclass and d.objoid = c.oid and d.objsubid = coalesce(a.attnum, 0)
where n.nspname = $1 and c.relname = $2`;

/** In the transaction that makes it; a remark that it has already is kept before it. `ours` ends with a sign. */
export async function mark(
  { query, identifier, literal }: PostgresConnection,
  object: MadeObject,
  ours: string,
): Promise<void> {
  const { schema, name, column } = object;
  const table = `${identifier(schema)}.${identifier(name)}`;
  const what = column === null ? `TABLE ${table}` : `COLUMN ${table}.${identifier(column)}`;
  const before = await remarkOf(query, object);
  const remark = before === undefined ? ours : `${before} (${ours})`;
  await query(`COMMENT ON ${what} IS ${literal(remark)}`);
}

export async function isMarked(ask: Ask, object: MadeObject, sign: string): Promise<boolean> {
  return (await remarkOf(ask, object))?.includes(sign) === true;
}

export function remarkOfMigration({ file, sha256 }: { file: string; sha256: string }): string {
  return `opsmedic ran ${file} (${signOfMigration(sha256)})`;
}

export function signOfMigration(sha256: string): string {
  return `sha256 ${sha256}`;
}

/** What a repair has made again; every one carries it. */
export const MADE_AGAIN = "opsmedic made it again, empty";

/** `number`: of this one repair. */
export function signOfRestored(number: string): string {
  return `${MADE_AGAIN} [${number}]`;
}

/** As it was before anything of it was made again. */
export function withoutRemarks(text: string): string {
  return text.replaceAll(/ ?\(?opsmedic made it again, empty \[[^\]]*\]\)?/g, "");
}

/** Of the table, or the table of the column; undefined: there is none. */
export async function ownerOf(ask: Ask, { schema, name, column }: MadeObject): Promise<string | undefined> {
  return textIn((await ask(remarkSql, [schema, name, column]))[0], "owner");
}

async function remarkOf(ask: Ask, { schema, name, column }: MadeObject): Promise<string | undefined> {
  return textIn((await ask(remarkSql, [schema, name, column]))[0], "remark");
}
