// One scene for each action on MySQL and MariaDB: a real server, behind a connection that can break off. Sessions must
// sleep for seconds before they may be ended, so a reserve of them is opened at once and handed out one by one.
import mysql, { type Connection } from "mysql2/promise";
import type { JsonObject } from "../../domain/json.ts";
import type { MysqlDatabase } from "../../domain/service.ts";
import type { Action, ActionContext } from "../../tools/action.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { indexName } from "../../tools/actions/own-index.ts";
import type { FileHistory } from "../../tools/backup.ts";
import { makeMysqlInspector } from "../../tools/mysql-inspector.ts";
import { blocksForMs } from "../../tools/mysql-sessions.ts";
import type { MysqlShape } from "../../tools/mysql-shapes.ts";
import type { ActionScene, OpenScene } from "../contract/action.contract.ts";
import { databaseService } from "../databases/scene.ts";
import { type RunningServer, startMariadb } from "../observation/servers.ts";
import { wallClock } from "../observation/service.ts";
import { untilTrue } from "../scenarios/site.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";
import { keptNothing } from "./kept-nothing.ts";

/** As the driver has quoted them: those with which it looks name them too. */
export const MYSQL_ACTS =
  /kill connection \d|set global `|alter table `|create table if not|rename table|drop table|analyze no_write/i;
const RESERVE = 34;

export interface Parked {
  role: string;
  id: number;
  connection: Connection;
}

export interface MysqlWorld {
  server: RunningServer;
  root: Connection;
  connect(user: string, database?: string): Promise<Connection>;
  /** A session of a user of its own that has slept in a transaction for long enough. */
  parked(): Promise<Parked>;
  /** The server crashes and comes back, without the sessions that it had. */
  restart(meanwhile?: () => Promise<unknown>): Promise<void>;
  close(): Promise<void>;
}

let shared: Promise<MysqlWorld> | undefined;

/** `reserve`: sleeping sessions that its first user will want. */
export function sharedMysql({ reserve = RESERVE }: { reserve?: number } = {}): Promise<MysqlWorld> {
  shared ??= openWorld(reserve);
  return shared;
}

export async function closeSharedMysql(): Promise<void> {
  await (await shared)?.close();
  shared = undefined;
}

async function openWorld(sleepers: number): Promise<MysqlWorld> {
  const server = await startMariadb("--max-connections=150", "--performance-schema=ON");
  const open: Connection[] = [];
  async function connect(user: string, database?: string): Promise<Connection> {
    const made = await mysql.createConnection({
      host: "127.0.0.1",
      port: server.port,
      user,
      ...(database !== undefined && { database }),
    });
    made.on("error", () => undefined);
    open.push(made);
    return made;
  }
  const root = await connect("root");
  for (const one of [
    "create database shop",
    "use shop",
    "create table shop.stock (id int primary key, n int)",
    "insert into shop.stock values (1, 1), (2, 1)",
    "create user medic@localhost",
    "grant process, connection admin, super, select, alter, index, create, drop, insert, references, lock tables, trigger on *.* to medic@localhost",
  ])
    await root.query(one);
  const reserve: Parked[] = [];
  for (let n = 0; n < sleepers; n += 1) {
    const role = `app${n}`;
    await root.query(`create user ${role}@localhost`);
    await root.query(`grant select, update on shop.* to ${role}@localhost`);
    const connection = await connect(role, "shop");
    await connection.query("begin");
    await connection.query("select * from stock");
    reserve.push({ role, connection, id: connection.threadId });
  }
  // Somebody waits all the time, for somebody who is at work.
  const [holder, waiter] = [await connect("root", "shop"), await connect("root", "shop")];
  await holder.query("begin");
  await holder.query("update stock set n = 2 where id = 2");
  await waiter.query("set session innodb_lock_wait_timeout = 1000");
  void waiter.query("update stock set n = 3 where id = 2").catch(() => undefined);
  const world: MysqlWorld = {
    server,
    root,
    connect,
    async restart(meanwhile) {
      await server.restart(meanwhile);
      world.root = await connect("root", "shop");
    },
    async parked() {
      const next = reserve.shift();
      if (next === undefined) throw new Error("the reserve of sleeping sessions is used up");
      await untilTrue(
        "it sleeps for long enough",
        async () => (await sleepsFor(root, next.id)) >= blocksForMs,
      );
      return next;
    },
    async close() {
      for (const one of open) one.destroy();
      await server.stop();
    },
  };
  return world;
}

