// PostgreSQL: sessions, locks, indexes, statistics and settings of a real server, with rows that must stay as they are.
import { setTimeout as sleep } from "node:timers/promises";
import type { ClientBase } from "pg";
import type { Cause, Fault } from "../fault.ts";
import { postgresDiskScene, type PostgresSite, postgresScene } from "../postgres-site.ts";

const plain = { kind: "plain", needs: "postgres", right: "healed" } as const;
const cause = (...playbooks: string[]): { causes: Cause[] } => ({ causes: [{ role: "db", playbooks }] });
/** All places but those that the server keeps for superusers. */
const PLACES = 57;

const order = (client: ClientBase): Promise<unknown> => client.query("select count(*) from stock");
const parcels = (client: ClientBase): Promise<unknown> => client.query("select count(*) from parcels");
const take = (id: number) => async (client: ClientBase) => {
  await client.query("set lock_timeout = '60s'");
  await client.query("begin");
  await client.query("update stock set n = n where id = $1", [id]);
  await client.query("rollback");
};
/** As the lab asks: it has less patience. */
const takeAtOnce = async (client: ClientBase): Promise<void> => {
  await client.query("set lock_timeout = '1s'");
  await client.query("update stock set n = n where id = 1");
};
const ofCustomer = (client: ClientBase): Promise<unknown> =>
  client.query("select * from orders where customer = $1", [Math.floor(Math.random() * 5_000)]);

/** A table of 5 MB that is gone with its client. */
const fillTemporary = async (client: ClientBase): Promise<void> => {
  await client.query("create temporary table filling (text text)");
  await client.query("alter table filling alter text set storage plain");
  await client.query("insert into filling select repeat('x', 8000) from generate_series(1, 640)");
};

/** A transaction that somebody forgot holds a row that every customer wants. */
async function forget(site: PostgresSite, name: string): Promise<void> {
  const one = await site.client(name);
  await one.query("begin; update stock set n = n where id = 1");
  site.customers("customers", 2_000, take(1));
}

/** A session every 150 ms that begins a transaction and forgets it, so many or as many as there are places. */
async function leak(site: PostgresSite, name: string, count: number): Promise<void> {
  for (let made = 0; made < count; made += 1) {
    const one = await site.client(name).catch(() => undefined);
    if (one === undefined) return;
    await one.query("begin; select 1");
    await sleep(150);
  }
}

