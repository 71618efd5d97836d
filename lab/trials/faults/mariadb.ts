// MariaDB: sessions, locks and settings of a real server, with rows that must stay as they are.
import type { Connection } from "mysql2/promise";
import type { Cause, Fault } from "../fault.ts";
import { mariadbDiskScene, type MariadbSite, mariadbScene } from "../mariadb-site.ts";

const plain = { kind: "plain", needs: "mariadb", right: "healed" } as const;
const cause = (...playbooks: string[]): { causes: Cause[] } => ({ causes: [{ role: "db", playbooks }] });
const PLACES = 40;

const order = (client: Connection): Promise<unknown> => client.query("select count(*) from stock");
const parcels = (client: Connection): Promise<unknown> => client.query("select count(*) from parcels");
/** Customers wait as long as it takes; the lab, which asks whether they are served, does not. */
const patience = (client: Connection, seconds: number): Promise<unknown> =>
  client.query(`set innodb_lock_wait_timeout = ${seconds}, lock_wait_timeout = ${seconds}`);
const take = (seconds: number) => async (client: Connection) => {
  await patience(client, seconds);
  await client.query("update stock set n = n where id = 1");
};
const read = (seconds: number) => async (client: Connection) => {
  await patience(client, seconds);
  await client.query("select * from orders where id = 1");
};

const grow = (client: Connection): Promise<unknown> =>
  client.query("insert into papers (text) values (repeat('x', 200000))");

/** A session that stays, by this name in what the lab sees. */
async function session(site: MariadbSite, name: string): Promise<Connection> {
  const one = await site.client();
  site.kept.set(one.threadId ?? 0, name);
  return one;
}

async function sessions(site: MariadbSite, name: string, count: number): Promise<Connection[]> {
  const made: Connection[] = [];
  for (let n = 0; n < count; n += 1) made.push(await session(site, name));
  return made;
}

export const mariadbFaults: readonly Fault[] = [
  {
    ...plain,
    ...cause("mysql-connections-leaked"),
    name: "mariadb-connections-leaked",
    title: "One client keeps nearly all connections in transactions that it has forgotten.",
    may: ["session checkout "],
    stage: mariadbScene((site) => ({
      break: async () => {
        for (const one of await sessions(site, "checkout", PLACES - 5)) {
          await one.query("begin");
          await one.query("select * from stock");
        }
        for (let n = 0; n < 3; n += 1) site.customers(300, order);
      },
      well: async () => {
        const [rows] = await site.own.query("select count(*) as used from information_schema.processlist");
        return (rows as { used: number }[])[0]!.used < PLACES * 0.7;
      },
    })),
  },
  {
    ...plain,
    ...cause("mysql-metadata-lock"),
    name: "mariadb-change-of-a-table-waits",
    title: "A reader that was forgotten holds up a change of a table, and that holds up everybody.",
    may: ["session reader ", "session migration "],
    stage: mariadbScene((site) => ({
      break: async () => {
        const reader = await session(site, "reader");
        await reader.query("begin");
        await reader.query("select * from orders limit 1");
        const migration = await session(site, "migration");
        // Ends at once when the reader is gone, and changes no row.
        void migration.query("alter table orders comment = 'of the shop'").catch(() => undefined);
        site.customers(2_000, read(60));
      },
      well: () => site.served(read(1)),
    })),
  },
  {
    ...plain,
    ...cause("mysql-row-lock"),
    name: "mariadb-forgotten-transaction",
    title: "A forgotten transaction holds a row that every customer wants.",
    may: ["session report "],
    stage: mariadbScene((site) => ({
      break: async () => {
        const one = await session(site, "report");
        await one.query("begin");
        await one.query("update stock set n = n + 1 where id = 1");
        for (let n = 0; n < 3; n += 1) site.customers(1_000, take(3)); // they give up, and come again
      },
      well: () => site.served(take(1)),
    })),
  },
  {
    ...plain,
    ...cause("mysql-bad-setting"),
    name: "mariadb-commits-are-not-kept",
    title: "Somebody sets innodb_flush_log_at_trx_commit to 0: a crash would lose commits.",
    may: ["setting innodb_flush_log_at_trx_commit"],
    takeBack: true,
    stage: mariadbScene((site) => ({
      break: async () => void (await site.own.query("set global innodb_flush_log_at_trx_commit = 0")),
      well: async () => (await site.state())["setting innodb_flush_log_at_trx_commit"] === "1",
    })),
  },
  {
    ...plain,
    ...cause("mysql-missing-object"),
    name: "mariadb-table-dropped",
    title: "Somebody drops a table that every customer reads; it was there while all was well.",
    may: ["index parcels.", "index opsmedic_restored_"],
    stage: mariadbScene(
      (site) => ({
        break: async () => {
          await site.own.query("drop table parcels");
          site.customers(500, parcels);
        },
        well: () => site.served(parcels),
      }),
      ["create table parcels (id int primary key auto_increment, code varchar(12) not null unique)"],
    ),
  },
  {
    ...plain,
    ...cause("mysql-disk-full"),
    name: "mariadb-disk-full",
    title:
      "Somebody else's file fills the disk of its data: nothing can grow. Its owner gives an old export up.",
    may: ["file exports/"],
    ownDisk: true,
    stage: mariadbDiskScene(
      (site, disk) => ({
        more: { cleanUp: disk.cleanUp },
        break: async () => void disk.fill(),
        // Whoever wrote now would end this server (10.11: InnoDB gives up when its file cannot grow).
        well: async () => disk.hasRoom() && (await site.served(grow)),
        state: async () => ({ ...(await site.state()), ...disk.state() }),
      }),
      ["create table papers (id int primary key auto_increment, text longblob)"],
    ),
  },
  {
    kind: "decoy",
    needs: "mariadb",
    right: "nothing",
    name: "mariadb-table-never-there",
    title: "A new program reads a table that was never there: nothing is invented for it.",
    stage: mariadbScene((site) => ({
      break: async () => site.customers(500, (client) => client.query("select * from invoices")),
      well: () => site.served(order),
    })),
  },
  {
    kind: "decoy",
    needs: "mariadb",
    right: "nothing",
    name: "mariadb-sleeping-pool",
    title: "A pool keeps 20 connections asleep that are well.",
    stage: mariadbScene((site) => ({
      break: async () => {
        for (const one of await sessions(site, "pool", 20)) await one.query("select 1");
      },
      well: () => site.served(order),
    })),
  },
];
