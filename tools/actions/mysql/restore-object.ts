// mysql-restore-object: makes a table or a column again that was there while the database was well. It comes back empty:
// shapes are kept, never rows. What was never there is never made.
import { z } from "zod";
import type { FileHistory } from "../../backup.ts";
import { schemaHistoryOf } from "../../kept-tables.ts";
import { keptMysqlTablesIn } from "../../mysql-shapes.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { beyondLimit, stale, stateOf } from "../checked.ts";
import { type MysqlDoor, mysqlOf, readAnew, withMysql } from "./connection.ts";
import {
  bytesOf,
  hasShape,
  isPlainTable,
  isTable,
  isThere,
  type KeptObject,
  keptObjectSchema,
  ownName,
  placeOf,
  referrersOf,
} from "./kept-object.ts";
import { makeColumn, makeTable } from "./make-object.ts";
import { checkPrimary, withPrimary } from "./primary.ts";
import { restoreProblem } from "./restorable.ts";
import { takeAway, whyItStays } from "./take-away-object.ts";

const paramsSchema = z.strictObject({
  /** "database.table" */
  table: z.string().regex(/^[^.]{1,64}\.[^.]{1,64}$/),
  /** null: the whole table. */
  column: z.string().min(1).max(64).nullable(),
});
type Params = z.infer<typeof paramsSchema>;
/** Of a table that gets a column: to take it back means to look through all of it under a lock. */
const MOST_BYTES = 1024 ** 3;

export const MYSQL_RESTORE_OBJECT = "mysql-restore-object";

export function makeMysqlRestoreObject(history: Pick<FileHistory, "lastGood">): Action<Params> {
  return {
    name: MYSQL_RESTORE_OBJECT,
    summary: "Makes a table or column again that was there while all was well; it comes back empty",
    undoes: "drops it again as long as nothing was written into it",
    class: "data",
    effect: "reversible",
    risk: "high",
    params: paramsSchema,
    limitMs: 2 * 60_000,
    downtimeMs: () => 0,

    async capture(params, context) {
      mysqlOf(context);
      const object = await keptObject(history, context, params);
      return withMysql(context, async (door) => {
        await checkPrimary(door);
        if (await isThere(door, object)) {
          const asMade = object.column === null && (await isAsKept(door, object));
          if (!asMade) throw stale(`${spoken(params)} is there already`, "diagnose again");
          return {
            state: { ...object, there: true, referrers: await referrersOf(door, object.shape) },
            files: [],
          };
        }
        if (object.column !== null) {
          if (!(await isTable(door, params.table))) throw stale(`${params.table} is gone`, "diagnose again");
          if ((await bytesOf(door, object.shape)) > MOST_BYTES)
            throw beyondLimit(`${params.table} is larger than 1 GB`, "add the column by hand");
        }
        const referrers = object.column === null ? await referrersOf(door, object.shape) : [];
        return { state: { ...object, referrers }, files: [] };
      });
    },
    async apply(params, captured, context) {
      const object = objectIn(captured);
      if (object.there) throw stale(`${spoken(params)} was there already`, "diagnose again");
      return made(params, object, context);
    },
    verify: (params, captured, context) =>
      withPrimary(context, async (door) => {
        const ok = await isThere(door, objectIn(captured));
        return { ok, text: `${spoken(params)} is ${ok ? "there" : "not there"}` };
      }),
    async undo(params, captured, context) {
      const object = objectIn(captured);
      if (object.there) return made(params, object, context);
      const text = await withPrimary(context, (door) => takeAway(door, object, spoken(params)));
      await readAnew(context);
      return text;
    },
    verifyUndo: (params, captured, context) =>
      withPrimary(context, async (door) => {
        const object = objectIn(captured);
        if (object.there) {
          const back = await isThere(door, object);
          return { ok: back, text: `${spoken(params)} is ${back ? "there" : "not there"}` };
        }
        if (object.column === null && (await isTable(door, ownName(object))))
          return { ok: false, text: `${ownName(object)} is still there` };
        if (!(await isThere(door, object))) return { ok: true, text: `${spoken(params)} is not there` };
        const stays = await whyItStays(door, object);
        const text = `${spoken(params)} ${stays ?? "is there"}`;
        return stays === undefined ? { ok: false, text } : { ok: true, stays: true, text };
      }),
  };
}

async function made(params: Params, object: KeptObject, context: ActionContext): Promise<string> {
  const text = await withPrimary(context, async (door) => {
    if (await isThere(door, object)) return `${spoken(params)} is there already`;
    if (object.column === null) await makeTable(door, object);
    else await makeColumn(door, object, object.column);
    return `made ${spoken(params)} again, empty, as it was`;
  });
  await readAnew(context);
  return text;
}

async function isAsKept(door: MysqlDoor, { shape }: KeptObject): Promise<boolean> {
  return (await isPlainTable(door, shape)) && hasShape(door, placeOf(shape), shape);
}

/** As it was last seen. HealError "stale-plan", "limit-exceeded". */
async function keptObject(
  history: Pick<FileHistory, "lastGood">,
  { service }: ActionContext,
  params: Params,
): Promise<KeptObject> {
  const kept = keptMysqlTablesIn((await history.lastGood(schemaHistoryOf(service.name)))?.files ?? []);
  const found = kept.find(({ shape }) => `${shape.schema}.${shape.name}` === params.table);
  if (found === undefined)
    throw stale(`no table ${params.table} was ever seen while all was well`, "run the migrations");
  const columns = [...found.shape.columns, ...found.goneColumns.map((one) => one.column)];
  const column = columns.find((one) => one.name === params.column) ?? null;
  if (column === null && params.column !== null)
    throw stale(`${params.table} never had a column ${params.column}`, "run the migrations");
  const problem = restoreProblem(found.shape, column ?? undefined);
  if (problem !== undefined)
    throw beyondLimit(`${spoken(params)} is not made again: ${problem}`, "run the migrations");
  return { shape: found.shape, column, referrers: [], there: false };
}

function spoken({ table, column }: Params): string {
  return column === null ? `the table ${table}` : `the column ${column} of ${table}`;
}

function objectIn({ state }: Captured): KeptObject {
  return stateOf(keptObjectSchema, MYSQL_RESTORE_OBJECT, state);
}
