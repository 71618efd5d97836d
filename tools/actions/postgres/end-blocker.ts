// postgres-end-blocker: ends the sessions at the roots of those who wait, where they do nothing but hold their locks; the
// one that holds up most first. What they had not committed is lost, as it is whenever their clients die.
import { z } from "zod";
import type { Action, ActionContext } from "../../action.ts";
import { stale, stateOf } from "../checked.ts";
import { needPostgres } from "./connection.ts";
import { keptConnection } from "./kept-connection.ts";
import { endSessions, forgottenBlocker, type SessionIdentity, sessionSchema } from "./unused-sessions.ts";

const paramsSchema = z.strictObject({ sessions: z.array(sessionSchema.strict()).min(1).max(20) });
const stateSchema = z.object({
  blockers: z.array(
    sessionSchema.extend({
      role: z.string(),
      client: z.string(),
      address: z.string().nullable(),
      blocked: z.number(),
    }),
  ),
});

export const postgresEndBlocker: Action<z.infer<typeof paramsSchema>> = {
  name: "postgres-end-blocker",
  summary: "Ends the forgotten transactions of PostgreSQL that others wait for: never one that works",
  undoes: "nothing to put back: what a transaction had not committed is gone, its client connects again",
  class: "restart",
  effect: "repeatable",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  async capture({ sessions }, context) {
    const blockers = await forgotten(sessions, context);
    if (blockers.length > 0) return { state: { blockers }, files: [] };
    throw stale("none of the sessions holds up anybody idly any more", "diagnose again");
  },
  async apply(_params, { state }, context) {
    const { blockers } = stateOf(stateSchema, "postgres-end-blocker", state);
    const texts: string[] = [];
    for (const { pid, startedAt, role, client } of blockers) {
      // The end of one may have freed those behind another: each is looked at right before.
      const [now] = await forgotten([{ pid, startedAt }], context);
      const who = `session ${pid} of ${client || "a client without a name"} (role ${role})`;
      const ended = now && (await endSessions(keptConnection(context), [now], needPostgres(context)));
      texts.push(
        now === undefined
          ? `session ${pid} is gone or at work, or holds up nobody any more`
          : ended === 0
            ? `${who} has begun to work, and was left`
            : `ended ${who}, which held up ${now.blocked}`,
      );
    }
    return texts.join("; ");
  },
  async verify({ sessions }, _captured, context) {
    const left = await forgotten(sessions, context);
    return { ok: left.length === 0, text: `${left.length} of them still hold up others idly` };
  },
  undo: async (_params, { state }) => {
    stateOf(stateSchema, "postgres-end-blocker", state);
    return "what was not committed is gone; the clients connect again";
  },
  verifyUndo: async () => ({ ok: true, text: "there was nothing to put back" }),
};

/** Those of them that others wait for, and that may be ended. */
async function forgotten(sessions: readonly SessionIdentity[], context: ActionContext) {
  const [ask, database] = [keptConnection(context), needPostgres(context)];
  const all = [];
  for (const { pid, startedAt } of sessions) {
    const blocker = await forgottenBlocker(ask, { pid, startedAt }, database);
    if (blocker !== undefined) all.push({ pid, startedAt, ...blocker });
  }
  return all;
}
