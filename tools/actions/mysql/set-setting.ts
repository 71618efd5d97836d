// mysql-set-setting: one setting of a running MySQL or MariaDB, from what the plan saw to what it wants. In force for new
// sessions until the server starts again: no file is written.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, ActionContext, Captured } from "../../action.ts";
import { textIn } from "../../row-values.ts";
import { beyondLimit, stale, stateOf } from "../checked.ts";
import { type MysqlDoor, mysqlOf, withMysql } from "./connection.ts";
import { type MysqlSetting, mysqlSettings, settingProblem } from "./settings.ts";

const valueSchema = z.string().regex(/^[A-Za-z0-9_]{1,40}$/);
const paramsSchema = z.strictObject({ setting: z.enum(mysqlSettings), from: valueSchema, to: valueSchema });
type Params = z.infer<typeof paramsSchema>;
const stateSchema = z.object({ setting: z.string(), value: valueSchema });

export const mysqlSetSetting: Action<Params> = {
  name: "mysql-set-setting",
  summary: "Changes one setting of a running MySQL or MariaDB, within bounds, and leaves its files alone",
  undoes: "sets the value that was captured before",
  class: "configuration",
  effect: "reversible",
  risk: "medium",
  params: paramsSchema,
  downtimeMs: () => 0,

  capture: (params, context) =>
    withMysql(context, async (door) => {
      const value = await presentValue(door, params.setting);
      if (value !== params.from && value !== params.to) throw otherValue(params, value);
      assertWithin(params, context);
      return { state: { setting: params.setting, value }, files: [] };
    }),
  apply: (params, captured, context) =>
    withMysql(context, async (door) => {
      const value = await presentValue(door, params.setting);
      if (value === params.to) return `${params.setting} is ${value} already.`;
      if (value !== before(captured)) throw otherValue(params, value);
      assertWithin(params, context);
      await set(door, params.setting, params.to);
      return `Changed ${params.setting} from ${value} to ${params.to}, until the server starts again.`;
    }),
  verify: (params, _captured, context) => compare(params.setting, params.to, context),
  undo: (params, captured, context) =>
    withMysql(context, async (door) => {
      const old = before(captured);
      const value = await presentValue(door, params.setting);
      if (value === old) return `${params.setting} is as it was.`;
      if (value !== params.to) {
        throw new HealError(`${params.setting} was changed by someone else since: it is ${value}`, {
          code: "undo-conflict",
          hint: `decide by hand; it was ${old}`,
        });
      }
      await set(door, params.setting, old);
      return `Set ${params.setting} back to ${old}.`;
    }),
  verifyUndo: (params, captured, context) => compare(params.setting, before(captured), context),
};

function before(captured: Captured): string {
  return stateOf(stateSchema, "mysql-set-setting", captured.state).value;
}

async function presentValue(door: MysqlDoor, setting: MysqlSetting): Promise<string> {
  const [row] = await door.ask("show global variables where variable_name = ?", [setting]);
  const value = textIn(row, "Value");
  if (value !== undefined) return value;
  throw new HealError(`this server has no setting ${setting}`, { code: "database-answer" });
}

/** A number must not be given as a text. */
async function set(door: MysqlDoor, setting: MysqlSetting, value: string): Promise<void> {
  await door.ask("set global ?? = ?", [setting, /^\d+$/.test(value) ? Number(value) : value]);
}

async function compare(setting: MysqlSetting, wanted: string, context: ActionContext) {
  const value = await withMysql(context, (door) => presentValue(door, setting));
  return { ok: value === wanted, text: `${setting} is ${value}.` };
}

function otherValue({ setting, from }: Params, value: string): HealError {
  return stale(`${setting} is ${value}, not ${from} as the plan says`, "diagnose again: someone changed it");
}

function assertWithin({ setting, from, to }: Params, context: ActionContext): void {
  const problem = settingProblem(setting, { from, to }, mysqlOf(context));
  if (problem === undefined) return;
  throw beyondLimit(
    `${setting} of ${context.service.name} is not set to ${to}: ${problem}`,
    "decide by hand, or let the configuration allow it",
  );
}
