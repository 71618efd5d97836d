// A setting of PostgreSQL as it is in force, where it comes from, and what ALTER SYSTEM had set.
import { HealError } from "../../../domain/errors.ts";
import { textIn } from "../../row-values.ts";
import type { Ask } from "./unused-sessions.ts";

/** ALTER SYSTEM overrides these; a command line, a database's or a role's own setting overrides it. */
export const settableSources = ["default", "configuration file"];

export interface PresentSetting {
  value: string;
  source: string;
  pendingRestart: boolean;
  /** What ALTER SYSTEM has set, in effect or not; null: nothing. */
  altered: string | null;
  /** It was read from the server's files; else it is what is in force, and what waits for a reload was not seen. */
  filesSeen: boolean;
  /** What is in force is what ALTER SYSTEM has set. */
  inAutoFile: boolean;
}

/** Our own limits are settings too: each is looked at as it would be without them. */
const LIMITS = ["statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout"];

const sql = `
select setting, source, pending_restart, coalesce(sourcefile like '%postgresql.auto.conf', false) as altered,
  has_table_privilege('pg_file_settings', 'select') and has_function_privilege('pg_show_all_file_settings()', 'execute') as files
from pg_settings where name = $1`;

const fileSql = `
select setting from pg_file_settings where name = $1 and sourcefile like '%postgresql.auto.conf' order by seqno desc limit 1`;

/** Who may not read the server's files learns from the value in effect what ALTER SYSTEM set. */
export async function presentSetting(ask: Ask, setting: string): Promise<PresentSetting> {
  if (LIMITS.includes(setting)) await ask(`reset ${setting}`, []);
  const [row] = await ask(sql, [setting]);
  const value = textIn(row ?? {}, "setting");
  if (row === undefined || value === undefined) {
    throw new HealError(`this server has no setting ${setting}, or its role may not see it`, {
      code: "setting-unknown",
    });
  }
  const filesSeen = row["files"] === true;
  const [line] = filesSeen ? await ask(fileSql, [setting]) : [];
  const altered = filesSeen ? textIn(line, "setting") : row["altered"] === true ? value : undefined;
  return {
    value,
    source: textIn(row, "source") ?? "",
    pendingRestart: row["pending_restart"] === true,
    altered: altered ?? null,
    filesSeen,
    inAutoFile: row["altered"] === true,
  };
}
