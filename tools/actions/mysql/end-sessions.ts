// mysql-end-sessions: ends what one client of a full MySQL holds without using it.
import { z } from "zod";
import type { Action, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { mysqlOf, withMysql } from "./connection.ts";
import { endSessions, sessionSchema, stillUnused, type UnusedSession, unusedSessions } from "./sessions.ts";

const paramsSchema = z.strictObject({
  role: z.string().min(1).max(128),
  /** Its host, without the port. */
  client: z.string().min(1).max(255),
});
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({ sessions: z.array(sessionSchema) });
const MOST_ENDED = 500;

export const mysqlEndSessions: Action<Params> = {
  name: "mysql-end-sessions",
  summary: "Ends the sessions that one client of MySQL holds unused: never one that works",
  undoes: "nothing to put back: whoever still needs the server connects anew",
  class: "restart",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withMysql(context, async (door) => {
      const unused = await unusedSessions(door, mysqlOf(context));
      const sessions = unused.filter((one) => isOf(one, params)).slice(0, MOST_ENDED);
      if (sessions.length > 0) return { state: { sessions }, files: [] };
      throw stale(
        `${params.role} from ${params.client} holds no session that may be ended`,
        "diagnose again",
      );
    }),
  apply: ({ role, client }, captured, context) =>
    withMysql(context, async (door) => {
      const all = sessionsIn(captured);
      const ended = await endSessions(door, all, mysqlOf(context));
      const spared = all.length - ended;
      return `Ended ${ended} unused sessions of ${role} from ${client}${spared > 0 ? `; ${spared} were gone or at work` : ""}.`;
    }),
  verify: (_params, captured, context) =>
    withMysql(context, async (door) => {
      const left = await stillUnused(door, sessionsIn(captured), mysqlOf(context));
      return { ok: left.length === 0, text: `${left.length} of them are still there unused.` };
    }),
  undo: async () => "There is nothing to put back: whoever still needs the server connects anew.",
  verifyUndo: async () => ({ ok: true, text: "There was nothing to put back." }),
};

function isOf({ role, host }: UnusedSession, params: Params): boolean {
  return role === params.role && host.replace(/:\d+$/, "") === params.client;
}

function sessionsIn({ state }: Captured): UnusedSession[] {
  return stateOf(stateSchema, "mysql-end-sessions", state).sessions;
}