async function sleepsFor(root: Connection, id: number): Promise<number> {
  const [rows] = await root.query(
    "select time * 1000 as ms from information_schema.processlist where id = ? and command = 'Sleep'",
    [id],
  );
  return (rows as { ms: number }[])[0]?.ms ?? -1;
}

export async function isThere({ root }: MysqlWorld, id: number): Promise<boolean> {
  const [rows] = await root.query("select 1 from information_schema.processlist where id = ?", [id]);
  return (rows as unknown[]).length > 0;
}

export function mysqlContext(port: number, allowed: Partial<MysqlDatabase> = {}): ActionContext {
  return {
    service: databaseService("orders-db", {
      kind: "mysql",
      url: `mysql://medic@127.0.0.1:${port}/`,
      ...allowed,
    }),
    target: undefined,
    files: undefined,
    signal: AbortSignal.timeout(30_000),
  };
}

export async function settingIn({ root }: MysqlWorld, name: string): Promise<string> {
  const [rows] = await root.query("show global variables where variable_name = ?", [name]);
  return (rows as { Value: string }[])[0]?.Value ?? "";
}

/** As many connections as there are now are all that it takes. */
export async function full({ root }: MysqlWorld): Promise<void> {
  const [rows] = await root.query("show global status like 'Threads_connected'");
  await root.query("set global max_connections = ?", [Number((rows as { Value: string }[])[0]?.Value)]);
}

/** Full since its statistics were made, which nobody makes anew. */
export async function staleTable({ root }: Pick<MysqlWorld, "root">, rows: number): Promise<string> {
  tables += 1;
  const table = `shop.stale${tables}`;
  await root.query(
    `create table ${table} (id int primary key auto_increment, customer int, key by_customer (customer)) stats_persistent=1, stats_auto_recalc=0`,
  );
  await root.query(`analyze table ${table}`);
  await root.query(`insert into ${table} (customer) select seq from shop.seq_1_to_${rows}`);
  return table;
}

async function changedOf({ root }: MysqlWorld, table: string): Promise<number> {
  const [rows] = await root.query(
    "select modified_counter as n from information_schema.innodb_sys_tablestats where replace(name, '/', '.') = ?",
    [table],
  );
  return (rows as { n: number }[])[0]?.n ?? -1;
}

export async function cardinalityOf({ root }: Pick<MysqlWorld, "root">, table: string): Promise<number> {
  const [rows] = await root.query(
    "select cardinality as n from information_schema.statistics where concat(table_schema, '.', table_name) = ? and index_name = 'by_customer'",
    [table],
  );
  return Number((rows as { n: number }[])[0]?.n);
}

/** Tables of a database of their own, with something of everything. */
export async function parcels({ root }: MysqlWorld): Promise<string> {
  tables += 1;
  const database = `parcels${tables}`;
  for (const one of [
    `create database ${database}`,
    `use ${database}`,
    "create table senders (id int primary key)",
    `create table parcels (id int unsigned primary key auto_increment, sender int, code varchar(12) not null unique comment 'a, NOT NULL ?',
      weight decimal(8,2) default 1.50 check (weight > 0), doubled decimal(10,2) as (weight * 2) stored, kind enum('a', 'b''s NOT NULL') not null,
      seen timestamp not null default current_timestamp(), key by_time (seen desc), foreign key (sender) references senders (id)) comment = 'what AUTO_INCREMENT=7 is'`,
    "create table events (parcel int unsigned, foreign key (parcel) references parcels (id))",
    "insert into parcels (code, kind) values ('x', 'a')",
    "use shop",
  ])
    await root.query(one);
  return database;
}

export async function shapesIn({ server }: MysqlWorld, database: string): Promise<MysqlShape[]> {
  const inspector = makeMysqlInspector(`mysql://medic@127.0.0.1:${server.port}/`, wallClock);
  try {
    return (await inspector.shapes()).filter((one) => one.schema === database);
  } finally {
    inspector.close();
  }
}

/** A history that has kept what is there now. */
export async function keptShapes(world: MysqlWorld, database: string): Promise<FileHistory> {
  const files = (await shapesIn(world, database)).map((shape) => ({
    path: shape.name,
    content: JSON.stringify({ shape, goneSince: null, goneColumns: [] }),
    mode: 0o600,
  }));
  return { ...keptNothing.fileHistory, lastGood: async () => ({ version: "v1", at: 1, files }) };
}

/** Somebody drops it although others refer to it. */
export async function dropped({ root }: MysqlWorld, table: string): Promise<void> {
  await root.query("set foreign_key_checks = 0");
  await root.query(`drop table ${table}`);
  await root.query("set foreign_key_checks = 1");
}

