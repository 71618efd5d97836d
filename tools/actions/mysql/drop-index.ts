// mysql-drop-index: drops an index again that opsmedic made and that does not pay, while the table is in use. One that a
// person made, altered or relies on has another name or another shape, and stays.
import { z } from "zod";
import type { Action, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { indexName, type OwnIndex } from "../own-index.ts";
import { readAnew, withMysql } from "./connection.ts";
import {
  dropIndex,
  hasIndex,
  INDEX_LIMIT_MS,
  indexNameSchema,
  madeAgain,
  ownIndexParams,
  placeOf,
  untilSettled,
  whyKept,
} from "./own-index.ts";
import { checkPrimary, withPrimary } from "./primary.ts";

const stateSchema = z.object({
  index: indexNameSchema,
  /** What is captured before a restore by hand: the repair has dropped it. */
  there: z.boolean(),
});

export const mysqlDropIndex: Action<OwnIndex> = {
  name: "mysql-drop-index",
  summary:
    "Drops an index again that opsmedic made, while the table is in use (ALGORITHM=INPLACE, LOCK=NONE)",
  undoes: "makes the same index again, while the table is in use; drops it again where it was not there",
  class: "data",
  effect: "reversible",
  risk: "medium",
  params: ownIndexParams,
  limitMs: INDEX_LIMIT_MS,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withMysql(context, async (door) => {
      const index = indexName(params);
      if (!(await hasIndex(door, placeOf(params), index)))
        return { state: { index, there: false }, files: [] };
      const kept = await whyKept(door.ask, params);
      if (kept !== undefined) throw stale(kept, "diagnose again");
      await checkPrimary(door);
      return { state: { index, there: true }, files: [] };
    }),
  async apply(params, captured, context) {
    const { index, there } = stateIn(captured);
    if (!there) throw stale(`there was no index ${index}`, "diagnose again");
    const text = await withPrimary(context, async (door) => {
      // Who was killed while it dropped it left the server at work, or waiting.
      await untilSettled(door, index, context);
      if (!(await hasIndex(door, placeOf(params), index))) return `The index ${index} is not there.`;
      const kept = await whyKept(door.ask, params);
      if (kept !== undefined) throw stale(kept, "diagnose again");
      await dropIndex(door, placeOf(params), index);
      return `Dropped the index ${index}.`;
    });
    await readAnew(context);
    return text;
  },
  verify: (params, captured, context) =>
    withPrimary(context, async (door) => {
      const { index } = stateIn(captured);
      const there = await hasIndex(door, placeOf(params), index);
      return { ok: !there, text: `The index ${index} is ${there ? "there" : "not there"}.` };
    }),
  async undo(params, captured, context) {
    const { index, there } = stateIn(captured);
    const text = await withPrimary(context, async (door) => {
      if (there) return madeAgain(door, params, index, context);
      await untilSettled(door, index, context);
      if (!(await hasIndex(door, placeOf(params), index))) return `The index ${index} is not there.`;
      await dropIndex(door, placeOf(params), index);
      return `Dropped the index ${index} again.`;
    });
    await readAnew(context);
    return text;
  },
  verifyUndo: (params, captured, context) =>
    withPrimary(context, async (door) => {
      const { index, there: wanted } = stateIn(captured);
      await untilSettled(door, index, context);
      const there = await hasIndex(door, placeOf(params), index);
      return { ok: there === wanted, text: `The index ${index} is ${there ? "there" : "not there"}.` };
    }),
};

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "mysql-drop-index", state);
}
