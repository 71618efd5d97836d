// Takes away again what was made of a kept shape, as long as nobody has used it. Whether it was used is looked at under a
// lock, which ends with our connection: nobody can write between the look and the drop.
import { HealError } from "../../../domain/errors.ts";
import type { MysqlColumn } from "../../mysql-shapes.ts";
import type { MysqlDoor } from "./connection.ts";
import {
  hasShape,
  isPlainTable,
  isTable,
  isThere,
  isUsed,
  type KeptObject,
  ownName,
  placeOf,
  referrersOf,
} from "./kept-object.ts";

const DROP_MS = 60_000;

/** Why it stays, in words; undefined: nobody has used it, so that it may go. */
export async function whyItStays(door: MysqlDoor, object: KeptObject): Promise<string | undefined> {
  if (!(await isPlainTable(door, object.shape))) return "is no table any more";
  if (await isUsed(door, object)) return "has been written into";
  if (object.column !== null) return undefined;
  if (!(await hasShape(door, placeOf(object.shape), object.shape))) return "has been changed since";
  const referrers = await referrersOf(door, object.shape);
  const since = referrers.find((one) => !object.referrers.includes(one));
  return since === undefined ? undefined : `is referred to by ${since} since`;
}

/** What became of it. HealError "lock-not-given" (retryable), "undo-conflict" (what has our name is not ours). */
export async function takeAway(door: MysqlDoor, object: KeptObject, spoken: string): Promise<string> {
  if (object.column === null) await dropOwn(door, ownName(object));
  if (!(await isThere(door, object))) return `${spoken} is not there`;
  const early = await whyItStays(door, object);
  if (early !== undefined) return `${spoken} ${early}, and stays`;
  const place = placeOf(object.shape);
  // As it was made: what points at nothing did so before.
  if (object.referrers.length > 0) await door.ask("set session foreign_key_checks = 0");
  await door.ask("lock tables ?? write", [place]);
  try {
    const why = await whyItStays(door, object);
    if (why !== undefined) return `${spoken} ${why}, and stays`;
    if (object.column === null) await door.ask("drop table ??", [place]);
    else await dropColumn(door, place, object.column);
    return `dropped ${spoken} again`;
  } finally {
    await door.ask("unlock tables").catch(() => undefined); // the end of the connection does the same
  }
}

async function dropColumn({ ask }: MysqlDoor, place: string, { name }: MysqlColumn): Promise<void> {
  await ask("alter table ?? drop column ??", [place, name], DROP_MS);
}

/** What was made under our name and did not get its own. */
export async function dropOwn(door: MysqlDoor, own: string): Promise<void> {
  if (!(await isTable(door, own))) return;
  if ((await door.ask("select 1 from ?? limit 1", [own])).length > 0)
    throw new HealError(`somebody has written into ${own}, which is not dropped`, { code: "undo-conflict" });
  await door.ask("drop table if exists ??", [own]);
}
