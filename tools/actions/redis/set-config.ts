// redis-set-config: one setting of a running Redis. In force until Redis starts again.
import { z } from "zod";
import { runningSetting } from "../running-setting.ts";
import { mayEvict } from "../../../domain/database.ts";
import { keySpaces } from "../../redis-look.ts";
import { type RedisDoor, redisOf, withRedis } from "./connection.ts";
import { nameOf, type RedisSetting, redisSettings, settingProblem, valueIn, valueToSet } from "./settings.ts";

const valueSchema = z.string().regex(/^[a-z0-9 -]{1,60}$/);

export const redisSetConfig = runningSetting<RedisDoor, RedisSetting>({
  name: "redis-set-config",
  summary: "Changes one setting of a running Redis, within bounds, and leaves its file alone",
  server: "Redis",
  params: z.strictObject({ setting: z.enum(redisSettings), from: valueSchema, to: valueSchema }),
  withDoor: withRedis,
  async read(door, setting) {
    const [, answer] = (await door.ask("CONFIG GET", nameOf(setting))) as string[];
    return valueIn(setting, answer);
  },
  write: (door, setting, value) => door.ask("CONFIG SET", nameOf(setting), valueToSet(setting, value)),
  runOf: async (door) => (await door.info("server"))["run_id"] ?? "",
  afterUndo: (setting, door) => (setting === "maxmemory" ? standsAbove(door) : Promise.resolve(undefined)),
  async problem({ setting, from, to }, door, context) {
    const memory = setting === "maxmemory" ? await door.info("memory") : {};
    const use = setting === "maxmemory" ? await context.target?.use(context.signal) : undefined;
    return settingProblem(
      setting,
      { from, to },
      {
        database: redisOf(context),
        machineBytes: Number(memory["total_system_memory"]) || undefined,
        containerBytes: use?.memoryLimitBytes,
      },
    );
  },
});

/** It was filled while it had more: nothing that it holds is taken away by us. */
async function standsAbove(door: RedisDoor): Promise<string | undefined> {
  const info = { ...(await door.info("memory")), ...(await door.info("keyspace")) };
  const [used, limit] = [Number(info["used_memory"]), Number(info["maxmemory"])];
  if (!(limit > 0 && used > limit)) return undefined;
  const expiring = keySpaces(info).reduce((sum, one) => sum + one.expiring, 0);
  const then =
    mayEvict(info["maxmemory_policy"], expiring) === true
      ? `it evicts keys by ${info["maxmemory_policy"]} until it fits`
      : "it refuses writes until keys are removed or it gets more";
  return `It holds more than that now, ${inMb(used)} of ${inMb(limit)}: it was filled meanwhile, and ${then}.`;
}

function inMb(bytes: number): string {
  return `${(bytes / 1024 ** 2).toFixed(1)} MB`;
}
