// redis-save: lets Redis try again to write what it could not write. It does so in a child of its own and goes on serving;
// when it succeeds, Redis takes writes again by itself.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { Action } from "../../action.ts";
import { type RedisDoor, withRedis } from "./connection.ts";

const paramsSchema = z.strictObject({
  /** Its snapshot, or its append-only file as a whole. */
  what: z.enum(["snapshot", "append-only"]),
});
type What = z.infer<typeof paramsSchema>["what"];

const POLL_MS = 100;
/** Below the longest that an action may take. */
const PATIENCE_MS = 50_000;

export const redisSave: Action<z.infer<typeof paramsSchema>> = {
  name: "redis-save",
  summary: "Lets Redis write its snapshot, or its append-only file anew, after that has failed",
  undoes: "nothing to take back: what it wrote is what it holds",
  class: "data",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: ({ what }, context) =>
    withRedis(context, async (door) => {
      const info = await door.info("persistence");
      return {
        state: {
          what,
          status: info[words[what].status] ?? null,
          lastSave: info["rdb_last_save_time"] ?? null,
        },
        files: [],
      };
    }),
  apply: ({ what }, _captured, context) =>
    withRedis(context, async (door) => {
      if ((await savedState(door, what)) === "ok") return "It is saved already.";
      await begin(door, what);
      const deadline = Date.now() + PATIENCE_MS;
      while ((await savedState(door, what)) === "under way") {
        if (Date.now() > deadline) return `It still writes its ${what} file.`;
        await systemClock.sleep(POLL_MS, context.signal);
      }
      if ((await savedState(door, what)) === "ok") return `Wrote its ${what} file.`;
      throw new HealError(`Redis could not write its ${what} file again`, {
        code: "not-saved",
        hint: "its log tells why: look at the folder, the disk and the rights of its user",
      });
    }),
  verify: ({ what }, _captured, context) =>
    withRedis(context, async (door) => {
      const state = await savedState(door, what);
      return { ok: state === "ok", text: `Its ${what} file: ${state}.` };
    }),
  undo: async () => "There is nothing to take back: what it wrote is what it holds.",
  verifyUndo: async () => ({ ok: true, text: "It holds what it held." }),
};

const words = {
  snapshot: {
    status: "rdb_last_bgsave_status",
    running: ["rdb_bgsave_in_progress"],
    command: ["BGSAVE", "SCHEDULE"],
  },
  "append-only": {
    status: "aof_last_bgrewrite_status",
    running: ["aof_rewrite_in_progress", "aof_rewrite_scheduled"],
    command: ["BGREWRITEAOF"],
  },
} as const satisfies Record<What, unknown>;

async function savedState(door: RedisDoor, what: What): Promise<"ok" | "failed" | "under way"> {
  const info = await door.info("persistence");
  if (words[what].running.some((name) => info[name] === "1")) return "under way";
  return info[words[what].status] === "ok" ? "ok" : "failed";
}

async function begin(door: RedisDoor, what: What): Promise<void> {
  const [command, ...more] = words[what].command;
  await door.ask(command, ...more).catch((error: unknown) => {
    // Somebody else asked meanwhile: that one is waited for.
    if (!(error instanceof HealError && /already in progress/.test(error.message))) throw error;
  });
}
