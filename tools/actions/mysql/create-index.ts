// mysql-create-index: one index on one column, made while the table is in use, under a name of ours. It is measured
// before and after, and one that does not help is dropped again.
import { createHash } from "node:crypto";
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { numberIn, textIn } from "../../row-values.ts";
import { stale, stateOf } from "../checked.ts";
import { type MysqlDoor, readAnew, withMysql } from "./connection.ts";
import { checkIndex, type IndexPlace, LEAST_GAIN, rowsForLookup } from "./index-checks.ts";

/** A dot would be read as the end of the table's name. */
const nameSchema = z.string().regex(/^[^.]{1,64}$/);
const paramsSchema = z.strictObject({
  /** "database.table" */
  table: z.string().regex(/^[^.]{1,64}\.[^.]{1,64}$/),
  column: nameSchema,
});
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({
  index: nameSchema,
  /** What is captured before a restore by hand: the index that the repair has made. */
  there: z.boolean().default(false),
  rowsBefore: z.number(),
});

const LIMIT_MS = 20 * 60_000;
/** The server gives up before we do, so that nothing of ours goes on without us. */
const MAKING_S = 15 * 60;
const LOOK_MS = 200;

export const mysqlCreateIndex: Action<Params> = {
  name: "mysql-create-index",
  summary: "Makes an index that statements miss, while the table is in use (ALGORITHM=INPLACE, LOCK=NONE)",
  undoes: "drops that index again, while the table is in use; makes it again where it was there before",
  class: "data",
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  limitMs: LIMIT_MS,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withMysql(context, async (door) => {
      const place = placeOf(params);
      const index = indexName(params);
      if (await hasIndex(door, place, index))
        return { state: { index, there: true, rowsBefore: 0 }, files: [] };
      await checkIndex(door, place);
      const rowsBefore = await rowsForLookup(door, place);
      if (rowsBefore === undefined)
        throw stale(`${params.table} holds too little to be slow`, "diagnose again");
      return { state: { index, there: false, rowsBefore }, files: [] };
    }),
  async apply(params, captured, context) {
    const { index, there, rowsBefore } = stateIn(captured);
    if (there) throw stale(`the index ${index} was there already`, "diagnose again");
    const text = await withMysql(context, async (door) => {
      const place = placeOf(params);
      // Who was killed while it made one left the server at work.
      while (await isUnderWay(door, index)) await systemClock.sleep(LOOK_MS, context.signal);
      if (!(await hasIndex(door, place, index))) {
        await checkIndex(door, place);
        await make(door, place, index, context);
      }
      const rows = (await rowsForLookup(door, place)) ?? rowsBefore;
      if (rows * LEAST_GAIN <= rowsBefore)
        return `Made the index ${index}: a look-up reads ${rows} rows instead of ${rowsBefore}.`;
      await drop(door, place, index);
      throw new HealError(`The index on ${params.table} (${params.column}) did not help, and was dropped`, {
        code: "no-gain",
        hint: `a look-up read ${rows} rows with it and ${rowsBefore} without`,
      });
    });
    await readAnew(context);
    return text;
  },
  verify: (params, captured, context) =>
    withMysql(context, async (door) => {
      const { index } = stateIn(captured);
      const ok = await hasIndex(door, placeOf(params), index);
      return { ok, text: `The index ${index} is ${ok ? "there" : "not there"}.` };
    }),
  async undo(params, captured, context) {
    const { index, there } = stateIn(captured);
    const text = await withMysql(context, async (door) => {
      if (there) return madeAgain(door, placeOf(params), index, context);
      await endMaking(door, index, context);
      if (!(await hasIndex(door, placeOf(params), index))) return `The index ${index} is not there.`;
      await drop(door, placeOf(params), index);
      return `Dropped the index ${index}.`;
    });
    await readAnew(context);
    return text;
  },
  verifyUndo: (params, captured, context) =>
    withMysql(context, async (door) => {
      const { index, there: wanted } = stateIn(captured);
      const there = (await hasIndex(door, placeOf(params), index)) || (await isUnderWay(door, index));
      return { ok: there === wanted, text: `The index ${index} is ${there ? "there" : "not there"}.` };
    }),
};

async function madeAgain(
  door: MysqlDoor,
  place: IndexPlace,
  index: string,
  context: ActionContext,
): Promise<string> {
  if (await hasIndex(door, place, index)) return `The index ${index} is there.`;
  await make(door, place, index, context);
  return `Made the index ${index} again.`;
}

async function make(
  door: MysqlDoor,
  { schema, table, column }: IndexPlace,
  index: string,
  context: ActionContext,
): Promise<void> {
  if (door.mariadb) await door.ask("set session max_statement_time = ?", [MAKING_S]);
  try {
    await door.ask(
      "alter table ?? add index ?? (??), algorithm = inplace, lock = none",
      [`${schema}.${table}`, index, column],
      MAKING_S * 1_000,
    );
  } catch (error) {
    // Where we stop waiting, the server goes on: it is told to stop too. MySQL has no limit of its own for this.
    const signal = AbortSignal.timeout(10_000);
    await withMysql({ ...context, signal }, (other) => endMaking(other, index, { ...context, signal })).catch(
      () => undefined, // the first error is the one to tell
    );
    throw error;
  }
  if (door.mariadb) await door.ask("set session max_statement_time = 0");
}

async function drop(door: MysqlDoor, { schema, table }: IndexPlace, index: string): Promise<void> {
  await door.ask(
    "alter table ?? drop index ??, algorithm = inplace, lock = none",
    [`${schema}.${table}`, index],
    60_000,
  );
}

async function hasIndex(
  door: MysqlDoor,
  { schema, table, column }: IndexPlace,
  index: string,
): Promise<boolean> {
  const rows = await door.ask(
    "select column_name as name from information_schema.statistics where table_schema = ? and table_name = ? and index_name = ?",
    [schema, table, index],
  );
  if (rows.length === 0) return false;
  if (rows.length === 1 && textIn(rows[0], "name")?.toLowerCase() === column.toLowerCase()) return true;
  throw new HealError(`${index} on ${table} is something else, which is not touched`, {
    code: "undo-conflict",
  });
}

/** The sessions that make our index just now: its name is in their statement, and in nobody else's. */
async function makers(door: MysqlDoor, index: string): Promise<number[]> {
  const rows = await door.ask(
    "select id from information_schema.processlist where id <> connection_id() and command <> 'Sleep' and info like ?",
    [`alter table%add index%${index}%`],
  );
  return rows.map((one) => numberIn(one, "id") ?? 0);
}

async function isUnderWay(door: MysqlDoor, index: string): Promise<boolean> {
  return (await makers(door, index)).length > 0;
}

async function endMaking(door: MysqlDoor, index: string, { signal }: ActionContext): Promise<void> {
  for (let ids = await makers(door, index); ids.length > 0; ids = await makers(door, index)) {
    for (const id of ids) await door.ask("kill connection ?", [id]).catch(() => undefined); // it may have ended meanwhile
    await systemClock.sleep(LOOK_MS, signal);
  }
}

function placeOf({ table, column }: Params): IndexPlace {
  const [schema = "", name = ""] = table.split(".");
  return { schema, table: name, column };
}

/** The same for the same table and column, recognisable as ours, and without a sign that LIKE reads otherwise but "_". */
function indexName({ table, column }: Params): string {
  const hash = createHash("sha256").update(`${table} ${column}`).digest("hex").slice(0, 8);
  const plain = `${table.split(".")[1] ?? ""}_${column}`.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return `opsmedic_${plain.slice(0, 40)}_${hash}`;
}

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "mysql-create-index", state);
}