interface Stage {
  params: JsonObject;
  history?: FileHistory;
  allowed?: Partial<MysqlDatabase>;
  world: () => Promise<unknown>;
  close?: () => Promise<unknown>;
}

let tables = 0;

/** A table of so many orders, none of whose columns but the key has an index. */
export async function orders({ root }: MysqlWorld, rows: number): Promise<string> {
  tables += 1;
  const table = `shop.orders${tables}`;
  await root.query(
    `create table ${table} (id int primary key auto_increment, customer int, note varchar(100))`,
  );
  await root.query(
    `insert into ${table} (customer, note) select seq % 500, repeat('x', 90) from seq_1_to_${rows}`,
  );
  return table;
}

export async function indexesOf({ root }: MysqlWorld, table: string): Promise<unknown> {
  const [rows] = await root.query(
    "select index_name, column_name from information_schema.statistics where concat(table_schema, '.', table_name) = ? order by 1",
    [table],
  );
  return rows;
}

/** With an index as we make it. */
export async function ownIndex(world: MysqlWorld, rows: number) {
  const table = await orders(world, rows);
  const params = { table, column: "customer" };
  const index = indexName(params);
  await world.root.query(`alter table ${table} add index ${index} (customer)`);
  return { table, params, index };
}

const stages: Record<string, (world: MysqlWorld) => Promise<Stage>> = {
  "mysql-end-sessions": async (world) => {
    const { id, role } = await world.parked();
    return { params: { role, client: "localhost" }, world: () => isThere(world, id) };
  },
  "mysql-end-blocker": async (world) => {
    const { id, role } = await world.parked();
    return { params: { id, role, client: "localhost" }, world: () => isThere(world, id) };
  },
  "mysql-create-index": async (world) => {
    const table = await orders(world, 2_000);
    return {
      params: { table, column: "customer" },
      world: () => indexesOf(world, table),
      close: () => world.root.query(`drop table ${table}`),
    };
  },
  "mysql-drop-index": async (world) => {
    const { table, params } = await ownIndex(world, 2_000);
    return {
      params,
      world: () => indexesOf(world, table),
      close: () => world.root.query(`drop table ${table}`),
    };
  },
  "mysql-set-setting": async (world) => {
    await world.root.query("set global max_connections = 150");
    return {
      params: { setting: "max_connections", from: "150", to: "200" },
      allowed: { maxConnections: 200 },
      world: async () => (await world.root.query("show global variables"))[0],
      close: () => world.root.query("set global max_connections = 150"),
    };
  },
};

stages["mysql-write-again"] = async (world) => ({
  params: {},
  world: async () => (await world.root.query("show databases"))[0],
});

stages["mysql-analyze"] = async (world) => {
  const table = await staleTable(world, 2_000);
  return {
    params: { table },
    world: async () => [await changedOf(world, table), await cardinalityOf(world, table)],
    close: () => world.root.query(`drop table ${table}`),
  };
};

stages["mysql-restore-object"] = async (world) => {
  const database = await parcels(world);
  const history = await keptShapes(world, database);
  await dropped(world, `${database}.parcels`);
  const sql = "select table_name as name from information_schema.tables where table_schema = ? order by 1";
  return {
    params: { table: `${database}.parcels`, column: null },
    history,
    world: async () => [(await world.root.query(sql, [database]))[0], await shapesIn(world, database)],
    close: () => world.root.query(`drop database ${database}`),
  };
};

export const mysqlScenes: Record<string, OpenScene> = Object.fromEntries(
  Object.keys(stages).map((name) => [name, () => mysqlScene(name)]),
);
export const coveredMysqlActions: readonly string[] = Object.keys(stages);

async function mysqlScene(name: string): Promise<ActionScene> {
  const world = await sharedMysql();
  const proxy = await openCuttingProxy(world.server.port, MYSQL_ACTS);
  const stage = await stages[name]?.(world);
  const action = mysqlAction(name, stage?.history);
  if (stage === undefined) throw new Error(`no scene of ${name}`);
  return {
    action,
    history: stage.history,
    params: stage.params,
    context: mysqlContext(proxy.port, stage.allowed),
    world: async () => JSON.stringify(await stage.world()),
    cut: proxy.cut,
    async [Symbol.asyncDispose]() {
      await proxy.close();
      await stage.close?.();
    },
  };
}

export function mysqlAction(name: string, fileHistory: FileHistory = keptNothing.fileHistory): Action {
  const found = makeActions({ ...keptNothing, fileHistory }).get(name);
  if (found === undefined) throw new Error(`no action ${name}`);
  return found;
}
