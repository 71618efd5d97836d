// postgres-drop-index: drops an index again that opsmedic made and that does not pay, while the table is in use. One that
// a person made, altered or relies on has another name or another shape, and stays.
import { z } from "zod";
import type { Action, Captured } from "../../action.ts";
import { numberIn } from "../../row-values.ts";
import { stale, stateOf } from "../checked.ts";
import { indexName, type OwnIndex } from "../own-index.ts";
import { readAnew, withPostgres } from "./connection.ts";
import {
  asItWas,
  droppedIndex,
  INDEX_LIMIT_MS,
  INDEX_LIMITS,
  indexState,
  isAsItWas,
  ownIndexParams,
  whyKept,
} from "./own-index.ts";
import { needTable } from "./tables.ts";

const stateSchema = z.object({
  index: z.string(),
  /** What is captured before a restore by hand: the repair has dropped it. */
  there: z.boolean(),
  bytes: z.number(),
});

export const postgresDropIndex: Action<OwnIndex> = {
  name: "postgres-drop-index",
  summary: "Drops an index again that opsmedic made, while the table is in use (DROP INDEX CONCURRENTLY)",
  undoes: "makes the same index again, while the table is in use",
  class: "data",
  effect: "reversible",
  risk: "medium",
  params: ownIndexParams,
  limitMs: INDEX_LIMIT_MS,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withPostgres(context, async (connection) => {
      const index = indexName(params);
      const table = await needTable(connection.query, params.table);
      if ((await indexState(connection, table, index)) === "absent")
        return { state: { index, there: false, bytes: 0 }, files: [] };
      const kept = await whyKept(connection.query, params);
      if (kept !== undefined) throw stale(kept, "diagnose again");
      const [row] = await connection.query(
        "select pg_relation_size(i.indexrelid) as bytes from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = $1 and c.relname = $2",
        [table.oid, index],
      );
      return { state: { index, there: true, bytes: numberIn(row, "bytes") ?? 0 }, files: [] };
    }),
  async apply(params, captured, context) {
    const { index, there, bytes } = stateIn(captured);
    if (!there) throw stale(`there was no index ${index}`, "diagnose again");
    const text = await withPostgres(
      context,
      async (connection) => {
        const table = await needTable(connection.query, params.table);
        // One that is invalid is what a dropping of ours that was broken off has left.
        const kept =
          (await indexState(connection, table, index)) === "valid"
            ? await whyKept(connection.query, params)
            : undefined;
        if (kept !== undefined) throw stale(kept, "diagnose again");
        return droppedIndex(connection, params, index);
      },
      INDEX_LIMITS,
    );
    await readAnew(context);
    return `${text} (${Math.ceil(bytes / 1024 ** 2)} MB)`;
  },
  verify: (params, captured, context) =>
    withPostgres(context, async (connection) => {
      const { index } = stateIn(captured);
      const is = await indexState(connection, await needTable(connection.query, params.table), index);
      return { ok: is === "absent", text: `the index ${index} is ${is}` };
    }),
  undo: (params, captured, context) => asItWas(params, stateIn(captured), context),
  verifyUndo: (params, captured, context) => isAsItWas(params, stateIn(captured), context),
};

function stateIn({ state }: Captured): z.infer<typeof stateSchema> {
  return stateOf(stateSchema, "postgres-drop-index", state);
}
