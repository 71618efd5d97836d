// postgres-restore-object: makes a table or a column again that was there while the database was well, in one
// transaction. It comes back empty: shapes are kept, never rows. What was never there is never made.
import { z } from "zod";
import type { FileHistory } from "../../backup.ts";
import { schemaHistoryOf } from "../../kept-tables.ts";
import { keptTablesIn, type TableShape, tableShapeSchema } from "../../schema-shapes.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { beyondLimit, stale, stateOf } from "../checked.ts";
import { needPostgres, type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import { dropUnused, firstUsed, inTransaction, type MadeObject, presentOf } from "./made-objects.ts";
import { columnDefinition, statementsFor } from "./shape-statements.ts";
import { tableNamed } from "./tables.ts";

const paramsSchema = z.strictObject({
  /** "schema.name" */
  table: z.string().min(3).max(130),
  /** null: the whole table. */
  column: z.string().min(1).max(63).nullable(),
});
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({ shape: tableShapeSchema });

export const POSTGRES_RESTORE_OBJECT = "postgres-restore-object";

export function makePostgresRestoreObject(history: Pick<FileHistory, "lastGood">): Action<Params> {
  return {
    name: POSTGRES_RESTORE_OBJECT,
    summary: "Makes a table or column again that was there while all was well; it comes back empty",
    undoes: "drops it again as long as nothing was written into it",
    class: "data",
    effect: "reversible",
    risk: "high",
    params: paramsSchema,
    downtimeMs: () => 0,

    capture: (params, context) =>
      withPostgres(context, async (connection) => {
        needPostgres(context);
        const shape = await keptShape(history, context, params);
        if (await isThere(connection, params))
          throw stale(`${spoken(params)} is there already`, "diagnose again");
        return { state: { shape }, files: [] };
      }),
    async apply(params, captured, context) {
      const { shape } = stateIn(captured);
      const text = await withPostgres(context, async (connection) => {
        if (await isThere(connection, params)) return `${spoken(params)} is there already`;
        await inTransaction(connection, async () => {
          for (const sql of statements(connection, shape, params)) await connection.query(sql);
        });
        return `made ${spoken(params)} again, empty, as it was`;
      });
      await readAnew(context);
      return text;
    },
    verify: (params, _captured, context) =>
      withPostgres(context, async (connection) => {
        const ok = await isThere(connection, params);
        return { ok, text: `${spoken(params)} is ${ok ? "there" : "not there"}` };
      }),
    undo: (params, captured, context) =>
      withPostgres(context, async (connection) => {
        const object = objectOf(stateIn(captured).shape, params);
        if ((await presentOf(connection.query, [object])).length === 0)
          return `${spoken(params)} is not there`;
        const left = await inTransaction(connection, () => dropUnused(connection, [object]));
        return left === undefined
          ? `dropped ${spoken(params)} again`
          : `${spoken(params)} has been written into, and stays`;
      }),
    verifyUndo: (params, captured, context) =>
      withPostgres(context, async (connection) => {
        const object = objectOf(stateIn(captured).shape, params);
        const present = await presentOf(connection.query, [object]);
        const used = await inTransaction(connection, () => firstUsed(connection, present));
        const text = used ? "has been written into" : present.length > 0 ? "is there" : "is not there";
        return { ok: present.length === 0 || used !== undefined, text: `${spoken(params)} ${text}` };
      }),
  };
}

/** As it was last seen. HealError "stale-plan". */
async function keptShape(
  history: Pick<FileHistory, "lastGood">,
  { service }: ActionContext,
  { table, column }: Params,
): Promise<TableShape> {
  const kept = keptTablesIn((await history.lastGood(schemaHistoryOf(service.name)))?.files ?? []);
  const found = kept.find(({ shape }) => `${shape.schema}.${shape.name}` === table);
  if (found === undefined)
    throw stale(`no table ${table} was ever seen while all was well`, "run the migrations");
  if (column === null) {
    const { unkept } = found.shape;
    if (unkept.length === 0) return found.shape;
    throw beyondLimit(`${table} had ${unkept.join(" and ")}, which are not kept`, "run the migrations");
  }
  const gone = found.goneColumns.find((one) => one.column.name === column)?.column;
  const own = found.shape.columns.find((one) => one.name === column) ?? gone;
  if (own === undefined) throw stale(`${table} never had a column ${column}`, "run the migrations");
  return { ...found.shape, columns: [own] };
}

function statements(connection: PostgresConnection, shape: TableShape, { column }: Params): string[] {
  if (column === null) return statementsFor(connection, shape);
  const [own] = shape.columns;
  if (own === undefined) return [];
  // Rows that are there have no value for it, unless it comes with one.
  const nullable = { ...own, notNull: own.notNull && own.default !== null };
  return [`ALTER TABLE ${named(connection, shape)} ADD COLUMN ${columnDefinition(connection, nullable)}`];
}

async function isThere({ query }: PostgresConnection, { table, column }: Params): Promise<boolean> {
  const found = await tableNamed(query, table);
  if (found === undefined || column === null) return found !== undefined;
  const rows = await query(
    "select from pg_attribute where attrelid = $1 and attname = $2 and attnum > 0 and not attisdropped",
    [found.oid, column],
  );
  return rows.length > 0;
}

function objectOf({ schema, name }: TableShape, { column }: Params): MadeObject {
  return { kind: column === null ? "table" : "column", schema, name, column };
}

function named({ identifier }: PostgresConnection, { schema, name }: TableShape): string {
  return `${identifier(schema)}.${identifier(name)}`;
}

function spoken({ table, column }: Params): string {
  return column === null ? `the table ${table}` : `the column ${column} of ${table}`;
}

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, POSTGRES_RESTORE_OBJECT, state);
}
