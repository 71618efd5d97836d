// postgres-end-sessions: ends what one client holds of a full PostgreSQL without using it. It goes in over the
// connection that the looks keep open: a full server has no place for another.
import { z } from "zod";
import type { Action, Captured } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { needPostgres } from "./connection.ts";
import { keptConnection } from "./kept-connection.ts";
import {
  endSessions,
  isSameSession,
  leakedBy,
  type SessionIdentity,
  sessionSchema,
  stillUnused,
} from "./unused-sessions.ts";

const paramsSchema = z.strictObject({
  role: z.string().min(1).max(63),
  /** application_name; empty where the client gives none. */
  client: z.string().max(63),
  address: z.string().max(45).nullable(),
  /** Of its unused ones these alone; absent: all. */
  only: z.array(sessionSchema.strict()).min(1).max(20).nullable().default(null),
});
const stateSchema = z.object({ sessions: z.array(sessionSchema.extend({ parked: z.boolean() })) });

export const postgresEndSessions: Action<z.infer<typeof paramsSchema>> = {
  name: "postgres-end-sessions",
  summary: "Ends the sessions that one client of PostgreSQL holds unused: never one that works",
  undoes:
    "nothing to put back: an ended session cannot be given back, its client connects again when it needs one",
  class: "restart",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  async capture(params, context) {
    const { only } = params;
    const unused = await leakedBy(keptConnection(context), params, needPostgres(context));
    const sessions = unused.filter((one) => only === null || only.some((meant) => isSameSession(one, meant)));
    if (sessions.length > 0) return { state: { sessions }, files: [] };
    throw stale(`${params.client || params.role} holds no session unused for long enough`, "diagnose again");
  },
  async apply({ role, client }, captured, context) {
    const all = sessionsIn(captured);
    const ended = await endSessions(keptConnection(context), all, needPostgres(context));
    const left = all.length - ended;
    const spared = left > 0 ? `; ${left} were gone or at work` : "";
    return `ended ${ended} unused sessions of ${client || "a client without a name"} (role ${role})${spared}`;
  },
  async verify(_params, captured, context) {
    const left = await stillUnused(keptConnection(context), sessionsIn(captured), needPostgres(context));
    return { ok: left === 0, text: `${left} of the sessions are still there unused` };
  },
  undo: async (_params, captured) => {
    sessionsIn(captured);
    return "an ended session cannot be given back; its client connects again";
  },
  verifyUndo: async () => ({ ok: true, text: "there was nothing to put back" }),
};

function sessionsIn({ state }: Captured): SessionIdentity[] {
  return stateOf(stateSchema, "postgres-end-sessions", state).sessions;
}
