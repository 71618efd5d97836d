// postgres-freeze: freezes the oldest rows of a database (VACUUM FREEZE), table after table, the oldest first, as
// autovacuum would have done: gently, waiting long for no lock, giving way to whoever waits for a table.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, Captured } from "../../action.ts";
import { beyondLimit, stale, stateOf } from "../checked.ts";
import { type PostgresConnection, readAnew, withPostgres } from "./connection.ts";
import { givingWay } from "./giving-way.ts";
import { keptConnection } from "./kept-connection.ts";
import { freezeHolder, freezeProblem, oldDatabase } from "./old-tables.ts";
import { quotedName } from "./tables.ts";
import type { Ask } from "./unused-sessions.ts";

const NAME = "postgres-freeze";
const paramsSchema = z.strictObject({ database: z.string().min(1).max(63) });
type Params = z.infer<typeof paramsSchema>;
const tableSchema = z.object({ oid: z.int(), schema: z.string(), name: z.string(), frozen: z.string() });
const stateSchema = z.object({ tables: z.array(tableSchema) });
type Table = z.infer<typeof tableSchema>;

const LIMIT_MS = 30 * 60_000;
const STATEMENT_MS = LIMIT_MS - 60_000;

export const postgresFreeze: Action<Params> = {
  name: NAME,
  summary:
    "Freezes the oldest rows of a database, so that it does not run out of transaction ids (VACUUM FREEZE)",
  undoes: "nothing to put back: it harms nothing, and autovacuum does the same",
  class: "data",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  limitMs: LIMIT_MS,
  downtimeMs: () => 0,

  capture: ({ database }, context) =>
    withPostgres(context, async ({ query }) => {
      const old = await oldDatabase(query);
      if (old.name !== database) throw stale(`opsmedic is not in the database ${database}`, "diagnose again");
      await needNoHolder(query, old.age);
      const problem = freezeProblem(old);
      if (problem !== undefined) throw beyondLimit(`${database} is not frozen: ${problem}`, "do it by hand");
      if (old.tables.length === 0) throw stale(`nothing of ${database} is old`, "diagnose again");
      const tables = old.tables.map(({ oid, schema, name, frozen }) => ({ oid, schema, name, frozen }));
      return { state: { tables }, files: [] };
    }),
  async apply(_params, captured, context) {
    const text = await withPostgres(
      context,
      async (connection) => {
        const due = await stillOld(connection.query, tablesIn(captured));
        await connection.query("set vacuum_cost_delay = 2");
        const busy: unknown[] = [];
        for (const table of due)
          await givingWay(connection, context, () => freeze(connection, table)).catch((error: unknown) => {
            // Another one may be had meanwhile.
            if (!(error instanceof HealError) || error.code !== "database-busy") throw error;
            busy.push(error);
          });
        if (busy.length > 0) throw busy[0];
        return `froze the old rows of ${due.length} tables`;
      },
      { statementMs: STATEMENT_MS },
    );
    await readAnew(context);
    return text;
  },
  async verify(_params, captured, context) {
    const left = await stillOld(keptConnection(context), tablesIn(captured));
    return { ok: left.length === 0, text: `${left.length} of them still have rows as old as before` };
  },
  undo: async (_params, captured) => {
    tablesIn(captured);
    return "there is nothing to put back";
  },
  verifyUndo: async () => ({ ok: true, text: "there was nothing to put back" }),
};

/** Without an end that is cut off: that would take a lock that keeps everybody out. HealError "database-busy". */
async function freeze(connection: PostgresConnection, table: Table): Promise<void> {
  const { query } = connection;
  const [there] = await query("select from pg_class where oid = $1 and relname = $2", [
    table.oid,
    table.name,
  ]);
  if (there !== undefined) await query(`VACUUM (FREEZE, TRUNCATE false) ${quotedName(connection, table)}`);
}

/** HealError "stale-plan". */
async function needNoHolder(ask: Ask, age: number): Promise<void> {
  const held = await freezeHolder(ask, age);
  if (held !== undefined)
    throw stale(`the ${held.holder} ${held.who} keeps old rows from being frozen`, "diagnose again");
}

/** Those that are there and as they were captured. */
async function stillOld(ask: Ask, tables: readonly Table[]): Promise<Table[]> {
  const rows = await ask(
    `select c.oid::int8 as oid, c.relfrozenxid::text || coalesce(' ' || t.relfrozenxid::text, '') as frozen
     from pg_class c left join pg_class t on t.oid = c.reltoastrelid where c.oid = any($1::int8[]::oid[])`,
    [tables.map((one) => one.oid)],
  );
  const now = new Map(rows.map((one) => [Number(one["oid"]), String(one["frozen"])]));
  return tables.filter((one) => hasOldPart(one.frozen, now.get(one.oid)));
}

/** Table and TOAST table are frozen one after the other. */
function hasOldPart(then: string, now: string | undefined): boolean {
  const parts = now?.split(" ") ?? [];
  return then.split(" ").some((one, index) => parts[index] === one);
}

function tablesIn({ state }: Captured): Table[] {
  return stateOf(stateSchema, NAME, state).tables;
}
