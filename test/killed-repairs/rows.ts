// Every repair of a database, with the statements in whose midst opsmedic is killed. A repair of the catalogue that has no
// row here fails the test: nobody would have seen it half done.
import type { ActionScene } from "../contract/action.contract.ts";
import { MYSQL_ACTS, mysqlScenes, sharedMysql } from "../acting/mysql-scenes.ts";
import { POSTGRES_ACTS, type PostgresWorld } from "../acting/postgres-world.ts";
import { postgresScenes } from "../acting/postgres-scenes.ts";
import { REDIS_ACTS, redisScenes } from "../acting/redis-scenes.ts";

export interface Row {
  /** Killed when the first of these has gone to the server, then the second, and so on. */
  acts: readonly RegExp[];
  /** Keeps the server in the middle of the first act until what it gives back is called. */
  holdUp?: (surroundings: Surroundings) => Promise<() => Promise<unknown>>;
  /** The undo needs nothing that is held up: it is let go only after it. */
  undoneMeanwhile?: true;
  /** What is there in the end is not the same in each scene: another name, another number. */
  differsByScene?: true;
}

export interface Surroundings {
  scene: ActionScene;
  /** Where the scene is one of PostgreSQL. */
  postgres: PostgresWorld | undefined;
}

/** The making of an index waits for whoever changes the table. */
const changesTheTable: Row["holdUp"] = async ({ postgres }) => {
  const writer = await postgres?.client("checkout");
  await writer?.query("begin; insert into orders (customer) values (1)");
  return async () => writer?.query("commit").catch(() => undefined); // a crash of the server has ended it
};

/** So does MySQL's, for a transaction that has seen the table. */
const readsTheTable: Row["holdUp"] = async ({ scene }) => {
  const reader = await (await sharedMysql()).connect("root");
  await reader.query("begin");
  await reader.query(`select * from ${scene.params["table"] as string} limit 1`);
  return () => reader.query("commit").catch(() => undefined);
};

/** Whoever has counted on holds the sequence until its transaction ends. */
const countsOn: Row["holdUp"] = async ({ postgres }) => {
  const counting = await postgres?.client("checkout");
  await counting?.query("begin; select setval('invoices_id_seq', 2147483000)");
  return async () => counting?.query("commit").catch(() => undefined);
};

export const postgresRows: Record<string, Row> = {
  "postgres-end-sessions": { acts: [/pg_terminate_backend/] },
  "postgres-end-blocker": { acts: [/pg_terminate_backend/] },
  "postgres-set-setting": { acts: [/ALTER SYSTEM/, /pg_reload_conf/] },
  "postgres-analyze": { acts: [/ANALYZE/] },
  "postgres-vacuum": { acts: [/VACUUM/] },
  "postgres-create-index": { acts: [/CREATE INDEX/], holdUp: changesTheTable },
  "postgres-freeze": { acts: [/VACUUM/] },
  "postgres-drop-index": { acts: [/DROP INDEX/] },
  "postgres-widen-sequence": { acts: [/ALTER SEQUENCE/], holdUp: countsOn, undoneMeanwhile: true },
  "postgres-write-again": { acts: [/pg_logical_emit_message/] },
  "postgres-run-migration": { acts: [/CREATE TABLE/, /ADD COLUMN/, /(?<![|\w])commit/] },
  "postgres-make-table": { acts: [/CREATE TABLE/, /COMMENT ON/, /(?<![|\w])commit/], differsByScene: true },
  "postgres-restore-object": { acts: [/CREATE TABLE/, /OWNER TO/, /(?<![|\w])commit/] },
};

export const mysqlRows: Record<string, Row> = {
  "mysql-analyze": { acts: [MYSQL_ACTS] },
  "mysql-restore-object": { acts: [/create table if not/i, /rename table/i], differsByScene: true },
  "mysql-create-index": { acts: [/alter table `[^]*add index/], holdUp: readsTheTable, differsByScene: true },
  "mysql-drop-index": { acts: [/alter table `[^]*drop index/], holdUp: readsTheTable, differsByScene: true },
  "mysql-end-blocker": { acts: [MYSQL_ACTS] },
  "mysql-end-sessions": { acts: [MYSQL_ACTS] },
  "mysql-write-again": { acts: [/create table if not/i] },
  "mysql-set-setting": { acts: [MYSQL_ACTS] },
};

export const redisRows: Record<string, Row> = {
  "redis-end-clients": { acts: [REDIS_ACTS] },
  "redis-end-script": { acts: [REDIS_ACTS] },
  "redis-purge-memory": { acts: [REDIS_ACTS] },
  "redis-save": { acts: [REDIS_ACTS] },
  "redis-set-config": { acts: [REDIS_ACTS] },
};

export { mysqlScenes, postgresScenes, redisScenes };
export const actsOf = { postgres: POSTGRES_ACTS, mysql: MYSQL_ACTS, redis: REDIS_ACTS };
