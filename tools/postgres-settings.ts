// Settings of PostgreSQL that are known to hurt. Only what is wrong for every server: taste and tuning are not judged.
import { type BadSetting, badSettingsOf, type SettingRule } from "./bad-setting.ts";

const isOff = (value: string): boolean => value === "off";

const rules: readonly SettingRule[] = [
  {
    setting: "fsync",
    isBad: isOff,
    harm: "a crash of the machine can destroy the whole cluster",
    better: "on",
    grave: true,
  },
  {
    setting: "full_page_writes",
    isBad: isOff,
    harm: "a crash in the middle of a write can destroy pages",
    better: "on",
    grave: true,
  },
  {
    setting: "autovacuum",
    isBad: isOff,
    harm: "tables bloat, statistics age, and transaction ids run out",
    better: "on",
    grave: true,
  },
  {
    setting: "track_counts",
    isBad: isOff,
    harm: "autovacuum does not know what to do",
    better: "on",
    grave: true,
  },
  {
    setting: "zero_damaged_pages",
    isBad: (value) => value === "on",
    harm: "damaged pages are emptied without a word",
    better: "off",
    grave: true,
  },
  {
    setting: "enable_indexscan",
    isBad: isOff,
    harm: "no plan uses an index scan",
    better: "on",
    grave: false,
  },
  {
    setting: "statement_timeout",
    isBad: (value) => Number(value) > 0 && Number(value) < 1_000,
    harm: "every statement of more than a moment is ended",
    better: "0",
    grave: false,
  },
];

/** `settings` as pg_settings has them. */
export function badPostgresSettings(settings: Readonly<Record<string, string>>): BadSetting[] {
  return badSettingsOf(
    rules,
    settings,
    (setting, better) => `ALTER SYSTEM SET ${setting} = '${better}'; SELECT pg_reload_conf();`,
  );
}
