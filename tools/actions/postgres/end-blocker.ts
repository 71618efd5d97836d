// postgres-end-blocker: ends the one session at the root of a tree of waiting ones, where it does nothing but hold its
// lock. What it had not committed is lost, as it is whenever its client dies.
import { z } from "zod";
import type { Action } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { needPostgres } from "./connection.ts";
import { keptConnection } from "./kept-connection.ts";
import { endSessions, forgottenBlocker, sessionSchema } from "./unused-sessions.ts";

const paramsSchema = z.strictObject({ pid: z.int().min(1), startedAt: z.number().min(0) });
const stateSchema = z.object({
  role: z.string(),
  client: z.string(),
  address: z.string().nullable(),
  blocked: z.number(),
});

export const postgresEndBlocker: Action<z.infer<typeof paramsSchema>> = {
  name: "postgres-end-blocker",
  summary: "Ends the forgotten transaction of PostgreSQL that others wait for: never one that works",
  undoes: "nothing to put back: what the transaction had not committed is gone, its client connects again",
  class: "restart",
  effect: "repeatable",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  async capture(params, context) {
    const blocker = await forgottenBlocker(keptConnection(context), params, needPostgres(context));
    if (blocker !== undefined) return { state: { ...blocker }, files: [] };
    throw stale(`session ${params.pid} does not hold up anybody idly any more`, "diagnose again");
  },
  async apply(params, captured, context) {
    const [ask, database] = [keptConnection(context), needPostgres(context)];
    const { role, client, blocked } = stateOf(stateSchema, "postgres-end-blocker", captured.state);
    if ((await forgottenBlocker(ask, params, database)) === undefined)
      return `session ${params.pid} holds up nobody any more`;
    const ended = await endSessions(ask, [sessionSchema.parse(params)], database);
    const who = `session ${params.pid} of ${client || "a client without a name"} (role ${role})`;
    return ended > 0 ? `ended ${who}, which held up ${blocked}` : `${who} has begun to work, and was left`;
  },
  async verify(params, _captured, context) {
    const blocker = await forgottenBlocker(keptConnection(context), params, needPostgres(context));
    return {
      ok: blocker === undefined,
      text: blocker === undefined ? "it holds up nobody" : `it still holds up ${blocker.blocked}`,
    };
  },
  undo: async (_params, captured) => {
    stateOf(stateSchema, "postgres-end-blocker", captured.state);
    return "what it had not committed is gone; its client connects again";
  },
  verifyUndo: async () => ({ ok: true, text: "there was nothing to put back" }),
};
