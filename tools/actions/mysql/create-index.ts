// mysql-create-index: one index on one column, made while the table is in use, under a name of ours. It is measured
// before and after, and one that does not help is dropped again.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { baselineOf, indexBaselineSchema } from "../index-baseline.ts";
import { indexName, type OwnIndex } from "../own-index.ts";
import { readAnew, withMysql } from "./connection.ts";
import { checkIndex, LEAST_GAIN, rowsForLookup } from "./index-checks.ts";
import {
  dropIndex,
  endMaking,
  hasIndex,
  INDEX_LIMIT_MS,
  indexNameSchema,
  isBeingMade,
  madeAgain,
  makeIndex,
  ownIndexParams,
  placeOf,
  untilSettled,
} from "./own-index.ts";
import { withPrimary } from "./primary.ts";

const stateSchema = z.object({
  index: indexNameSchema,
  /** What is captured before a restore by hand: the index that the repair has made. */
  there: z.boolean().default(false),
  rowsBefore: z.number(),
  /** What statements cost without it: the index is judged by that later. null: the server did not tell. */
  baseline: indexBaselineSchema.nullable().default(null),
});

export const mysqlCreateIndex: Action<OwnIndex> = {
  name: "mysql-create-index",
  summary: "Makes an index that statements miss, while the table is in use (ALGORITHM=INPLACE, LOCK=NONE)",
  undoes: "drops that index again, while the table is in use; makes it again where it was there before",
  class: "data",
  effect: "reversible",
  risk: "medium",
  params: ownIndexParams,
  limitMs: INDEX_LIMIT_MS,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withMysql(context, async (door) => {
      const place = placeOf(params);
      const index = indexName(params);
      if (await hasIndex(door, place, index))
        return { state: { index, there: true, rowsBefore: 0 }, files: [] };
      await checkIndex(door, place);
      // Before our own look-up, which the server counts like any other.
      const baseline = await baselineOf(context, params);
      const rowsBefore = await rowsForLookup(door, place);
      if (rowsBefore === undefined)
        throw stale(`${params.table} holds too little to be slow`, "diagnose again");
      return { state: { index, there: false, rowsBefore, baseline }, files: [] };
    }),
  async apply(params, captured, context) {
    const { index, there, rowsBefore } = stateIn(captured);
    if (there) throw stale(`the index ${index} was there already`, "diagnose again");
    const text = await withPrimary(context, async (door) => {
      const place = placeOf(params);
      // Who was killed while it made one left the server at work.
      await untilSettled(door, index, context);
      if (!(await hasIndex(door, place, index))) {
        await checkIndex(door, place);
        await makeIndex(door, place, index, context);
      }
      const rows = (await rowsForLookup(door, place)) ?? rowsBefore;
      if (rows * LEAST_GAIN <= rowsBefore)
        return `Made the index ${index}: a look-up reads ${rows} rows instead of ${rowsBefore}.`;
      await dropIndex(door, place, index);
      throw new HealError(`The index on ${params.table} (${params.column}) did not help, and was dropped`, {
        code: "no-gain",
        hint: `a look-up read ${rows} rows with it and ${rowsBefore} without`,
      });
    });
    await readAnew(context);
    return text;
  },
  verify: (params, captured, context) =>
    withPrimary(context, async (door) => {
      const { index } = stateIn(captured);
      const ok = await hasIndex(door, placeOf(params), index);
      return { ok, text: `The index ${index} is ${ok ? "there" : "not there"}.` };
    }),
  async undo(params, captured, context) {
    const { index, there } = stateIn(captured);
    const text = await withPrimary(context, async (door) => {
      if (there) return madeAgain(door, params, index, context);
      await endMaking(door, index, context);
      if (!(await hasIndex(door, placeOf(params), index))) return `The index ${index} is not there.`;
      await dropIndex(door, placeOf(params), index);
      return `Dropped the index ${index}.`;
    });
    await readAnew(context);
    return text;
  },
  verifyUndo: (params, captured, context) =>
    withPrimary(context, async (door) => {
      const { index, there: wanted } = stateIn(captured);
      const there = (await hasIndex(door, placeOf(params), index)) || (await isBeingMade(door, index));
      return { ok: there === wanted, text: `The index ${index} is ${there ? "there" : "not there"}.` };
    }),
};

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "mysql-create-index", state);
}
