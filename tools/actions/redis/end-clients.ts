// redis-end-clients: closes connections that harm, each known by its number, its address and its age. A number is never
// given twice while a server runs, so the server's own run is part of who is meant.
import { z } from "zod";
import type { RedisClient } from "../../database-inspector.ts";
import { clientsOf, liesIdle, protection } from "../../redis-clients.ts";
import type { Action, ActionContext } from "../../action.ts";
import { stale } from "../checked.ts";
import { type RedisDoor, redisOf, withRedis } from "./connection.ts";

export const MOST_ENDED = 500;

const paramsSchema = z.strictObject({
  /** INFO's run_id. */
  server: z.string().regex(/^[0-9a-f]{40}$/),
  clients: z
    .array(
      z.strictObject({
        id: z.string().regex(/^\d{1,19}$/),
        address: z.string().min(1).max(200),
        /** How old the connection was when it was seen. */
        ageMs: z.int().min(0),
      }),
    )
    .min(1)
    .max(MOST_ENDED),
  /** It is ended only while this is still true of it. */
  because: z.union([
    z.strictObject({ idleMs: z.int().min(1_000) }),
    z.strictObject({ outputBytes: z.int().min(1_048_576) }),
  ]),
});
type Params = z.infer<typeof paramsSchema>;

export const redisEndClients: Action<Params> = {
  name: "redis-end-clients",
  summary: "Closes connections of clients that lie idle or do not read their answers",
  undoes: "nothing to give back: a client that still needs Redis connects anew",
  class: "restart",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withRedis(context, async (door) => {
      const found = await stillThere(params, door, context);
      if (found.length === 0) throw stale("none of these clients is there any more", "diagnose again");
      return {
        state: {
          clients: found.map(({ id, address, name, user, flags, idleMs, outputBytes }) => ({
            id,
            address,
            name,
            user,
            flags,
            idleMs,
            outputBytes,
          })),
        },
        files: [],
      };
    }),
  apply: (params, _captured, context) =>
    withRedis(context, async (door) => {
      const found = await stillThere(params, door, context);
      let ended = 0;
      for (const { id, address } of found) {
        // Both must fit, and never the connection that asks.
        ended += Number(await door.ask("CLIENT KILL", "ID", id, "ADDR", address, "SKIPME", "yes"));
      }
      const others = params.clients.length - ended;
      return `Ended ${ended} clients${others > 0 ? `; ${others} were gone or at work again` : ""}.`;
    }),
  verify: (params, _captured, context) =>
    withRedis(context, async (door) => {
      const left = await stillThere(params, door, context);
      return {
        ok: left.length === 0,
        text: left.length === 0 ? "None of them is there any more." : `${left.length} of them are there.`,
      };
    }),
  undo: async () => "There is nothing to give back: whoever still needs Redis connects anew.",
  verifyUndo: async () => ({ ok: true, text: "There was nothing to put back." }),
};

/** Those of the named ones that are still the very same, still harm, and may be ended. */
async function stillThere(
  { server, clients, because }: Params,
  door: RedisDoor,
  context: ActionContext,
): Promise<RedisClient[]> {
  const { run_id: run } = await door.info("server");
  if (run !== server) return []; // another server's numbers mean other clients
  const database = redisOf(context);
  const meant = new Map(clients.map((one) => [one.id, one]));
  return clientsOf(await door.ask("CLIENT LIST")).filter((one) => {
    const named = meant.get(one.id);
    if (named === undefined || named.address !== one.address || one.ageMs + 1_000 < named.ageMs) return false;
    if (protection(one, database) !== undefined) return false;
    return "idleMs" in because ? liesIdle(one, because.idleMs) : one.outputBytes >= because.outputBytes;
  });
}
