// mysql-write-again: after there is room again, sees that the server writes: a table of a megabyte in a database of our own,
// which is dropped again. A server that ended for want of room is waited for: it recovers first.
import { z } from "zod";
import { HealError } from "../../../domain/errors.ts";
import type { Action, ActionContext } from "../../action.ts";
import { numberIn, textIn } from "../../row-values.ts";
import { replicaStatusSql } from "../../mysql-replication.ts";
import { ROOM, roomRights, rightsLacking } from "../../mysql-rights.ts";
import { stateOf } from "../checked.ts";
import { onceItAnswers, RECOVERY_LIMIT_MS, silent } from "../recovering-server.ts";
import { type MysqlDoor, withMysql } from "./connection.ts";
import { isReadOnly } from "./primary.ts";
import { roomOfData } from "./room.ts";

const paramsSchema = z.strictObject({});
/** How far its redo log was; null: it did not answer, or does not tell. */
const stateSchema = z.object({ position: z.number().nullable() });

const NAME = "mysql-write-again";
const TABLE = `${ROOM}.filling`;
/** InnoDB makes a table's file with room for some pages, so that only more than these makes it grow. */
const ROWS = 16;
const ROW_BYTES = 65_000;
/** Free before anything is tried, where it would grow by a megabyte or two. */
const LEAST_ROOM = 8 * 1024 ** 2;
/** It goes through the log, of which a server that nobody uses writes next to nothing. */
const LEAST_WRITTEN = (ROWS * ROW_BYTES) / 2;
const FILL_MS = 30_000;

export const mysqlWriteAgain: Action<z.infer<typeof paramsSchema>> = {
  name: NAME,
  summary:
    "Sees that the server writes again after there is room: a table of a megabyte of our own, dropped again",
  undoes: "nothing to put back: what it wrote is dropped",
  class: "data",
  effect: "repeatable",
  risk: "low",
  params: paramsSchema,
  limitMs: RECOVERY_LIMIT_MS,
  downtimeMs: () => 0,

  capture: async (_params, context) => {
    const position = await withMysql(context, positionOf).catch(silent);
    return { state: { position: position ?? null }, files: [] };
  },
  async apply(_params, _captured, context) {
    return onceItAnswers(
      (answered) =>
        withMysql(context, (door) => {
          answered();
          return written(door, context);
        }),
      context.signal,
    );
  },
  verify: (_params, captured, context) =>
    withMysql(context, async (door) => {
      const why = await whyNot(door);
      if (why !== undefined) return { ok: true, text: `whether it writes was not tried: ${why}` };
      const [before, now] = [stateOf(stateSchema, NAME, captured.state).position, await positionOf(door)];
      if (await isThere(door)) return { ok: false, text: `${TABLE} is still there` };
      const wrote = before === null || now === undefined || now - before >= LEAST_WRITTEN;
      return { ok: wrote, text: wrote ? "it has written since" : "it has not written so much since" };
    }),
  undo: (_params, _captured, context) =>
    withMysql(context, async (door) => {
      if ((await whyNot(door)) === undefined) await takeAway(door);
      return "there is nothing to put back: what it wrote is dropped";
    }),
  verifyUndo: (_params, _captured, context) =>
    withMysql(context, async (door) => {
      const left = await isThere(door);
      return { ok: !left, text: left ? `${TABLE} is still there` : "nothing of it is left" };
    }),
};

/** The position in the redo log, in bytes; MariaDB's name for it, and MySQL's. */
async function positionOf({ ask }: MysqlDoor): Promise<number | undefined> {
  const [row] = await ask(
    "show global status where variable_name in ('Innodb_lsn_current', 'Innodb_redo_log_current_lsn')",
  );
  return numberIn(row, "Value");
}

async function written(door: MysqlDoor, context: ActionContext): Promise<string> {
  const why = await whyNot(door);
  if (why !== undefined) return `it answers; whether it writes was not tried: ${why}`;
  const room = await roomOfData(door, context);
  if (room === undefined || room < LEAST_ROOM) {
    const found = room === undefined ? "cannot be seen" : `is ${Math.floor(room / 1024 ** 2)} MB`;
    throw new HealError(`Whether it writes is not tried: the room for its data ${found}`, {
      code: "no-room",
      hint: "a server whose file cannot grow may end itself",
    });
  }
  try {
    await fill(door);
  } catch (error) {
    await takeAway(door).catch(() => undefined); // the first error is the one to tell
    throw error;
  }
  await takeAway(door);
  return "it has filled a table of a megabyte of its own, and that is dropped again";
}

/**
 * Why nothing is tried; undefined: it can be. Of what is tried nothing goes into the binary log, from where it would go
 * to every replica.
 */
async function whyNot(door: MysqlDoor): Promise<string | undefined> {
  const { ask } = door;
  if (await isReadOnly(door)) return "it is read only, as a replica is";
  const [server] = await ask("select @@global.log_bin as logs");
  const follows = await ask(replicaStatusSql(door.mariadb)).catch(() => []);
  if (follows.length > 0) return "it follows a primary, and must have nothing of its own";
  if (Number(server?.["logs"]) !== 0) {
    const kept = await ask("set session sql_log_bin = 0").then(() => true, refusedOnly);
    if (!kept) return "its user may not keep it out of the binary log (BINLOG ADMIN)";
  }
  const others = await ask(
    "select table_name as name from information_schema.tables where table_schema = ? and table_name <> 'filling'",
    [ROOM],
  );
  if (others.length > 0) return `the database ${ROOM} holds ${textIn(others[0], "name") ?? "something else"}`;
  const grants = (await ask("show grants")).flatMap((one) => Object.values(one)).map(String);
  const lacks = rightsLacking(grants, roomRights, TABLE);
  return lacks.length === 0 ? undefined : `its user lacks ${lacks.join(", ")} on ${ROOM}`;
}

async function refusedOnly(error: unknown): Promise<false> {
  if (error instanceof HealError && error.code === "database-refused") return false;
  throw error;
}

async function fill({ ask }: MysqlDoor): Promise<void> {
  await ask("create database if not exists ??", [ROOM]);
  await ask("drop table if exists ??", [TABLE]);
  await ask("create table if not exists ?? (id int primary key, filling mediumtext) engine = InnoDB", [
    TABLE,
  ]);
  await ask("start transaction");
  for (let id = 0; id < ROWS; id += 1) {
    await ask("insert into ?? values (?, repeat('x', ?))", [TABLE, id, ROW_BYTES], FILL_MS);
  }
  await ask("commit", [], FILL_MS);
}

async function takeAway({ ask }: MysqlDoor): Promise<void> {
  await ask("drop table if exists ??", [TABLE], FILL_MS);
  // Whoever has put something there meanwhile keeps it.
  const left = await ask("select 1 from information_schema.tables where table_schema = ? limit 1", [ROOM]);
  if (left.length === 0) await ask("drop database if exists ??", [ROOM]);
}

async function isThere({ ask }: MysqlDoor): Promise<boolean> {
  const rows = await ask(
    "select 1 from information_schema.tables where table_schema = ? and table_name = 'filling'",
    [ROOM],
  );
  return rows.length > 0;
}
