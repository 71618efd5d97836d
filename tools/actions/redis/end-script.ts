// redis-end-script: ends a script or function that blocks Redis. Redis itself refuses where it has written already, so
// that no half of its work can stay.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { Action } from "../../action.ts";
import { type RedisDoor, withRedis } from "./connection.ts";

const paramsSchema = z.strictObject({});
const LOOK_MS = 20;
const MOST_LOOKS = 100;

export const redisEndScript: Action<z.infer<typeof paramsSchema>> = {
  name: "redis-end-script",
  summary: "Ends a script that blocks Redis and has written nothing yet",
  undoes: "nothing to take back: a script that has written is never ended",
  class: "restart",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: async (_params, context) => ({
    state: { busy: await withRedis(context, busyWith) },
    files: [],
  }),
  apply: (_params, _captured, context) =>
    withRedis(context, async (door) => {
      const busy = await busyWith(door);
      if (busy === null) return "No script blocks it any more.";
      try {
        await door.ask(busy === "function" ? "FUNCTION KILL" : "SCRIPT KILL");
      } catch (error) {
        if (error instanceof HealError && /NOTBUSY/.test(error.message)) return "It has ended by itself.";
        if (!(error instanceof HealError) || !/UNKILLABLE/.test(error.message)) throw error;
        throw new HealError("The script has written already, so Redis does not let it be ended", {
          code: "script-has-written",
          hint: "wait for its end; SHUTDOWN NOSAVE would lose what was not saved",
          cause: error,
        });
      }
      // It ends at its next look for such an order, not at once.
      for (let looks = 0; looks < MOST_LOOKS && (await busyWith(door)) !== null; looks += 1)
        await systemClock.sleep(LOOK_MS, context.signal);
      return `Ended the ${busy} that blocked it.`;
    }),
  async verify(_params, _captured, context) {
    const busy = await withRedis(context, busyWith);
    return { ok: busy === null, text: busy === null ? "It answers." : `It is busy with a ${busy}.` };
  },
  undo: async () => "There is nothing to take back: the script had written nothing.",
  verifyUndo: async () => ({ ok: true, text: "What it holds is as it was." }),
};

async function busyWith(door: RedisDoor): Promise<"script" | "function" | null> {
  try {
    await door.ask("PING");
    return null;
  } catch (error) {
    if (!(error instanceof HealError) || !/\bBUSY\b/.test(error.message)) throw error;
    return /FUNCTION KILL/.test(error.message) ? "function" : "script";
  }
}
