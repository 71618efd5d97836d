// What goes to the replicas is done on their primary: a replica that changes its tables by itself differs from it. And a
// replica shows what its primary did a while ago: what it has not applied yet comes when it is promoted.
import { HealError } from "../../../domain/errors.ts";
import type { ActionContext } from "../../action.ts";
import { beyondLimit } from "../checked.ts";
import { type MysqlDoor, withMysql } from "./connection.ts";

/** A replica gets its tables and indexes from its primary. HealError "limit-exceeded". */
export async function checkPrimary(door: MysqlDoor): Promise<void> {
  if (await isReadOnly(door))
    throw beyondLimit(
      "the server is read only: a replica gets such a change from its primary",
      "make it there",
    );
}

/** For what was begun on a primary. HealError "database-read-only" (retryable): it may be promoted in a moment. */
export function withPrimary<T>(context: ActionContext, work: (door: MysqlDoor) => Promise<T>): Promise<T> {
  return withMysql(context, async (door) => {
    if (!(await isReadOnly(door))) return work(door);
    throw new HealError(
      "the server is read only, as a replica is, which gets such a change from its primary",
      {
        code: "database-read-only",
        retryable: true,
        hint: "let mysql.url of the service name the primary, or the address that moves to whoever is it",
      },
    );
  });
}

export async function isReadOnly(door: MysqlDoor): Promise<boolean> {
  // A number, or a word where it knows more than two answers (MariaDB 12).
  const [row] = await door.ask("select concat(@@global.read_only) in ('0', 'OFF') as writable");
  return Number(row?.["writable"]) !== 1;
}
