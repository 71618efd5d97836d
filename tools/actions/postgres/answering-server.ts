// Which server answers at an address: after a failover it is another one, with the same data, but with settings of its own.
import { z } from "zod";
import { textIn } from "../../row-values.ts";
import type { Ask } from "./unused-sessions.ts";

export const serverSchema = z.object({
  /** Of the data, so of a primary and its standbys alike. */
  system: z.string(),
  /** Each promotion begins a new one; null: a standby, which has none of its own. */
  timeline: z.string().nullable(),
  /** Of this run. */
  startedAt: z.string(),
  /** Its own address and port. */
  place: z.string(),
});
export type AnsweringServer = z.infer<typeof serverSchema>;

const sql = `
select (pg_control_system()).system_identifier::text as system, extract(epoch from pg_postmaster_start_time())::text as started,
  case when pg_is_in_recovery() then null else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end as timeline,
  coalesce(host(inet_server_addr()) || ':' || inet_server_port(), '') as place`;

export async function answeringServer(ask: Ask): Promise<AnsweringServer> {
  const [row] = await ask(sql, []);
  return {
    system: textIn(row, "system") ?? "",
    timeline: textIn(row, "timeline") ?? null,
    startedAt: textIn(row, "started") ?? "",
    place: textIn(row, "place") ?? "",
  };
}

/**
 * The same run is the same server, promoted meanwhile or not. One that was started again is known by its timeline,
 * wherever it runs now: its files are the same ones. Of standbys only the address tells.
 */
export function isSameServer(one: AnsweringServer, other: AnsweringServer): boolean {
  if (one.system !== other.system) return false;
  if (one.startedAt === other.startedAt) return true;
  return one.timeline === other.timeline && (one.timeline !== null || one.place === other.place);
}