export const postgresFaults: readonly Fault[] = [
  {
    ...plain,
    ...cause("postgres-connections-leaked"),
    name: "postgres-connections-leaked",
    title: "One client keeps 55 connections in transactions that it has forgotten; another one works.",
    may: ["session checkout "],
    ci: true,
    stage: postgresScene((site) => ({
      break: async () => {
        void (await site.client("report")).query("select pg_sleep(300)").catch(() => undefined);
        await leak(site, "checkout", PLACES - 2);
        site.customers("customers", 500, order);
      },
      well: () => site.served(order),
    })),
  },
  {
    ...plain,
    ...cause("postgres-idle-blocker"),
    name: "postgres-forgotten-transaction",
    title: "A forgotten transaction holds a row that every customer wants.",
    may: ["session nightly-report "],
    stage: postgresScene((site) => ({
      break: () => forget(site, "nightly-report"),
      well: () => site.served(takeAtOnce),
    })),
  },
  {
    ...plain,
    ...cause("postgres-missing-index"),
    name: "postgres-missing-index",
    title: "The index by which all customers read is gone: each statement reads the whole table.",
    may: ["index "],
    withinMs: 120_000,
    alone: true,
    stage: postgresScene(
      (site) => ({
        break: async () => {
          await site.own.query("drop index orders_by_customer");
          site.customers("customers", 250, ofCustomer);
        },
        well: async () => {
          const { rows } = await site.own.query("explain select * from orders where customer = 7");
          return JSON.stringify(rows).includes("Index");
        },
      }),
      {
        settings: ["max_parallel_workers_per_gather=0"],
        sql: [
          "insert into orders (customer, note) select g % 5000, repeat('y', 100) from generate_series(1, 300000) g",
          "create index orders_by_customer on orders (customer)",
          "analyze orders",
        ],
      },
    ),
  },
  {
    ...plain,
    ...cause("postgres-bad-setting"),
    name: "postgres-autovacuum-off",
    title: "Somebody switches autovacuum off for the whole server.",
    may: ["setting autovacuum"],
    takeBack: true,
    stage: postgresScene((site) => ({
      break: async () => {
        await site.own.query("alter system set autovacuum = off");
        await site.own.query("select pg_reload_conf()");
        // Until the lab's own session has read it, what it sees is not yet what is to be restored.
        while ((await site.own.query("show autovacuum")).rows[0].autovacuum !== "off") await sleep(20);
      },
      well: async () => (await site.own.query("show autovacuum")).rows[0].autovacuum === "on",
    })),
  },
  {
    ...plain,
    ...cause("postgres-vacuum-overdue"),
    name: "postgres-dead-rows",
    title: "Nobody has vacuumed a table: it holds more dead rows than living ones.",
    withinMs: 100_000,
    stage: postgresScene(
      (site) => ({
        break: async () => {
          for (let count = 0; count < 2; count += 1)
            await site.own.query("update orders set note = repeat('z', 50)");
        },
        well: async () => {
          const { rows } = await site.own.query(
            "select n_dead_tup from pg_stat_user_tables where relname = 'orders'",
          );
          return Number(rows[0].n_dead_tup) < 30_000;
        },
        // Whose rows the fault itself has changed.
        data: async () => ({ stock: (await site.data())["table stock"] ?? "" }),
      }),
      { sql: ["alter table orders set (autovacuum_enabled = off)"] },
    ),
  },
  {
    ...plain,
    ...cause("postgres-missing-object"),
    name: "postgres-table-dropped",
    title: "Somebody drops a table that every customer reads; it was there while all was well.",
    may: ["table parcels", "index parcels"],
    stage: postgresScene(
      (site) => ({
        break: async () => {
          await site.own.query("drop table parcels");
          site.customers("customers", 500, parcels);
        },
        well: () => site.served(parcels),
      }),
      {
        sql: [
          "create table parcels (id serial primary key, code varchar(12) not null unique)",
          "grant all on parcels to shop",
        ],
      },
    ),
  },
  {
    ...plain,
    ...cause("postgres-disk-full"),
    name: "postgres-disk-full",
    title:
      "Somebody else's file fills the disk of its data: no table can grow. Its owner gives an old export up.",
    may: ["file exports/"],
    ownDisk: true,
    stage: postgresDiskScene((site, disk) => ({
      more: { cleanUp: disk.cleanUp },
      break: async () => void disk.fill(),
      well: () => site.served(fillTemporary),
      state: async () => ({ ...(await site.state()), ...disk.state() }),
    })),
  },
  {
    ...plain,
    ...cause("postgres-active-blocker"),
    right: "told",
    name: "postgres-long-migration",
    title: "A migration that works holds rows that customers want: it is never ended by itself.",
    stage: postgresScene((site) => ({
      break: async () => {
        const one = await site.client("migration");
        await one.query("begin; update stock set n = n where id = 1");
        void one.query("select pg_sleep(300)").catch(() => undefined);
        site.customers("customers", 2_000, take(1));
      },
      well: () => site.served(takeAtOnce),
    })),
  },
  {
    ...plain,
    ...cause("postgres-sequence-end"),
    right: "told",
    name: "postgres-keys-run-out",
    title: "The keys of a table are nearly used up: whether the table is rebuilt is for a person to say.",
    may: [],
    stage: postgresScene((site) => ({
      break: async () => void (await site.own.query("select setval('orders_id_seq', 2100000000)")),
      well: async () => {
        const { rows } = await site.own.query("select last_value < 2000000000 as some from orders_id_seq");
        return rows[0].some === true;
      },
    })),
  },
  {
    kind: "decoy",
    needs: "postgres",
    right: "nothing",
    name: "postgres-long-report",
    title: "One report runs for minutes, and holds up nobody.",
    ci: true,
    stage: postgresScene((site) => ({
      break: async () =>
        void (await site.client("report")).query("select pg_sleep(300)").catch(() => undefined),
      well: () => site.served(order),
    })),
  },
  {
    kind: "decoy",
    needs: "postgres",
    right: "nothing",
    name: "postgres-large-pool",
    title: "A pool keeps 40 connections open that are well.",
    stage: postgresScene((site) => ({
      break: async () => {
        for (const one of await site.clients("checkout", 40)) await one.query("select 1");
      },
      well: () => site.served(order),
    })),
  },
  {
    kind: "hostile",
    needs: "postgres",
    right: "healed",
    ...cause("postgres-connections-leaked"),
    name: "postgres-client-with-a-statement-for-a-name",
    title: "The client that leaks has a name that is SQL: it would drop a table.",
    may: ["session '; drop table stock; --"],
    stage: postgresScene((site) => ({
      break: async () => {
        await leak(site, "'; drop table stock; --", PLACES - 2);
        site.customers("customers", 500, order);
      },
      well: () => site.served(order),
    })),
  },
  {
    kind: "double",
    needs: "postgres",
    right: "healed",
    causes: [{ role: "db", playbooks: ["postgres-connections-leaked", "postgres-idle-blocker"] }],
    name: "postgres-leak-and-forgotten-transaction",
    title: "A client leaks connections while a forgotten transaction of another one holds a row.",
    may: ["session checkout ", "session nightly-report "],
    withinMs: 120_000,
    stage: postgresScene((site) => ({
      break: async () => {
        await forget(site, "nightly-report");
        await leak(site, "checkout", PLACES - 8);
      },
      well: () => site.served(takeAtOnce),
    })),
  },
];
