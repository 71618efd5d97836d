// redis-set-config: one setting of a running Redis. In force until Redis starts again.
import { z } from "zod";
import { runningSetting } from "../running-setting.ts";
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
