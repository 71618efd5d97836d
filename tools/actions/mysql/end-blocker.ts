// mysql-end-blocker: ends one session that sleeps in a transaction while others wait for what it holds. MySQL rolls its
// transaction back, as if its client had gone.
import { z } from "zod";
import type { Action, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { blocksForMs } from "../../mysql-sessions.ts";
import { numberIn } from "../../row-values.ts";
import { type MysqlDoor, mysqlOf, withMysql } from "./connection.ts";
import { endSessions, sessionSchema, stillUnused, type UnusedSession, unusedSessions } from "./sessions.ts";

const paramsSchema = z.strictObject({
  id: z.int().min(1),
  role: z.string().min(1).max(128),
  /** Its host, without the port. */
  client: z.string().min(1).max(255),
});
const stateSchema = z.object({ session: sessionSchema });

const waitersSql = `
select (select count(*) from information_schema.processlist where state like 'Waiting for % lock') +
  (select count(*) from information_schema.innodb_trx where trx_state = 'LOCK WAIT') as waiters`;

export const mysqlEndBlocker: Action<z.infer<typeof paramsSchema>> = {
  name: "mysql-end-blocker",
  summary: "Ends the forgotten transaction that other sessions of MySQL wait for",
  undoes: "nothing to put back: its transaction was never committed, and its client connects anew",
  class: "restart",
  effect: "repeatable",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: ({ id, role, client }, context) =>
    withMysql(context, async (door) => {
      const unused = await unusedSessions(door, mysqlOf(context), blocksForMs);
      const session = unused.find(
        (one) => one.id === id && one.role === role && one.host.replace(/:\d+$/, "") === client,
      );
      if (session?.transactionBegan == null)
        throw stale(`session ${id} does not sleep in a transaction any more`, "diagnose again");
      return { state: { session }, files: [] };
    }),
  apply: (_params, captured, context) =>
    withMysql(context, async (door) => {
      const session = sessionIn(captured);
      if ((await stillUnused(door, [session], mysqlOf(context))).length === 0)
        return `Session ${session.id} has gone on by itself.`;
      if ((await waiters(door)) === 0) throw stale("nobody waits for it any more", "diagnose again");
      await endSessions(door, [session], mysqlOf(context));
      return `Ended session ${session.id} of ${session.role}; its open transaction is rolled back.`;
    }),
  verify: (_params, captured, context) =>
    withMysql(context, async (door) => {
      const left = await stillUnused(door, [sessionIn(captured)], mysqlOf(context));
      return { ok: left.length === 0, text: left.length === 0 ? "It is gone." : "It is still there." };
    }),
  undo: async () => "There is nothing to put back: its transaction was never committed.",
  verifyUndo: async () => ({ ok: true, text: "There was nothing to put back." }),
};

function sessionIn({ state }: Captured): UnusedSession {
  return stateOf(stateSchema, "mysql-end-blocker", state).session;
}

async function waiters(door: MysqlDoor): Promise<number> {
  const [row] = await door.ask(waitersSql);
  return numberIn(row, "waiters") ?? 0;
}
