// postgres-create-index: one index on one column, made while the table is in use, under a name of ours. It is measured
// before and after, and one that does not help is dropped again; what a broken-off making left behind goes first.
import { z } from "zod";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { baselineOf, indexBaselineSchema } from "../index-baseline.ts";
import { indexName, type OwnIndex } from "../own-index.ts";
import { needPostgres, readAnew, withPostgres } from "./connection.ts";
import { checkIndex, LEAST_GAIN } from "./index-checks.ts";
import { costOfLookup } from "./lookup-cost.ts";
import {
  asItWas,
  droppedIndex,
  INDEX_LIMIT_MS,
  INDEX_LIMITS,
  indexState,
  isAsItWas,
  madeIndex,
  ownIndexParams,
} from "./own-index.ts";
import { needTable } from "./tables.ts";

const stateSchema = z.object({
  index: z.string(),
  /** What is captured before a restore by hand: the index that the repair has made. */
  there: z.boolean().default(false),
  costBefore: z.number(),
  costExpected: z.number(),
  bytesExpected: z.number(),
  expectedBy: z.enum(["hypopg", "statistics"]),
  /** What statements cost without it: the index is judged by that later. null: the server did not tell. */
  baseline: indexBaselineSchema.nullable().default(null),
});

const NOTHING_MEASURED = { costBefore: 0, costExpected: 0, bytesExpected: 0, expectedBy: "statistics" };

const CLEANUP_MS = 30_000;

export const postgresCreateIndex: Action<OwnIndex> = {
  name: "postgres-create-index",
  summary: "Makes an index that statements miss, while the table is in use (CREATE INDEX CONCURRENTLY)",
  undoes: "drops that index again, while the table is in use; makes it again where it was there before",
  class: "data",
  effect: "reversible",
  risk: "medium",
  params: ownIndexParams,
  limitMs: INDEX_LIMIT_MS,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withPostgres(context, async (connection) => {
      const index = indexName(params);
      const present = await needTable(connection.query, params.table);
      if ((await indexState(connection, present, index)) === "valid")
        return { state: { index, there: true, ...NOTHING_MEASURED }, files: [] };
      const { table: _, ...measured } = await checkIndex(connection, needPostgres(context), params);
      const baseline = await baselineOf(context, params);
      return { state: { index, there: false, ...measured, baseline }, files: [] };
    }),
  async apply(params, captured, context) {
    const { index, there } = stateIn(captured);
    if (there) throw stale(`the index ${index} was there already`, "diagnose again");
    const text = await withPostgres(
      context,
      (connection) => madeIndex(connection, context, params, index),
      INDEX_LIMITS,
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
  undo: (params, captured, context) => asItWas(params, stateIn(captured), context),
  verifyUndo: (params, captured, context) => isAsItWas(params, stateIn(captured), context),
};

/** A making that failed leaves an index that no plan uses and every write maintains. Where it cannot go yet, undo comes. */
async function dropInvalid(params: OwnIndex, index: string, { service }: ActionContext): Promise<void> {
  const signal = AbortSignal.timeout(CLEANUP_MS);
  await withPostgres(
    { service, signal },
    async (connection) => {
      const table = await needTable(connection.query, params.table);
      if ((await indexState(connection, table, index)) === "invalid")
        await droppedIndex(connection, params, index);
    },
    { statementMs: CLEANUP_MS },
  );
}

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "postgres-create-index", state);
}
