// A table or column of MySQL that is kept, and how it stands on the server just now.
import { createHash } from "node:crypto";
import { z } from "zod";
import { type MysqlShape, mysqlShapeSchema, OWN_TABLES, shapeOf, withoutCount } from "../../mysql-shapes.ts";
import { numberIn, textIn } from "../../row-values.ts";
import type { MysqlDoor } from "./connection.ts";
import { isGenerated } from "./restorable.ts";

export const keptObjectSchema = z.object({
  shape: mysqlShapeSchema,
  /** null: the whole table. */
  column: mysqlShapeSchema.shape.columns.element.nullable(),
  /** Foreign keys of other tables that refer to it, and to nothing while it is gone. */
  referrers: z.array(z.string()),
  /** What is captured before a restore by hand: the table that the repair has made, as it made it. */
  there: z.boolean().default(false),
});
export type KeptObject = z.infer<typeof keptObjectSchema>;

export function placeOf({ schema, name }: Pick<MysqlShape, "schema" | "name">): string {
  return `${schema}.${name}`;
}

/** Under which a table is made before it gets its name; the same for the same table. */
export function ownName({ shape }: Pick<KeptObject, "shape">): string {
  const hash = createHash("sha256").update(placeOf(shape)).digest("hex").slice(0, 12);
  return placeOf({ schema: shape.schema, name: `${OWN_TABLES}restored_${hash}` });
}

export async function isTable({ ask }: MysqlDoor, place: string): Promise<boolean> {
  const rows = await ask(
    "select 1 from information_schema.tables where table_schema = ? and table_name = ?",
    place.split("."),
  );
  return rows.length > 0;
}

export async function isThere(door: MysqlDoor, { shape, column }: KeptObject): Promise<boolean> {
  if (column === null) return isTable(door, placeOf(shape));
  const rows = await door.ask(
    "select 1 from information_schema.columns where table_schema = ? and table_name = ? and column_name = ?",
    [shape.schema, shape.name, column.name],
  );
  return rows.length > 0;
}

/** Whether the table at this place has the shape that was kept, to the letter. */
export async function hasShape({ ask }: MysqlDoor, place: string, shape: MysqlShape): Promise<boolean> {
  const [row] = await ask("show create table ??", [place]);
  const found = shapeOf(shape.schema, shape.name, textIn(row, "Create Table") ?? "");
  return found !== undefined && withoutCount(found.body) === withoutCount(shape.body);
}

const SCAN_MS = 30_000;

const kindSql =
  "select table_type as kind from information_schema.tables where table_schema = ? and table_name = ?";

/** A view in its place would run what its owner has written into it, with our rights, if we read it. */
export async function isPlainTable(
  { ask }: MysqlDoor,
  { schema, name }: Pick<MysqlShape, "schema" | "name">,
): Promise<boolean> {
  const [is] = await ask(kindSql, [schema, name]);
  return textIn(is, "kind") === "BASE TABLE";
}

/** Whether anything was written into it. It is a plain table. */
export async function isUsed({ ask }: MysqlDoor, { shape, column }: KeptObject): Promise<boolean> {
  if (column !== null && isGenerated(column)) return false;
  const rows =
    column === null
      ? await ask("select 1 from ?? limit 1", [placeOf(shape)])
      : await ask(
          "select 1 from ?? where not (?? <=> default(??)) limit 1",
          [placeOf(shape), column.name, column.name],
          SCAN_MS,
        );
  return rows.length > 0;
}

/** "database.table.name" of each foreign key of another table that refers to it. */
export async function referrersOf({ ask }: MysqlDoor, { schema, name }: MysqlShape): Promise<string[]> {
  const rows = await ask(
    `select concat(constraint_schema, '.', table_name, '.', constraint_name) as name from information_schema.referential_constraints
     where unique_constraint_schema = ? and referenced_table_name = ? and not (constraint_schema = ? and table_name = ?) order by 1`,
    [schema, name, schema, name],
  );
  return rows.map((one) => textIn(one, "name") ?? "");
}

export async function bytesOf({ ask }: MysqlDoor, { schema, name }: MysqlShape): Promise<number> {
  const [row] = await ask(
    "select data_length + index_length as bytes from information_schema.tables where table_schema = ? and table_name = ?",
    [schema, name],
  );
  return numberIn(row, "bytes") ?? 0;
}
