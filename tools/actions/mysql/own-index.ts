// An index of MySQL that opsmedic makes: whether it is there and as it was made, and how it is made and dropped while the
// table is in use. Who was killed over it may have left the server at work.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import { systemClock } from "../../../domain/system-clock.ts";
import type { ActionContext } from "../../action.ts";
import { numberIn, type Row, textIn } from "../../row-values.ts";
import { indexName, type OwnIndex } from "../own-index.ts";
import type { MysqlDoor } from "./connection.ts";
import type { IndexPlace } from "./index-checks.ts";
import { withPrimary } from "./primary.ts";

/** A dot would be read as the end of the table's name. */
export const indexNameSchema = z.string().regex(/^[^.]{1,64}$/);
export const ownIndexParams = z.strictObject({
  /** "database.table" */
  table: z.string().regex(/^[^.]{1,64}\.[^.]{1,64}$/),
  column: indexNameSchema,
});

export const INDEX_LIMIT_MS = 20 * 60_000;
/** The server gives up before we do, so that nothing of ours goes on without us. */
const MAKING_S = 15 * 60;
const LOOK_MS = 200;

type Ask = (sql: string, values: readonly unknown[]) => Promise<Row[]>;

export function placeOf({ table, column }: OwnIndex): IndexPlace {
  const [schema = "", name = ""] = table.split(".");
  return { schema, table: name, column };
}

export async function makeIndex(
  door: MysqlDoor,
  { schema, table, column }: IndexPlace,
  index: string,
  context: ActionContext,
): Promise<void> {
  if (door.mariadb) await door.ask("set session max_statement_time = ?", [MAKING_S]);
  try {
    await door.ask(
      "alter table ?? add index ?? (??), algorithm = inplace, lock = none",
      [`${schema}.${table}`, index, column],
      MAKING_S * 1_000,
    );
  } catch (error) {
    // Where we stop waiting, the server goes on: it is told to stop too. MySQL has no limit of its own for this.
    const signal = AbortSignal.timeout(10_000);
    await withPrimary({ ...context, signal }, (other) =>
      endMaking(other, index, { ...context, signal }),
    ).catch(
      () => undefined, // the first error is the one to tell
    );
    throw error;
  }
  if (door.mariadb) await door.ask("set session max_statement_time = 0");
}

export async function dropIndex(
  door: MysqlDoor,
  { schema, table }: IndexPlace,
  index: string,
): Promise<void> {
  await door.ask(
    "alter table ?? drop index ??, algorithm = inplace, lock = none",
    [`${schema}.${table}`, index],
    60_000,
  );
}

/** HealError "undo-conflict": one of that name on another column is not ours. */
export async function hasIndex(
  door: MysqlDoor,
  { schema, table, column }: IndexPlace,
  index: string,
): Promise<boolean> {
  const rows = await door.ask(
    "select column_name as name from information_schema.statistics where table_schema = ? and table_name = ? and index_name = ?",
    [schema, table, index],
  );
  if (rows.length === 0) return false;
  if (rows.length === 1 && textIn(rows[0], "name")?.toLowerCase() === column.toLowerCase()) return true;
  throw new HealError(`${index} on ${table} is something else, which is not touched`, {
    code: "undo-conflict",
  });
}

/** Sessions that make our index just now, or drop it: its name is in their statement, and in nobody else's. */
async function workers(
  door: MysqlDoor,
  what: "add" | "drop",
  index: string,
  { butReplication = false } = {},
): Promise<number[]> {
  const rows = await door.ask(
    "select id from information_schema.processlist where id <> connection_id() and command <> 'Sleep' and info like ? and not (? and user = 'system user')",
    [`alter table%${what} index%${index}%`, butReplication],
  );
  return rows.map((one) => numberIn(one, "id") ?? 0);
}

export async function isBeingMade(door: MysqlDoor, index: string): Promise<boolean> {
  return (await workers(door, "add", index)).length > 0;
}

