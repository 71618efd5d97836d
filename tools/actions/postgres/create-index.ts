// postgres-create-index: one index on one column, made while the table is in use, under a name of ours. It is measured
// before and after, and one that does not help is dropped again; what a broken-off making left behind goes first.
import { createHash } from "node:crypto";
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { needPostgres, type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import { givingWay } from "./giving-way.ts";
import { checkIndex, checkQuiet, LEAST_GAIN } from "./index-checks.ts";
import { costOfLookup } from "./lookup-cost.ts";
import { type CatalogueTable, needTable, quotedName } from "./tables.ts";

const paramsSchema = z.strictObject({
  /** "schema.name" */
  table: z.string().min(3).max(130),
  column: z.string().min(1).max(63),
});
type Params = z.infer<typeof paramsSchema>;

const stateSchema = z.object({
  index: z.string(),
  /** What is captured before a restore by hand: the index that the repair has made. */
  there: z.boolean().default(false),
  costBefore: z.number(),
  costExpected: z.number(),
  bytesExpected: z.number(),
  expectedBy: z.enum(["hypopg", "statistics"]),
});

const NOTHING_MEASURED = { costBefore: 0, costExpected: 0, bytesExpected: 0, expectedBy: "statistics" };

const LIMIT_MS = 30 * 60_000;
/** Its waits for older transactions count too: it gives up rather than hang behind one. */
const LIMITS = { statementMs: LIMIT_MS - 60_000, lockMs: 10_000 };
const CLEANUP_MS = 30_000;

export const postgresCreateIndex: Action<Params> = {
  name: "postgres-create-index",
  summary: "Makes an index that statements miss, while the table is in use (CREATE INDEX CONCURRENTLY)",
  undoes: "drops that index again, while the table is in use; makes it again where it was there before",
  class: "data",
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  limitMs: LIMIT_MS,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withPostgres(context, async (connection) => {
      const index = indexName(params);
      const present = await needTable(connection.query, params.table);
      if ((await indexState(connection, present, index)) === "valid")
        return { state: { index, there: true, ...NOTHING_MEASURED }, files: [] };
      const { table: _, ...measured } = await checkIndex(connection, needPostgres(context), params);
      return { state: { index, there: false, ...measured }, files: [] };
    }),
  async apply(params, captured, context) {
    const { index, there } = stateIn(captured);
    if (there) throw stale(`the index ${index} was there already`, "diagnose again");
    const text = await withPostgres(
      context,
      (connection) => made(connection, context, params, index),
      LIMITS,
    ).catch(async (error: unknown) => {
      await dropInvalid(params, index, context).catch(() => undefined); // the first error is the one to tell
      throw error;
    });
    await readAnew(context);
    return text;
  },
  verify: (params, captured, context) =>
    withPostgres(context, async (connection) => {
      const { index, costBefore } = stateIn(captured);
      const table = await needTable(connection.query, params.table);
      const is = await indexState(connection, table, index);
      if (is !== "valid") return { ok: false, text: `the index ${index} is ${is}` };
      const cost = await costOfLookup(connection, table, params.column);
      const numbers = `the planner's cost of a look-up went from ${Math.round(costBefore)} to ${Math.round(cost)}`;
      return { ok: cost * LEAST_GAIN <= costBefore, text: numbers };
    }),
  async undo(params, captured, context) {
    const { index, there } = stateIn(captured);
    const text = await withPostgres(
      context,
      (connection) => (there ? made(connection, context, params, index) : dropped(connection, params, index)),
      LIMITS,
    );
    await readAnew(context);
    return text;
  },
  verifyUndo: (params, captured, context) =>
    withPostgres(context, async (connection) => {
      const { index, there } = stateIn(captured);
      const is = await indexState(connection, await needTable(connection.query, params.table), index);
      return { ok: is === (there ? "valid" : "absent"), text: `the index ${index} is ${is}` };
    }),
};

async function made(
  connection: PostgresConnection,
  context: ActionContext,
  { table: name, column }: Params,
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

/** Of an index of ours; one of that name on another table is not ours. */
async function indexState(
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

async function dropped(
  connection: PostgresConnection,
  { table: name }: Params,
  index: string,
): Promise<string> {
  const table = await needTable(connection.query, name);
  if ((await indexState(connection, table, index)) === "absent") return `the index ${index} is not there`;
  await connection.query(`DROP INDEX CONCURRENTLY ${quotedName(connection, { ...table, name: index })}`);
  return `dropped the index ${index}`;
}

/** A making that failed leaves an index that no plan uses and every write maintains. Where it cannot go yet, undo comes. */
async function dropInvalid(params: Params, index: string, { service }: ActionContext): Promise<void> {
  const signal = AbortSignal.timeout(CLEANUP_MS);
  await withPostgres(
    { service, signal },
    async (connection) => {
      const table = await needTable(connection.query, params.table);
      if ((await indexState(connection, table, index)) === "invalid")
        await dropped(connection, params, index);
    },
    { statementMs: CLEANUP_MS },
  );
}

/** Under 63 bytes, the same for the same table and column, and recognisable as ours. */
function indexName({ table, column }: Params): string {
  const hash = createHash("sha256").update(`${table} ${column}`).digest("hex").slice(0, 8);
  const plain = `${table.split(".").slice(1).join("_")}_${column}`.replaceAll(/[^A-Za-z0-9_]/g, "_");
  return `opsmedic_${plain.slice(0, 40)}_${hash}`;
}

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "postgres-create-index", state);
}
