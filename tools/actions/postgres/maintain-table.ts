// postgres-analyze and postgres-vacuum: what autovacuum would have done to a table, done once, gently: it waits for no
// lock for long, sleeps between its pages, and gives way to whoever waits for the table.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, Captured } from "../../action.ts";
import { stateOf } from "../checked.ts";
import { readAnew, withPostgres } from "./connection.ts";
import { givingWay } from "./giving-way.ts";
import { keptConnection } from "./kept-connection.ts";
import { type CatalogueTable, needTable, quotedName } from "./tables.ts";

const paramsSchema = z.strictObject({ table: z.string().min(3).max(130) });
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({ doneAt: z.number().nullable() });

/** A vacuum of a big table takes its time; nobody waits for it meanwhile. */
const LIMIT_MS = 15 * 60_000;
const STATEMENT_MS = LIMIT_MS - 30_000;

interface Way {
  name: string;
  summary: string;
  statement: "ANALYZE" | "VACUUM (ANALYZE)";
  last(table: CatalogueTable): number | null;
}

function maintenance({ name, summary, statement, last }: Way): Action<Params> {
  const doneAt = (captured: Captured): number => stateOf(stateSchema, name, captured.state).doneAt ?? 0;
  return {
    name,
    summary,
    undoes: "nothing to put back: it harms nothing, and autovacuum does the same",
    class: "data",
    effect: "repeatable",
    risk: "low",
    params: paramsSchema,
    limitMs: LIMIT_MS,
    downtimeMs: () => 0,

    capture: ({ table }, context) =>
      withPostgres(context, async ({ query }) => {
        const found = await needTable(query, table);
        if (!found.mayMaintain) throw refused(table);
        return { state: { doneAt: last(found) }, files: [] };
      }),
    async apply({ table }, captured, context) {
      const text = await withPostgres(
        context,
        async (connection) => {
          const found = await needTable(connection.query, table);
          if ((last(found) ?? 0) > doneAt(captured)) return `${table} was done meanwhile`;
          await connection.query("set vacuum_cost_delay = 2");
          const sql = `${statement} ${quotedName(connection, found)}`;
          await givingWay(connection, context, () => connection.query(sql));
          return `${statement} ${table} done`;
        },
        { statementMs: STATEMENT_MS },
      );
      await readAnew(context);
      return text;
    },
    async verify({ table }, captured, context) {
      const now = last(await needTable(keptConnection(context), table)) ?? 0;
      return { ok: now > doneAt(captured), text: now > doneAt(captured) ? "it is done" : "it is not done" };
    },
    undo: async (_params, captured) => {
      doneAt(captured);
      return "there is nothing to put back";
    },
    verifyUndo: async () => ({ ok: true, text: "there was nothing to put back" }),
  };
}

export const postgresAnalyze = maintenance({
  name: "postgres-analyze",
  summary: "Makes the planner's statistics of one table anew (ANALYZE)",
  statement: "ANALYZE",
  last: (table) => table.lastAnalyse,
});

export const postgresVacuum = maintenance({
  name: "postgres-vacuum",
  summary: "Removes the dead rows of one table, and makes its statistics anew (VACUUM ANALYZE)",
  statement: "VACUUM (ANALYZE)",
  last: (table) => table.lastVacuum,
});

function refused(table: string): HealError {
  return new HealError(`the role of the configuration may not maintain ${table}`, {
    code: "database-refused",
    hint: "GRANT MAINTAIN ON it (PostgreSQL 17), else make the role a member of the table's owner",
  });
}
