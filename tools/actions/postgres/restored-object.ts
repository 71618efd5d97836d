// Makes what a kept shape tells of, compared with it before anybody sees it, and takes exactly that away again, as long as
// nobody has changed or used it.
import { HealError } from "../../../domain/errors.ts";
import { canonicalJson } from "../../../domain/json.ts";
import { textIn } from "../../row-values.ts";
import { type ColumnShape, shapeSql, shapesIn, type TableShape } from "../../schema-shapes.ts";
import type { PostgresConnection } from "./connection.ts";
import { dropUnused, firstUsed, inTransaction, type MadeObject } from "./made-objects.ts";
import { isMarked, mark, signOfRestored } from "./own-remark.ts";
import { MOST_WIDENED_BYTES } from "./restorable.ts";
import { columnDefinition, statementsFor } from "./shape-statements.ts";
import { tableNamed } from "./tables.ts";

export interface Restored {
  /** With the one column alone where only that is meant. */
  shape: TableShape;
  /** null: the whole table. */
  column: string | null;
  /** null: nobody can tell any more which one is meant. */
  number: string | null;
}

/** Every name of the kept texts is in full: nothing that somebody else has made is meant by a short one. */
const ONLY_OWN = { path: "pg_catalog" };

export function objectOf({
  shape: { schema, name },
  column,
}: Pick<Restored, "shape" | "column">): MadeObject {
  return { kind: column === null ? "table" : "column", schema, name, column };
}

/** All of it or nothing. HealError "no-gain" where the server makes another one of the shape than it was. */
export async function makeObject(connection: PostgresConnection, one: Restored): Promise<void> {
  await inTransaction(
    connection,
    async () => {
      for (const sql of statementsOf(connection, one)) {
        await connection.query(sql);
        if (sql.startsWith("CREATE TABLE")) await takeDefaultRights(connection, one.shape);
      }
      const differs = await differenceFrom(connection, one);
      if (differs !== undefined)
        throw new HealError(`the server does not make it as it was: ${differs}`, {
          code: "no-gain",
          hint: "its settings or its version are others than then: run the migrations",
        });
      await mark(connection, objectOf(one), signOfRestored(one.number ?? ""));
    },
    ONLY_OWN,
  );
}

/** Why it stays, in words; undefined: it is as it was made and nobody has used it. It is there, and asked in a transaction. */
export async function whyItStays(connection: PostgresConnection, one: Restored): Promise<string | undefined> {
  const { query } = connection;
  const object = objectOf(one);
  if (one.number === null || !(await isMarked(query, object, signOfRestored(one.number))))
    return "was made by somebody else";
  if ((await differenceFrom(connection, one)) !== undefined) return "has been changed since";
  const { bytes = 0 } = (await tableNamed(query, `${object.schema}.${object.name}`)) ?? {};
  // Nobody else may use the table while it is looked through.
  if (one.column !== null && bytes > MOST_WIDENED_BYTES) return "is in a table that has grown beyond 1 GB";
  return (await firstUsed(connection, [object])) === undefined ? undefined : "has been written into";
}

/** Why it stayed, in words; undefined: it is gone. */
export async function takeAway(connection: PostgresConnection, one: Restored): Promise<string | undefined> {
  // Whoever works with the table is kept out only where it will go.
  const early = await inTransaction(connection, () => whyItStays(connection, one), ONLY_OWN);
  if (early !== undefined) return early;
  return inTransaction(
    connection,
    async () => {
      const object = objectOf(one);
      await connection.query(`LOCK TABLE ${named(connection, one.shape)} IN ACCESS EXCLUSIVE MODE`);
      const late = await whyItStays(connection, one);
      if (late !== undefined) return late;
      return (await dropUnused(connection, [object])) === undefined ? undefined : "has been written into";
    },
    ONLY_OWN,
  );
}

function statementsOf(connection: PostgresConnection, { shape, column }: Restored): string[] {
  if (column === null) return statementsFor(connection, shape);
  return shape.columns.map(
    (own) =>
      `ALTER TABLE ${named(connection, shape)} ADD COLUMN ${columnDefinition(connection, nullable(own))}`,
  );
}

/** Rows that are there have no value for it, unless it comes with one. */
function nullable(own: ColumnShape): ColumnShape {
  return { ...own, notNull: own.notNull && own.default !== null };
}

/** Rights that whoever makes a table hands out by default (ALTER DEFAULT PRIVILEGES) are not the old table's. */
async function takeDefaultRights(
  { query, identifier }: PostgresConnection,
  shape: TableShape,
): Promise<void> {
  const made = [shape, ...shape.sequences];
  for (const [place, one] of made.entries()) {
    const rows = await query(
      `select distinct case when x.grantee = 0 then null else pg_get_userbyid(x.grantee) end as who
       from pg_class c join pg_namespace n on n.oid = c.relnamespace, aclexplode(c.relacl) x
       where n.nspname = $1 and c.relname = $2 and x.grantee <> c.relowner`,
      [one.schema, one.name],
    );
    const what = `${place === 0 ? "TABLE" : "SEQUENCE"} ${identifier(one.schema)}.${identifier(one.name)}`;
    for (const row of rows) {
      const who = textIn(row, "who");
      await query(`REVOKE ALL ON ${what} FROM ${who === undefined ? "PUBLIC" : identifier(who)}`);
    }
  }
}

/** Which part of it is not as it was kept; undefined: none. The server may write the same expression in other words. */
async function differenceFrom(connection: PostgresConnection, one: Restored): Promise<string | undefined> {
  const { schema, name } = one.shape;
  const [now] = shapesIn(await connection.query(shapeSql, [schema, name]));
  if (now === undefined) return "it is no plain table";
  const [kept, made] =
    one.column === null
      ? [comparable(one.shape), comparable(now)]
      : [one.shape.columns.map(nullable), now.columns.filter((own) => own.name === one.column)].map(
          (columns) => ({ columns: columns.map(withoutWords) }),
        );
  return Object.entries(kept ?? {}).find(
    ([part, value]) => canonicalJson(value) !== canonicalJson({ ...made }[part] ?? null),
  )?.[0];
}

/** Without how far it had counted, and what people have remarked. */
function comparable(shape: TableShape) {
  return {
    ...shape,
    columns: shape.columns.map(withoutWords),
    constraints: shape.constraints.map((one) => one.name),
    indexes: shape.indexes.length,
    statistics: shape.statistics.length,
    counters: null,
    comments: null,
  };
}

function withoutWords({ default: value, ...rest }: ColumnShape) {
  return { ...rest, filled: value !== null };
}

function named({ identifier }: PostgresConnection, { schema, name }: TableShape): string {
  return `${identifier(schema)}.${identifier(name)}`;
}
