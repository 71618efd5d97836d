// Whole healings of a real MariaDB through the product's own graph: seen, diagnosed, allowed, done, validated; and what
// is left to a human.
import mysql, { type Connection } from "mysql2/promise";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { type RunningServer, startMariadb } from "../observation/servers.ts";
import { cardinalityOf, staleTable } from "../acting/mysql-scenes.ts";
import { healedBy } from "./healed.ts";
import { openScenario, type Scenario, untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";

describeWith("mariadb", "healing of MariaDB", () => {
  let server: RunningServer;
  let root: Connection;
  let site: Scenario;
  let connections: Connection[] = [];

  beforeAll(async () => {
    server = await startMariadb("--max-connections=30", "--event-scheduler=ON", "--performance-schema=ON");
    root = await connect("root");
    connections = [];
    for (const one of [
      "create database shop",
      "create table shop.stock (id int primary key, n int)",
      "insert into shop.stock values (1, 1), (2, 1)",
      "create user medic@localhost, leaky@localhost, app@localhost",
      "grant process, replication client, connection admin, super, select, alter, index, create, drop, insert, references, lock tables, trigger on *.* to medic@localhost",
      "grant all on shop.* to leaky@localhost, app@localhost",
    ])
      await root.query(one);
  });
  afterAll(() => server.stop());
  afterEach(async () => {
    await site[Symbol.asyncDispose]();
    for (const one of connections) one.destroy();
    connections = [];
  });

  async function connect(user: string): Promise<Connection> {
    const made = await mysql.createConnection({ host: "127.0.0.1", port: server.port, user });
    made.on("error", () => undefined);
    connections.push(made);
    return made;
  }

  async function client(user: string, ...sql: string[]): Promise<Connection> {
    const made = await connect(user);
    await made.query("use shop");
    for (const one of sql) await made.query(one);
    return made;
  }

  async function open(thresholds: object = {}, allowed: object = {}): Promise<void> {
    site = await openScenario({
      services: () => [
        { name: "orders-db", mysql: { url: `mysql://medic@127.0.0.1:${server.port}/`, ...allowed } },
      ],
      healing: { validate: { for: "1s" } },
      thresholds,
    });
  }

  const healed = (playbook: string, action: string) => healedBy(site, "orders-db", { playbook, action });

  async function alive(connection: Connection): Promise<boolean> {
    const [rows] = await root.query("select 1 from information_schema.processlist where id = ?", [
      connection.threadId,
    ]);
    return (rows as unknown[]).length > 0;
  }

  it("ends what one client leaks of a full server, and leaves everybody else", async () => {
    await open();
    const leaked = await Promise.all(
      Array.from({ length: 22 }, () => client("leaky", "begin", "select * from stock")),
    );
    const young = await Promise.all(Array.from({ length: 3 }, () => client("app")));
    await untilTrue("they sleep for long enough", async () => {
      const [rows] = await root.query(
        "select min(time) as least from information_schema.processlist where user = 'leaky'",
      );
      return Number((rows as { least: number }[])[0]?.least) >= 6;
    });
    await site.sees("orders-db", "connections");
    await healed("mysql-connections-leaked", "mysql-end-sessions");
    expect(await Promise.all(leaked.map(alive))).toEqual(leaked.map(() => false));
    expect(await Promise.all(young.map(alive))).toEqual([true, true, true]);
  });

  it("ends the forgotten transaction that a change of a table waits for, and the change goes through", async () => {
    await open();
    const forgotten = await client("leaky", "begin", "select * from stock");
    const change = (await client("app")).query("alter table stock add column note text");
    const behind = (await client("app")).query("select * from stock where id = 1");
    await site.sees("orders-db", "blocked-sessions");
    await healed("mysql-metadata-lock", "mysql-end-blocker");
    await Promise.all([change, behind]);
    expect(await alive(forgotten)).toBe(false);
  });

  it("ends the forgotten transaction that holds rows, and what waited for them goes on", async () => {
    await open();
    const forgotten = await client("leaky", "begin", "update stock set n = 9 where id = 2");
    const decoy = await client("leaky", "begin", "update stock set n = 9 where id = 1");
    const waits = await client("app", "set session innodb_lock_wait_timeout = 100");
    const change = waits.query("update stock set n = n + 1 where id = 2");
    await site.sees("orders-db", "blocked-sessions");
    await healed("mysql-row-lock", "mysql-end-blocker");
    await change;
    expect([await alive(forgotten), await alive(decoy)]).toEqual([false, true]);
    const [rows] = await root.query("select n from shop.stock where id = 2");
    expect(rows, "what was not committed is gone, what waited is there").toMatchObject([{ n: 2 }]);
  });

  it("takes more connections where all are at work, within what its owner allows", async () => {
    await open({}, { maxConnections: 40 });
    await site.look("orders-db"); // its own connection is there before the server is full
    const all = await Promise.all(Array.from({ length: 26 }, () => client("app")));
    const work = all.map((one) => one.query("select sleep(60)").catch(() => undefined));
    await site.sees("orders-db", "connections");
    await healed("mysql-connections-load", "mysql-set-setting");
    const [rows] = await root.query("show global variables like 'max_connections'");
    expect(rows).toMatchObject([{ Value: "40" }]);
    expect(await Promise.all(all.map(alive))).toEqual(all.map(() => true));
    await root.query("set global max_connections = 30");
    for (const one of all) await root.query("kill ?", [one.threadId]);
    await Promise.all(work);
  });

  it("leaves deadlocks to whoever wrote the transactions, and says which and what to do", async () => {
    await open();
    await site.look("orders-db");
    let won: number[] = [];
    for (let round = 0; round < 4; round += 1) {
      const [a, b] = [await client("app", "begin"), await client("app", "begin")];
      await a.query("update stock set n = 5 where id = 1");
      await b.query("update stock set n = 5 where id = 2");
      const ends = await Promise.allSettled([
        a.query("update stock set n = 6 where id = 2"),
        b.query("update stock set n = 7\nwhere id = 1 and n <> 8"),
      ]);
      expect(ends.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
      await (ends[0].status === "fulfilled" ? a : b).query("commit");
      won = ends[0].status === "fulfilled" ? [5, 6] : [7, 5];
    }
    await site.sees("orders-db", "deadlocks");
    const run = await site.heal("orders-db");
    expect(run).toMatchObject({ outcome: "escalated" });
    const { noPlan } = await site.incident(run?.id);
    expect(noPlan).toMatch(/one order, and try again on error 1213/);
    const [first, second] = [
      "update stock set n = ? where id = ?",
      "update stock set n = ? where id = ? and n <> ?",
    ];
    expect(noPlan).toContain(`"${first}`);
    expect(noPlan).toContain(`"${second}"`);
    expect(noPlan).toMatch(/, on stock; rolled back was "update stock set n = \? where id = \?/);
    const [rows] = await root.query("select n from shop.stock order by id");
    expect((rows as { n: number }[]).map((one) => one.n)).toEqual(won);
  });

  it("does not end a transaction that is at work, however many wait", async () => {
    await open();
    const working = await client("app", "begin", "update stock set n = 7 where id = 1");
    const long = working.query("select sleep(60)").catch(() => undefined);
    const waits = (await client("app", "set session innodb_lock_wait_timeout = 100"))
      .query("update stock set n = 8 where id = 1")
      .catch(() => undefined);
    await site.sees("orders-db", "blocked-sessions");
    const run = await site.heal("orders-db");
    expect(run?.outcome).toBe("escalated");
    expect(await alive(working)).toBe(true);
    await root.query("kill ?", [working.threadId]);
    await Promise.all([long, waits]);
  });

  it("switches events on again that have run before", async () => {
    await open();
    await root.query("create table shop.ticks (at datetime)");
    await root.query(
      "create event shop.tick on schedule every 1 second do insert into shop.ticks values (now())",
    );
    const ticks = async () => {
      const [rows] = await root.query("select count(*) as n from shop.ticks");
      return (rows as { n: number }[])[0]?.n ?? 0;
    };
    await untilTrue("it has run", async () => (await ticks()) > 0);
    await root.query("set global event_scheduler = off");
    await site.sees("orders-db", "events-off");
    await healed("mysql-events-off", "mysql-set-setting");
    const before = await ticks();
    await untilTrue("it runs again", async () => (await ticks()) > before);
    await root.query("drop event shop.tick");
  });

  it("sets right a setting that endangers what was committed", async () => {
    await open();
    await root.query("set global innodb_flush_log_at_trx_commit = 0");
    await site.sees("orders-db", "bad-setting");
    await healed("mysql-bad-setting", "mysql-set-setting");
    const [rows] = await root.query("show global variables like 'innodb_flush_log_at_trx_commit'");
    expect(rows).toMatchObject([{ Value: "1" }]);
  });

  it("makes the index that statements miss, and they are quick", async () => {
    await open({ queryTime: "2ms" });
    const app = await client(
      "app",
      "create table orders (id int primary key auto_increment, customer int, note varchar(100))",
      "insert into orders (customer, note) select seq % 5000, repeat('x', 90) from seq_1_to_60000",
      "analyze table orders",
    );
    // Statements are counted from here on, as they are once a minute.
    const { database } = site.service("orders-db");
    const inspector = database && (await site.databases.of(database));
    if (inspector?.engine === "mysql") await inspector.readAnew();
    for (let n = 0; n < 20; n += 1) await app.query("select * from orders where customer = ?", [n]);
    await site.sees("orders-db", "slow-queries");
    const { application } = await healed("mysql-missing-index", "mysql-create-index");
    expect(application?.steps[0]?.text).toMatch(/a look-up reads \d\d rows instead of 6\d{4}/);
    const [plan] = await app.query("explain select * from orders where customer = 7");
    expect(plan).toMatchObject([{ key: expect.stringMatching(/^opsmedic_orders_customer_/) }]);
  });

  it("makes old statistics anew", async () => {
    await open({ queryTime: "1ms" });
    const table = await staleTable({ root }, 30_000);
    expect(await cardinalityOf({ root }, table)).toBeLessThan(10);
    const { database } = site.service("orders-db");
    const inspector = database && (await site.databases.of(database));
    if (inspector?.engine === "mysql") await inspector.readAnew();
    const app = await client("app");
    for (let n = 0; n < 10; n += 1) await app.query(`select count(*) from ${table} where customer < 20000`);
    await site.sees("orders-db", "stale-statistics");
    await healed("mysql-stale-statistics", "mysql-analyze");
    expect(await cardinalityOf({ root }, table)).toBeGreaterThan(10_000);
    await root.query(`drop table ${table}`);
  });

  it("makes a table again that somebody dropped, as it was while all was well", async () => {
    await open();
    const before =
      "create table parcels (id int primary key auto_increment, code varchar(9) not null unique)";
    const app = await client("app", before, "insert into parcels (code) values ('a')");
    const shape = async () => (await app.query("show create table parcels"))[0];
    const made = await shape();
    await site.engine.knownGood.noteHealthy(site.service("orders-db"), undefined);
    await new Promise((resolve) => setTimeout(resolve, 300)); // so long it must have been well, here
    await site.engine.knownGood.noteHealthy(site.service("orders-db"), undefined);
    await app.query("drop table parcels");
    const text = "Error: Table 'shop.parcels' doesn't exist";
    for (let count = 0; count < 4; count += 1)
      site.engine.monitor.note({
        kind: "log",
        service: "orders-db",
        at: Date.now(),
        level: "error",
        text,
        source: "log",
      });
    await site.sees("orders-db", "missing-object");
    const { plan } = await healed("mysql-missing-object", "mysql-restore-object");
    expect(plan).toMatchObject({
      risk: "high",
      class: "data",
      title: "Make shop.parcels again as it was, empty",
    });
    expect(JSON.stringify(await shape()).replace("AUTO_INCREMENT=20", "AUTO_INCREMENT=2")).toBe(
      JSON.stringify(made),
    );
  });
});
