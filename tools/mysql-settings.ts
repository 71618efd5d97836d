// Settings of MySQL and MariaDB that are known to hurt. Only what is wrong for every server.
import { type BadSetting, badSettingsOf, type SettingRule } from "./bad-setting.ts";

const rules: readonly SettingRule[] = [
  {
    setting: "innodb_flush_log_at_trx_commit",
    isBad: (value) => value === "0",
    harm: "a crash of the server loses what was committed in the last second",
    better: "1",
    grave: true,
  },
  {
    setting: "innodb_doublewrite",
    isBad: (value) => /^(?:0|OFF)$/i.test(value),
    harm: "a crash in the middle of a write can destroy pages",
    better: "ON",
    grave: true,
  },
  {
    setting: "innodb_checksum_algorithm",
    isBad: (value) => value === "none",
    harm: "damaged pages are not noticed",
    better: "crc32",
    grave: true,
  },
  {
    setting: "innodb_lock_wait_timeout",
    isBad: (value) => Number(value) >= 600,
    harm: "who waits for a row waits for minutes and holds a connection",
    better: "50",
    grave: false,
  },
];

/** `settings` as SHOW GLOBAL VARIABLES has them. */
export function badMysqlSettings(settings: Readonly<Record<string, string>>): BadSetting[] {
  return badSettingsOf(rules, settings, (setting, better) =>
    setting === "innodb_doublewrite"
      ? `${setting} = ${better} in the configuration file, and a restart`
      : `SET GLOBAL ${setting} = ${better}; and the same in the configuration file`,
  );
}
