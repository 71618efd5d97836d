// Sessions of MySQL that lie unused, each known by its number, its address and since when it has said nothing: one that
// has worked in between is another one to us, and so is one that got its number anew.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import { mysqlAdministrators } from "../../mysql-administrators.ts";
import { idleForMs, neverEnded, parkedForMs } from "../../mysql-sessions.ts";
import { numberIn, textIn } from "../../row-values.ts";
import type { MysqlDatabase } from "../../../domain/service.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { MysqlDoor } from "./connection.ts";

export const sessionSchema = z.object({
  id: z.int(),
  role: z.string(),
  /** With the port. */
  host: z.string(),
  /** Since when it has said nothing, in seconds of the server's clock. */
  since: z.number(),
  /** Of its open transaction; null: it has none. */
  transactionBegan: z.string().nullable(),
});
export type UnusedSession = z.infer<typeof sessionSchema>;

const LOOK_MS = 20;
const MOST_LOOKS = 100;

const unusedSql = `
select p.id, p.user as role, p.host, unix_timestamp() - p.time as since, p.time as seconds,
  date_format(t.trx_started, '%Y-%m-%d %H:%i:%s') as began
from information_schema.processlist p left join information_schema.innodb_trx t on t.trx_mysql_thread_id = p.id
where p.command = 'Sleep' and p.id <> connection_id()`;

/** Ordinary sessions that sleep for longer than is harmless: in a transaction, or just so. HealError "database-refused". */
export async function unusedSessions(
  door: MysqlDoor,
  database: MysqlDatabase,
  parkedMs = parkedForMs,
): Promise<UnusedSession[]> {
  const administrators = await mysqlAdministrators(door);
  if (administrators === undefined) {
    throw new HealError("Who administers this MySQL cannot be seen, so nobody's session is ended", {
      code: "database-refused",
      hint: "opsmedic doctor prints the GRANT that is missing: SELECT on the database mysql",
    });
  }
  const never = neverEnded(administrators, database.protectRoles);
  const rows = await door.ask(unusedSql);
  return rows.flatMap((row) => {
    const began = textIn(row, "began") ?? null;
    const ms = (numberIn(row, "seconds") ?? 0) * 1_000;
    const role = textIn(row, "role") ?? "";
    if (never.has(role) || ms < (began === null ? idleForMs : parkedMs)) return [];
    return [
      {
        id: numberIn(row, "id") ?? 0,
        role,
        host: textIn(row, "host") ?? "",
        since: numberIn(row, "since") ?? 0,
        transactionBegan: began,
      },
    ];
  });
}

/** Those of the wanted ones that are still the very same, and unused. */
export async function stillUnused(
  door: MysqlDoor,
  wanted: readonly UnusedSession[],
  database: MysqlDatabase,
): Promise<UnusedSession[]> {
  const now = new Map((await unusedSessions(door, database)).map((one) => [one.id, one]));
  return wanted.filter((one) => {
    const found = now.get(one.id);
    return (
      found !== undefined &&
      found.role === one.role &&
      found.host === one.host &&
      found.transactionBegan === one.transactionBegan &&
      // The server counts whole seconds.
      Math.abs(found.since - one.since) <= 1
    );
  });
}

/** Ends each, looked at right before it. The number of those that were ended. */
export async function endSessions(
  door: MysqlDoor,
  wanted: readonly UnusedSession[],
  database: MysqlDatabase,
): Promise<number> {
  const ended: number[] = [];
  for (const one of wanted) {
    if ((await stillUnused(door, [one], database)).length === 0) continue;
    await door.ask("kill connection ?", [one.id]);
    ended.push(one.id);
  }
  await untilGone(door, ended);
  return ended.length;
}

/** A session ends at its next look for such an order, and gives its place and its locks back then. */
async function untilGone(door: MysqlDoor, ids: readonly number[]): Promise<void> {
  if (ids.length === 0) return;
  for (let looks = 0; looks < MOST_LOOKS; looks += 1) {
    const left = await door.ask("select id from information_schema.processlist where id in (?)", [ids]);
    if (left.length === 0) return;
    await systemClock.sleep(LOOK_MS);
  }
}