/** Until nobody makes or drops it: a killed one's statement goes on without it. */
export async function untilSettled(
  door: MysqlDoor,
  index: string,
  { signal }: Pick<ActionContext, "signal">,
): Promise<void> {
  while ((await isBeingMade(door, index)) || (await workers(door, "drop", index)).length > 0)
    await systemClock.sleep(LOOK_MS, signal);
}

/** Never of a replication thread, which repeats what its primary did: to end that one would stop the replica. */
export async function endMaking(
  door: MysqlDoor,
  index: string,
  { signal }: Pick<ActionContext, "signal">,
): Promise<void> {
  const makers = () => workers(door, "add", index, { butReplication: true });
  for (let ids = await makers(); ids.length > 0; ids = await makers()) {
    for (const id of ids) await door.ask("kill connection ?", [id]).catch(() => undefined); // it may have ended meanwhile
    await systemClock.sleep(LOOK_MS, signal);
  }
}

/** Undoes a dropping, or the taking back of a making. */
export async function madeAgain(
  door: MysqlDoor,
  own: OwnIndex,
  index: string,
  context: ActionContext,
): Promise<string> {
  await untilSettled(door, index, context);
  if (await hasIndex(door, placeOf(own), index)) return `The index ${index} is there.`;
  await makeIndex(door, placeOf(own), index, context);
  return `Made the index ${index} again.`;
}

/** All that the server tells of it: MySQL and MariaDB have columns of their own (IS_VISIBLE, EXPRESSION; IGNORED). */
const asMadeSql =
  "select * from information_schema.statistics where table_schema = ? and table_name = ? and index_name = ?";

/** A foreign key on either of its ends needs an index, and takes the one that is there. */
const keysSql = `
select count(*) as foreign_keys from information_schema.key_column_usage where referenced_table_name is not null
  and ((table_schema = ? and table_name = ? and column_name = ?)
    or (referenced_table_schema = ? and referenced_table_name = ? and referenced_column_name = ?))`;

/** A statement that names it (FORCE INDEX) would fail without it. */
const namedSql = `
select count(*) as statements from performance_schema.events_statements_summary_by_digest
where digest_text regexp '^[(]?(SELECT|INSERT|UPDATE|DELETE|REPLACE|WITH) ' and instr(digest_text, concat('\`', ?, '\`')) > 0
  and digest_text not regexp '(information_schema|performance_schema)\`? [.]'`;

/**
 * Why an index under the name of ours may not be dropped, in words: a person has altered it or relies on it, or it is not
 * there. undefined: it is as it was made, and nothing is known to rely on it.
 */
export async function whyKept(ask: Ask, own: OwnIndex): Promise<string | undefined> {
  const index = indexName(own);
  const { schema, table, column } = placeOf(own);
  const parts = (await ask(asMadeSql, [schema, table, index])).map(inSmallLetters);
  const [part] = parts;
  if (part === undefined) return `there is no index ${index} on ${own.table}`;
  if ((textIn(part, "index_comment") ?? "") !== "") return `somebody has commented on the index ${index}`;
  const asMade =
    parts.length === 1 &&
    textIn(part, "column_name")?.toLowerCase() === column.toLowerCase() &&
    Number(part["non_unique"]) === 1 &&
    part["index_type"] === "BTREE" &&
    part["collation"] === "A" &&
    part["sub_part"] === null &&
    (part["expression"] ?? null) === null &&
    (part["is_visible"] ?? "YES") === "YES" &&
    (part["ignored"] ?? "NO") === "NO";
  if (!asMade) return `the index ${index} is not as opsmedic made it`;
  const [keys] = await ask(keysSql, [schema, table, column, schema, table, column]);
  if ((numberIn(keys, "foreign_keys") ?? 0) > 0) return `a foreign key relies on the index ${index}`;
  // Where statements are not counted, nobody can tell.
  const [named] = await ask(namedSql, [index]).catch((): Row[] => []);
  return (numberIn(named, "statements") ?? 0) > 0 ? `a statement names the index ${index}` : undefined;
}

function inSmallLetters(row: Row): Row {
  return Object.fromEntries(Object.entries(row).map(([name, value]) => [name.toLowerCase(), value]));
}
