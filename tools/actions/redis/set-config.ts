// redis-set-config: one setting of a running Redis, from what the plan saw to what it wants. In force until Redis starts
// again: its file is never written.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { beyondLimit, stale, stateOf } from "../checked.ts";
import { type RedisDoor, redisOf, withRedis } from "./connection.ts";
import { nameOf, type RedisSetting, redisSettings, settingProblem, valueIn, valueToSet } from "./settings.ts";

const valueSchema = z.string().regex(/^[a-z0-9 -]{1,60}$/);
const paramsSchema = z.strictObject({ setting: z.enum(redisSettings), from: valueSchema, to: valueSchema });
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({ setting: z.string(), value: z.string() });

export const redisSetConfig: Action<Params> = {
  name: "redis-set-config",
  summary: "Changes one setting of a running Redis, within bounds, and leaves its file alone",
  undoes: "sets the value that was captured before",
  class: "configuration",
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withRedis(context, async (door) => {
      const value = await presentValue(door, params.setting);
      if (value !== params.from && value !== params.to) throw otherValue(params, value);
      await assertWithin(params, door, context);
      return { state: { setting: params.setting, value }, files: [] };
    }),
  apply: (params, captured, context) =>
    withRedis(context, async (door) => {
      const value = await presentValue(door, params.setting);
      if (value === params.to) return `${params.setting} is ${value} already.`;
      if (value !== before(captured)) throw otherValue(params, value);
      await assertWithin(params, door, context);
      await door.ask("CONFIG SET", nameOf(params.setting), valueToSet(params.setting, params.to));
      return `Changed ${params.setting} from ${value} to ${params.to}, until Redis starts again.`;
    }),
  verify: (params, _captured, context) => compare(params.setting, params.to, context),
  undo: (params, captured, context) =>
    withRedis(context, async (door) => {
      const old = before(captured);
      const value = await presentValue(door, params.setting);
      if (value === old) return `${params.setting} is as it was.`;
      if (value !== params.to) {
        throw new HealError(`${params.setting} was changed by someone else since: it is ${value}`, {
          code: "undo-conflict",
          hint: `decide by hand; it was ${old}`,
        });
      }
      await door.ask("CONFIG SET", nameOf(params.setting), valueToSet(params.setting, old));
      return `Set ${params.setting} back to ${old}.`;
    }),
  verifyUndo: (params, captured, context) => compare(params.setting, before(captured), context),
};

function before(captured: Captured): string {
  return stateOf(stateSchema, "redis-set-config", captured.state).value;
}

async function presentValue(door: RedisDoor, setting: RedisSetting): Promise<string> {
  const [, answer] = (await door.ask("CONFIG GET", nameOf(setting))) as string[];
  const value = valueIn(setting, answer);
  if (value !== undefined) return value;
  throw new HealError(`this Redis has no setting ${setting}`, { code: "database-answer" });
}

async function compare(setting: RedisSetting, wanted: string, context: ActionContext) {
  const value = await withRedis(context, (door) => presentValue(door, setting));
  return { ok: value === wanted, text: `${setting} is ${value}.` };
}

function otherValue({ setting, from }: Params, value: string): HealError {
  return stale(`${setting} is ${value}, not ${from} as the plan says`, "diagnose again: someone changed it");
}

async function assertWithin({ setting, from, to }: Params, door: RedisDoor, context: ActionContext) {
  const memory = setting === "maxmemory" ? await door.info("memory") : {};
  const use = setting === "maxmemory" ? await context.target?.use(context.signal) : undefined;
  const problem = settingProblem(
    setting,
    { from, to },
    {
      database: redisOf(context),
      machineBytes: Number(memory["total_system_memory"]) || undefined,
      containerBytes: use?.memoryLimitBytes,
    },
  );
  if (problem === undefined) return;
  throw beyondLimit(
    `${setting} of ${context.service.name} is not set to ${to}: ${problem}`,
    "decide by hand, or let the configuration allow it",
  );
}
