// What goes to the replicas is done on their primary: a replica that changes its tables by itself differs from it. And a
// replica shows what its primary did a while ago: what it has not applied yet comes when it is promoted.
import { HealError } from "../../../domain/errors.ts";
import type { ActionContext } from "../../action.ts";
import { replicaStatusSql, runsIn } from "../../mysql-replication.ts";
import { type Row, textIn } from "../../row-values.ts";
import { beyondLimit } from "../checked.ts";
import { type MysqlDoor, withMysql } from "./connection.ts";

/** A replica gets its tables and indexes from its primary. HealError "limit-exceeded". */
export async function checkPrimary(door: MysqlDoor): Promise<void> {
  const why = await whyReplica(door);
  if (why !== undefined)
    throw beyondLimit(`${why}: a replica gets such a change from its primary`, "make it there");
}

/** For what was begun on a primary. HealError "database-read-only" (retryable): it may be promoted in a moment. */
export function withPrimary<T>(context: ActionContext, work: (door: MysqlDoor) => Promise<T>): Promise<T> {
  return withMysql(context, async (door) => {
    const why = await whyReplica(door);
    if (why === undefined) return work(door);
    throw new HealError(`${why}: a replica gets such a change from its primary`, {
      code: "database-read-only",
      retryable: true,
      hint: "let mysql.url of the service name the primary, or the address that moves to whoever is it",
    });
  });
}

/**
 * undefined: it is none, as far as this user may see. Not each replica is read only, and one that applies what it hears
 * stops at what it has by itself already. Of two that follow each other a person chooses one.
 */
async function whyReplica(door: MysqlDoor): Promise<string | undefined> {
  if (await isReadOnly(door)) return "the server is read only";
  const followed = await door.ask(replicaStatusSql(door.mariadb)).catch(unseenOnly);
  return followed.some(applies) ? "the server applies what another one changes" : undefined;
}

/** The channels of MySQL's group replication run on its primary, too; its other members are read only. */
function applies(row: Row): boolean {
  return runsIn(row, "SQL") && !textIn(row, "Channel_Name")?.startsWith("group_replication_");
}

/** REPLICA MONITOR, REPLICATION CLIENT: a user without it sees nobody. */
function unseenOnly(error: unknown): [] {
  if (error instanceof HealError && ["database-refused", "database-answer"].includes(error.code)) return [];
  throw error;
}

export async function isReadOnly(door: MysqlDoor): Promise<boolean> {
  // A number, or a word where it knows more than two answers (MariaDB 12).
  const [row] = await door.ask("select concat(@@global.read_only) in ('0', 'OFF') as writable");
  return Number(row?.["writable"]) !== 1;
}
