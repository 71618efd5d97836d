// A table of orders on a real server of each SQL engine, on which opsmedic makes an index: the same to those who judge it.
import mysql, { type Connection } from "mysql2/promise";
import { indexName } from "../../tools/actions/own-index.ts";
import { orders } from "../acting/postgres-scenes.ts";
import { openPostgresWorld } from "../acting/postgres-world.ts";
import { startMariadb } from "../observation/servers.ts";

export interface IndexSite {
  /** As in opsmedic.yaml. */
  service: object;
  index: string;
  actions: { create: string; drop: string };
  /** What looks for orders by their customer; slow for another reason, too; and what looks for something else. */
  statements: { byCustomer: string; sleeping: string; byNote: string };
  /** A person's change of the index, and how it is taken back. */
  changes: readonly { what: string; sql: string[]; back: string[] }[];
  /** Nobody has counted anything of it yet. */
  makeOrders(): Promise<void>;
  /** Ten clients ask so often; each tells at its end what it counted. */
  ask(times: number, sql: string): Promise<void>;
  run(...sql: string[]): Promise<unknown>;
  indexes(): Promise<unknown[]>;
  clear(): Promise<void>;
  close(): Promise<void>;
}

const CLIENTS = 10;
const ROWS = 100_000;

export async function openPostgresIndexSite(): Promise<IndexSite> {
  const world = await openPostgresWorld({
    durable: true,
    settings: ["shared_preload_libraries=pg_stat_statements"],
  });
  await world.admin.query("create extension pg_stat_statements");
  const index = indexName({ table: "public.orders", column: "customer" });
  const run = async (...sql: string[]): Promise<void> => {
    for (const one of sql) await world.admin.query(one);
  };
  return {
    service: { postgres: { url: `postgres://medic@127.0.0.1:${world.server.port}/postgres` } },
    index,
    actions: { create: "postgres-create-index", drop: "postgres-drop-index" },
    statements: {
      byCustomer: "select * from orders where customer = $1",
      sleeping: "select count(*), pg_sleep(0.5) from orders where customer = $1",
      byNote: "select count(*) from orders where note like $1::int::text || 'x'",
    },
    changes: [
      {
        what: "a parameter",
        sql: [`alter index ${index} set (fillfactor = 70)`],
        back: [`alter index ${index} reset (fillfactor)`],
      },
      {
        what: "a remark",
        sql: [`comment on index ${index} is 'for the audit'`],
        back: [`comment on index ${index} is null`],
      },
    ],
    async makeOrders() {
      await orders(world, ROWS, "create index by_hand on orders (note)", "analyze orders");
      await run("select pg_stat_statements_reset()");
    },
    ask: (times, sql) =>
      inParallel(async () => {
        const shop = await world.client("checkout");
        for (let count = 0; count < times; count += 1) await shop.query(sql, [count]);
        await shop.end();
      }),
    run,
    indexes: async () =>
      (
        await world.rows("select indexrelname from pg_stat_user_indexes where relname = 'orders' order by 1")
      ).map((one) => one["indexrelname"]),
    clear: world.clear,
    close: async () => world[Symbol.asyncDispose](),
  };
}

export async function openMysqlIndexSite(): Promise<IndexSite> {
  const server = await startMariadb("--performance-schema=ON", "--max-connections=40");
  const connect = async (user: string): Promise<Connection> => {
    const made = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user });
    made.on("error", () => undefined);
    return made;
  };
  const root = await connect("root");
  const run = async (...sql: string[]): Promise<void> => {
    for (const one of sql) await root.query(one);
  };
  await run(
    "create database shop",
    "create database archive",
    "use shop",
    "create user medic@localhost, app@localhost",
    "grant process, replication client, select, alter, index on *.* to medic@localhost",
    "grant all on *.* to app@localhost",
  );
  const index = indexName({ table: "shop.orders", column: "customer" });
  return {
    service: { mysql: { url: `mysql://medic@127.0.0.1:${server.port}/` } },
    index,
    actions: { create: "mysql-create-index", drop: "mysql-drop-index" },
    statements: {
      byCustomer: "select * from shop.orders where customer = ?",
      sleeping: "select count(*), sleep(0.5) from orders where customer = ?",
      byNote: "select count(*) from orders where note like concat('%', ?)",
    },
    changes: [
      {
        what: "no plan may use it",
        sql: [`alter table orders alter index ${index} ignored`],
        back: [`alter table orders alter index ${index} not ignored`],
      },
      {
        what: "a remark",
        sql: [
          `alter table orders drop index ${index}, add index ${index} (customer) comment 'for the audit'`,
        ],
        back: [`alter table orders drop index ${index}, add index ${index} (customer)`],
      },
    ],
    makeOrders: () =>
      run(
        "drop table if exists orders",
        "create table orders (id int primary key auto_increment, customer int, note varchar(60), key by_hand (note))",
        `insert into orders (customer, note) select seq % 5000, repeat('x', 50) from seq_1_to_20000`,
        "analyze table orders",
        "truncate table performance_schema.events_statements_summary_by_digest",
      ),
    ask: (times, sql) =>
      inParallel(async () => {
        const shop = await connect("app");
        await shop.query("use shop");
        for (let count = 0; count < times; count += 1) await shop.query(sql, [count]);
        await shop.end();
      }),
    run,
    async indexes() {
      const [rows] = await root.query(
        "select index_name as name from information_schema.statistics where table_schema = 'shop' and table_name = 'orders' order by 1",
      );
      return (rows as { name: string }[]).map((one) => one.name);
    },
    clear: async () => undefined,
    async close() {
      root.destroy();
      await server.stop();
    },
  };
}

async function inParallel(one: () => Promise<void>): Promise<void> {
  await Promise.all(Array.from({ length: CLIENTS }, one));
}
