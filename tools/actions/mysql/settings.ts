// The settings of MySQL and MariaDB that a repair may move while the server runs, each with its own bounds. What is not
// here is left alone.
import type { MysqlDatabase } from "../../../domain/service.ts";

export const mysqlSettings = [
  "max_connections",
  "wait_timeout",
  "innodb_lock_wait_timeout",
  "innodb_flush_log_at_trx_commit",
  "innodb_checksum_algorithm",
  "event_scheduler",
] as const;
export type MysqlSetting = (typeof mysqlSettings)[number];

export interface SettingChange {
  from: string;
  to: string;
}

const LARGEST_STEP = 2;
/** A pool of connections rests for longer than this now and then. */
const SHORTEST_WAIT_S = 600;

/** Why this change is not made; undefined: it is within its bounds. */
export function settingProblem(
  setting: MysqlSetting,
  change: SettingChange,
  database: Pick<MysqlDatabase, "maxConnections">,
): string | undefined {
  const { from, to } = change;
  switch (setting) {
    case "max_connections":
      return raiseProblem(change, database.maxConnections);
    case "wait_timeout":
      return isBetween(to, SHORTEST_WAIT_S, Number(from) - 1)
        ? undefined
        : `it is only made shorter, to ${SHORTEST_WAIT_S} s at least`;
    case "innodb_lock_wait_timeout":
      return isBetween(to, 50, Number(from) - 1) ? undefined : "it is only made shorter, to 50 s at least";
    case "innodb_flush_log_at_trx_commit":
      return to === "1" ? undefined : "it is only made safe: 1";
    case "innodb_checksum_algorithm":
      return to === "crc32" ? undefined : "it is only made safe: crc32";
    case "event_scheduler":
      // DISABLED can only be changed by a restart.
      return from === "OFF" && to === "ON" ? undefined : "it is only switched on";
  }
}

function raiseProblem({ from, to }: SettingChange, most: number | undefined): string | undefined {
  if (most === undefined) return "the owner allows no more connections (mysql.maxConnections)";
  if (!isBetween(to, Number(from) + 1, most)) return `it is only raised, and the owner allows ${most}`;
  return Number(to) > Number(from) * LARGEST_STEP
    ? `from ${from} to ${to} is more than a factor of ${LARGEST_STEP}`
    : undefined;
}

function isBetween(text: string, least: number, most: number): boolean {
  return /^\d{1,10}$/.test(text) && Number(text) >= least && Number(text) <= most;
}
