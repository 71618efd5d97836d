// mysql-set-setting: one setting of a running MySQL or MariaDB. In force for new sessions until the server starts again.
import { z } from "zod";
import { textIn } from "../../row-values.ts";
import { runningSetting } from "../running-setting.ts";
import { type MysqlDoor, mysqlOf, withMysql } from "./connection.ts";
import { type MysqlSetting, mysqlSettings, settingProblem } from "./settings.ts";

const valueSchema = z.string().regex(/^[A-Za-z0-9_]{1,40}$/);

export const mysqlSetSetting = runningSetting<MysqlDoor, MysqlSetting>({
  name: "mysql-set-setting",
  summary: "Changes one setting of a running MySQL or MariaDB, within bounds, and leaves its files alone",
  server: "the server",
  params: z.strictObject({ setting: z.enum(mysqlSettings), from: valueSchema, to: valueSchema }),
  withDoor: withMysql,
  async read(door, setting) {
    const [row] = await door.ask("show global variables where variable_name = ?", [setting]);
    return textIn(row, "Value");
  },
  /** A number must not be given as a text. */
  write: (door, setting, value) =>
    door.ask("set global ?? = ?", [setting, /^\d+$/.test(value) ? Number(value) : value]),
  async runOf({ ask, mariadb }) {
    const status = mariadb ? "information_schema.global_status" : "performance_schema.global_status";
    // Both are of the moment at which the statement began: the difference does not change while it runs.
    const [row] = await ask(
      `select concat_ws(' ', @@global.server_id, @@global.hostname, @@global.port, unix_timestamp() - variable_value) as run from ${status} where variable_name = 'Uptime'`,
    );
    return textIn(row, "run") ?? "";
  },
  problem: ({ setting, from, to }, _door, context) => settingProblem(setting, { from, to }, mysqlOf(context)),
});
