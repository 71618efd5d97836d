// postgres-restore-object: makes a table or a column again that was there while the database was well, in one
// transaction. It comes back empty: shapes are kept, never rows. What was never there is never made. It carries a remark of
// ours, by which the undo knows it from what somebody else made.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { FileHistory } from "../../backup.ts";
import { textIn } from "../../row-values.ts";
import { schemaHistoryOf } from "../../kept-tables.ts";
import { keptTablesIn, type TableShape, tableShapeSchema } from "../../schema-shapes.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { beyondLimit, stale, stateOf } from "../checked.ts";
import { readAnew, withPostgres } from "./connection.ts";
import { inTransaction, presentOf } from "./made-objects.ts";
import { isMarked, MADE_AGAIN } from "./own-remark.ts";
import { restoreProblem } from "./restorable.ts";
import { makeObject, objectOf, type Restored, takeAway, whyItStays } from "./restored-object.ts";

const paramsSchema = z.strictObject({
  /** "schema.name" */
  table: z.string().min(3).max(130),
  /** null: the whole table. */
  column: z.string().min(1).max(63).nullable(),
});
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({
  /** What is captured before a restore by hand: the repair has made it. */
  there: z.boolean().default(false),
  /** With the one column alone where only that is meant. */
  shape: tableShapeSchema,
  /** Of what this very repair makes. null: made before there were any, so that nobody can tell whose it is. */
  number: z.string().nullable().default(null),
});
type State = z.infer<typeof stateSchema>;

export const POSTGRES_RESTORE_OBJECT = "postgres-restore-object";

export function makePostgresRestoreObject(history: Pick<FileHistory, "lastGood">): Action<Params> {
  return {
    name: POSTGRES_RESTORE_OBJECT,
    summary: "Makes a table or column again that was there while all was well; it comes back empty",
    undoes: "drops it again as long as it is as it was made and nothing was written into it",
    class: "data",
    effect: "reversible",
    risk: "high",
    params: paramsSchema,
    downtimeMs: () => 0,

    capture: (params, context) =>
      withPostgres(context, async ({ query }) => {
        const shape = await keptShape(history, context, params);
        const object = objectOf({ shape, column: params.column });
        const there = (await presentOf(query, [object])).length > 0;
        if (there && !(await isMarked(query, object, MADE_AGAIN)))
          throw stale(`${spoken(params)} is there already`, "diagnose again");
        const column = params.column === null ? undefined : shape.columns[0];
        const problem = there ? undefined : await restoreProblem(query, shape, column);
        if (problem !== undefined)
          throw beyondLimit(`${spoken(params)} is not made again: ${problem}`, "run the migrations");
        const [made] = await query("select gen_random_uuid()::text as number");
        return { state: { there, shape, number: textIn(made, "number") ?? null }, files: [] };
      }),
    apply: (params, captured, context) => made(params, stateIn(captured), context),
    verify: (params, captured, context) =>
      withPostgres(context, async ({ query }) => {
        const ok = (await presentOf(query, [objectOf(restored(params, captured))])).length > 0;
        return { ok, text: `${spoken(params)} is ${ok ? "there" : "not there"}` };
      }),
    async undo(params, captured, context) {
      const state = stateIn(captured);
      if (state.there) return made(params, state, context);
      const one = restored(params, captured);
      const text = await withPostgres(context, async (connection) => {
        if ((await presentOf(connection.query, [objectOf(one)])).length === 0)
          return `${spoken(params)} is not there`;
        const stays = await takeAway(connection, one);
        return stays === undefined
          ? `dropped ${spoken(params)} again`
          : `${spoken(params)} ${stays}, and stays`;
      });
      await readAnew(context);
      return text;
    },
    verifyUndo: (params, captured, context) =>
      withPostgres(context, async (connection) => {
        const one = restored(params, captured);
        const there = (await presentOf(connection.query, [objectOf(one)])).length > 0;
        if (stateIn(captured).there)
          return { ok: there, text: `${spoken(params)} is ${there ? "there" : "not there"}` };
        if (!there) return { ok: true, text: `${spoken(params)} is not there` };
        const stays = await inTransaction(connection, () => whyItStays(connection, one));
        if (stays === undefined) return { ok: false, text: `${spoken(params)} is there` };
        return { ok: true, stays: true, text: `${spoken(params)} ${stays}` };
      }),
  };
}

async function made(params: Params, { shape, number }: State, context: ActionContext): Promise<string> {
  if (number === null)
    throw new HealError("this backup is of an older opsmedic's", { code: "captured-unreadable" });
  const one = { shape, column: params.column, number };
  const text = await withPostgres(context, async (connection) => {
    if ((await presentOf(connection.query, [objectOf(one)])).length > 0)
      return `${spoken(params)} is there already`;
    await makeObject(connection, one);
    return `made ${spoken(params)} again, empty, as it was`;
  });
  await readAnew(context);
  return text;
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
  if (column === null) return found.shape;
  const gone = found.goneColumns.find((one) => one.column.name === column)?.column;
  const own = found.shape.columns.find((one) => one.name === column) ?? gone;
  if (own === undefined) throw stale(`${table} never had a column ${column}`, "run the migrations");
  return { ...found.shape, columns: [own] };
}

function restored({ column }: Params, captured: Captured): Restored {
  const { shape, number } = stateIn(captured);
  return { shape, column, number };
}

function spoken({ table, column }: Params): string {
  return column === null ? `the table ${table}` : `the column ${column} of ${table}`;
}

function stateIn({ state }: Captured): State {
  return stateOf(stateSchema, POSTGRES_RESTORE_OBJECT, state);
}
