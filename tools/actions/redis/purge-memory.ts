// redis-purge-memory: lets Redis' allocator give free pages back to the machine. Values stay where they are.
import { z } from "zod";
import type { Action, Captured } from "../../action.ts";
import { stateOf } from "../checked.ts";
import { type RedisDoor, withRedis } from "./connection.ts";

const paramsSchema = z.strictObject({});
/** `purges`: how often it was asked to before, since its statistics began: with this run of the server (INFO's run_id). */
const stateSchema = z.object({ purges: z.int(), rssBytes: z.number(), run: z.string().optional() });

export const redisPurgeMemory: Action<z.infer<typeof paramsSchema>> = {
  name: "redis-purge-memory",
  summary: "Lets Redis give free pages of memory back to the machine",
  undoes: "nothing to take back: no value is touched",
  class: "restart",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: (_params, context) =>
    withRedis(context, async (door) => ({
      state: { purges: await purgesOf(door), rssBytes: await rssOf(door), run: await runOf(door) },
      files: [],
    })),
  apply: (_params, captured, context) =>
    withRedis(context, async (door) => {
      if (await isDone(door, captured)) return "It has been asked to already, or was started anew.";
      await door.ask("MEMORY PURGE");
      const freed = before(captured).rssBytes - (await rssOf(door));
      return `Gave ${Math.max(0, Math.round(freed / 1024 ** 2))} MB back to the machine.`;
    }),
  verify: (_params, captured, context) =>
    withRedis(context, async (door) => {
      const ok = await isDone(door, captured);
      return { ok, text: ok ? "Free pages were given back." : "It was not asked to give anything back." };
    }),
  undo: async () => "There is nothing to take back: no value was touched.",
  verifyUndo: async () => ({ ok: true, text: "What it holds is as it was." }),
};

function before(captured: Captured) {
  return stateOf(stateSchema, "redis-purge-memory", captured.state);
}

/** One that was started since has nothing to give back. */
async function isDone(door: RedisDoor, captured: Captured): Promise<boolean> {
  const { purges, run } = before(captured);
  return (run !== undefined && run !== (await runOf(door))) || (await purgesOf(door)) > purges;
}

async function runOf(door: RedisDoor): Promise<string> {
  return (await door.info("server"))["run_id"] ?? "";
}

async function purgesOf(door: RedisDoor): Promise<number> {
  const line = (await door.info("commandstats"))["cmdstat_memory|purge"];
  return Number(/calls=(\d+)/.exec(line ?? "")?.[1] ?? 0);
}

async function rssOf(door: RedisDoor): Promise<number> {
  return Number((await door.info("memory"))["used_memory_rss"] ?? 0);
}
