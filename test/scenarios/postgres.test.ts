// PostgreSQL is broken for real and healed through the whole graph: found, explained, gated, repaired, proved.
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from "vitest";
import type { FindingKind } from "../../domain/finding.ts";
import { makeRestore } from "../../api/restore.ts";
import { invoices, orders, parcels, setting } from "../acting/postgres-scenes.ts";
import { mountable, mountTmpfs } from "../acting/small-file-system.ts";
import { openPostgresWorld, type PostgresWorld } from "../acting/postgres-world.ts";
import { describeWith } from "../services-available.ts";
import { inDatabase } from "../../lab/postgres-server.ts";
import { openScenario, type Scenario, untilTrue } from "./site.ts";

describeWith("postgres", "healing PostgreSQL", () => {
  let world: PostgresWorld;
  let site: Scenario;
  beforeAll(async () => {
    world = await openPostgresWorld({
      durable: true,
      settings: [
        "shared_preload_libraries=pg_stat_statements",
        "logging_collector=on",
        "log_directory=log",
        "log_filename=server.log",
      ],
    });
    await world.admin.query("create extension pg_stat_statements");
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(async () => {
    await world.clear();
    await site[Symbol.asyncDispose]();
  });

  const open = async (thresholds = {}, service = {}): Promise<void> => {
    site = await openScenario({
      services: () => [
        {
          name: "orders-db",
          postgres: {
            url: `postgres://medic@127.0.0.1:${world.server.port}/postgres`,
            protectRoles: ["keeper"],
            terminateIdleInTransactionAfter: "1s",
          },
          ...service,
        },
      ],
      thresholds,
    });
  };

  /** Runs once the symptom is seen, and gives back what was done, and to whom. */
  async function healed(kind: FindingKind, load?: () => Promise<void>) {
    if (load !== undefined) {
      // Statements are counted from here on, as they are once a minute.
      const { database } = site.service("orders-db");
      const inspector = database && (await site.databases.of(database));
      if (inspector?.engine === "postgres") await inspector.readAnew();
      await load();
    }
    await site.sees("orders-db", kind);
    const run = await site.heal("orders-db");
    const incident = await site.incident(run?.id);
    const told = [incident.noPlan, incident.validation?.summary, incident.application?.steps];
    expect({ outcome: run?.outcome, told }).toMatchObject({ outcome: "healed" });
    return { incident, actions: incident.plan?.actions.map((one) => one.action) };
  }

  async function ask(times: number, sql: string): Promise<void> {
    const shop = await world.client("checkout");
    for (let count = 0; count < times; count += 1) await shop.query(sql, [count]);
    await shop.end(); // and so tells what it counted
  }

  const clients = async (): Promise<Record<string, unknown>[]> =>
    world.rows(
      "select application_name as name, count(*)::int from pg_stat_activity where usename in ('shop', 'keeper') group by 1 order by 1",
    );

  it("ends what a client leaked, and nothing else", async () => {
    await open();
    const work = (await world.client("checkout")).query("select pg_sleep(60)").catch(() => undefined);
    await (await world.client("backup", "keeper")).query("begin");
    await site.look("orders-db");
    const full = async (): Promise<Client | undefined> => world.client("checkout").catch(() => undefined);
    for (let one = await full(); one !== undefined; one = await full()) await one.query("begin");
    await new Promise((resolve) => setTimeout(resolve, 2_000)); // so long is nobody thought to have forgotten
    const { actions, incident } = await healed("connections");
    expect(actions).toEqual(["postgres-end-sessions"]);
    expect(incident.plan?.title).toBe("End the sessions that checkout holds unused");
    expect(await clients()).toEqual([
      { name: "backup", count: 1 },
      { name: "checkout", count: 1 },
    ]);
    await world.clear();
    await work;
  });

  it("ends the forgotten transaction at the root of those who wait, and lets them go on", async () => {
    await open();
    await world.admin.query("create table stock (id int primary key, n int); grant all on stock to shop");
    await world.admin.query("insert into stock values (1, 1), (2, 1), (3, 1)");
    await (await world.client("nightly")).query("begin; update stock set n = 2 where id = 1");
    const middle = await world.client("checkout");
    await middle.query("begin; update stock set n = 2 where id = 2");
    const waits = [
      middle.query("update stock set n = 3 where id = 1; commit"),
      (await world.client("search")).query("update stock set n = n + 10 where id = 2"),
    ];
    // And a second root, which holds up one of its own.
    await (await world.client("export")).query("begin; select * from stock where id = 3 for update");
    waits.push((await world.client("billing")).query("update stock set n = 5 where id = 3"));
    const { actions } = await healed("blocked-sessions");
    expect(actions).toEqual(["postgres-end-blocker"]);
    await Promise.all(waits);
    expect(await world.rows("select id, n from stock order by id")).toEqual([
      { id: 1, n: 3 },
      { id: 2, n: 12 },
      { id: 3, n: 5 },
    ]);
    expect((await clients()).map((one) => one["name"])).toEqual(["billing", "checkout", "search"]);
  });

  it("leaves alone a server whose connections are all at work, and says what to do", async () => {
    await open();
    await site.look("orders-db");
    const work: Promise<unknown>[] = [];
    const full = async (): Promise<Client | undefined> => world.client("checkout").catch(() => undefined);
    for (let one = await full(); one !== undefined; one = await full())
      work.push(one.query("select pg_sleep(60)").catch(() => undefined));
    await site.sees("orders-db", "connections");
    const run = await site.heal("orders-db");
    expect(run).toMatchObject({ outcome: "escalated" });
    const { noPlan, diagnosis } = await site.incident(run?.id);
    expect(diagnosis?.hypotheses[0]?.playbook).toBe("postgres-connections-load");
    expect(noPlan).toMatch(/pooler before it or make the clients' pools smaller/);
    expect(await clients()).toEqual([{ name: "checkout", count: work.length }]);
    await world.clear();
    await Promise.all(work);
  });

  it("leaves deadlocks to whoever wrote the transactions, names what deadlocks, and what won is kept", async () => {
    const [data] = await world.rows("show data_directory");
    await open({}, { logs: [{ file: join(String(data?.["data_directory"]), "log", "server.log") }] });
    await world.admin.query(
      "drop table if exists crates; create table crates (id int primary key, n int); grant all on crates to shop",
    );
    await world.admin.query("insert into crates values (1, 0), (2, 0)");
    await site.look("orders-db");
    const pair = [await world.client("checkout"), await world.client("checkout")] as const;
    const seconds = ["update crates set n = n + 1 where id = 2", "update crates set n = 1 + n where id = 1"];
    for (let round = 0; round < 4; round += 1) {
      await Promise.all(
        pair.map((one, at) => one.query(`begin; update crates set n = n + 1 where id = ${at + 1}`)),
      );
      const ends = await Promise.allSettled(pair.map((one, at) => one.query(`${seconds[at]}; commit`)));
      expect(ends.map((one) => one.status).toSorted()).toEqual(["fulfilled", "rejected"]);
      await Promise.all(pair.map((one) => one.query("rollback")));
    }
    for (const one of pair) await one.end(); // and so tell what they counted
    await site.sees("orders-db", "deadlocks");
    const run = await site.heal("orders-db");
    expect(run).toMatchObject({ outcome: "escalated" });
    const { noPlan, diagnosis } = await site.incident(run?.id);
    expect(diagnosis?.hypotheses[0]?.playbook).toBe("postgres-deadlocks");
    expect(noPlan).toMatch(/try again on SQLSTATE 40P01/);
    // As its own log has it, whose lines are joined and masked on their way; either may be the one that is ended.
    const sum = String.raw`(?:n \+ \?|\? \+ n)`;
    expect(noPlan).toMatch(
      new RegExp(
        `"update crates set n = ${sum} where id = \\?; commit" against "update crates set n = ${sum}`,
      ),
    );
    expect(noPlan).toContain(", on crates");
    expect(await world.rows("select n from crates order by id")).toEqual([{ n: 4 }, { n: 4 }]);
  });

  it.runIf(mountable)("makes room on the disk of a tablespace, by its owner's rules", async () => {
    const disk = mkdtempSync(join(tmpdir(), "opsmedic-tablespace-"));
    const unmount = mountTmpfs(disk, "size=8m,mode=755");
    onTestFinished(() => {
      unmount();
      rmSync(disk, { recursive: true, force: true });
    });
    const place = join(disk, "pg");
    mkdirSync(place);
    mkdirSync(join(disk, "tmp"));
    chmodSync(place, 0o700);
    const { uid, gid } = statSync(`/proc/${world.server.pid}`);
    chownSync(place, uid, gid);
    const old = join(disk, "tmp", "export.csv");
    writeFileSync(old, "1;2;3\n".repeat(700_000));
    utimesSync(old, 1_700_000_000, 1_700_000_000);
    await open({}, { cleanUp: { temporary: [{ files: `${disk}/tmp/**`, olderThan: "7d" }] } });
    await world.admin.query(`create tablespace small location '${place}'`);
    await world.admin.query("grant create on tablespace small to medic");
    await world.admin.query("create table letters (n int, text text) tablespace small");
    const write = (): Promise<string> =>
      world.admin
        .query("insert into letters select g, repeat('x', 500) from generate_series(1, 2000) g")
        .then(
          () => "written",
          (error: Error) => error.message,
        );
    let said = "written";
    while (said === "written") said = await write();
    expect(said).toMatch(/could not extend file .*: No space left on device/);
    const held = await world.rows("select count(*)::int as n from letters");
    // As its log would have it.
    for (let count = 0; count < 4; count += 1)
      site.engine.monitor.note({
        kind: "log",
        service: "orders-db",
        at: Date.now(),
        level: "error",
        text: `ERROR:  ${said}`,
        source: "log",
      });
    const { actions, incident } = await healed("log-errors");
    expect(incident.plan?.playbook).toBe("postgres-disk-full");
    expect(actions).toEqual(["free-space", "postgres-write-again"]);
    expect(incident.application?.steps[1]?.text).toMatch(/filled a table of a megabyte/);
    expect(await world.rows("select count(*)::int as n from letters")).toEqual(held);
    expect(await write()).toBe("written");
    await world.admin.query("drop table letters");
    await world.admin.query("drop tablespace small");
  });

  it("puts a setting right that endangers the server, and nothing judges by what was before", async () => {
    await open();
    await setting(world, "alter system set autovacuum = off", "off");
    const { actions, incident } = await healed("bad-setting");
    expect(actions).toEqual(["postgres-set-setting"]);
    expect(incident.application?.steps[0]?.text).toContain("changed autovacuum from off to on");
    expect(await world.rows("show autovacuum")).toEqual([{ autovacuum: "on" }]);
  });

  it("makes old statistics anew", async () => {
    await open({ queryTime: "1ms" });
    const few = "create index on orders (customer); analyze orders";
    await orders(world, 100, few, "insert into orders (customer) select g from generate_series(1, 60000) g");
    const { actions } = await healed("stale-statistics", () =>
      ask(10, "select count(*) from orders where note like $1::int::text"),
    );
    expect(actions).toEqual(["postgres-analyze"]);
  });

  it("vacuums a table that is overdue", async () => {
    await open();
    await orders(world, 30_000, "analyze orders", "update orders set note = 'y'");
    const { actions } = await healed("bloat");
    expect(actions).toEqual(["postgres-vacuum"]);
    expect(
      await world.rows("select n_dead_tup::int as dead from pg_stat_user_tables where relname = 'orders'"),
    ).toEqual([{ dead: 0 }]);
  });

  it("ends the one forgotten transaction that keeps dead rows, and then removes them", async () => {
    await open();
    await orders(world, 30_000, "analyze orders");
    const forgotten = await world.client("nightly");
    await forgotten.query("begin isolation level repeatable read; select 1 from orders limit 1");
    // Of the same client, as long forgotten, and no row is kept by it.
    await (await world.client("nightly")).query("begin");
    await (await world.client("backup", "keeper")).query("begin");
    for (const sql of ["update orders set note = 'y'", "vacuum orders"])
      await inDatabase(world.server.url("postgres"), sql);
    const dead = () =>
      world.rows("select n_dead_tup::int as dead from pg_stat_user_tables where relname = 'orders'");
    expect((await dead())[0]?.["dead"]).toBeGreaterThan(20_000);
    await untilTrue("they are forgotten", async () => {
      const [row] = await world.rows(
        "select min(clock_timestamp() - state_change) > interval '1.1 s' as old from pg_stat_activity where application_name = 'nightly'",
      );
      return row?.["old"] === true;
    });
    const { actions, incident } = await healed("bloat");
    expect(incident.plan).toMatchObject({ playbook: "postgres-vacuum-held-back", class: "data" });
    expect(actions).toEqual(["postgres-end-sessions", "postgres-vacuum"]);
    expect(await dead()).toEqual([{ dead: 0 }]);
    expect(await clients()).toEqual([
      { name: "backup", count: 1 },
      { name: "nightly", count: 1 },
    ]);
  });

  it("leaves dead rows to a person that somebody at work keeps", async () => {
    await open();
    await orders(world, 30_000, "analyze orders");
    const work = (await world.client("report")).query("select pg_sleep(60) from orders limit 1");
    work.catch(() => undefined);
    await untilTrue("it works", async () => {
      const sql =
        "select from pg_stat_activity where application_name = 'report' and backend_xmin is not null";
      return (await world.rows(sql)).length > 0;
    });
    for (const sql of ["update orders set note = 'y'", "vacuum orders"])
      await inDatabase(world.server.url("postgres"), sql);
    await site.sees("orders-db", "bloat");
    const run = await site.heal("orders-db");
    expect(run).toMatchObject({ outcome: "escalated" });
    const { noPlan } = await site.incident(run?.id);
    expect(noPlan).toMatch(/no forgotten transaction alone keeps them/);
    expect(await clients()).toEqual([{ name: "report", count: 1 }]);
  });

  it("makes the index that statements miss", async () => {
    await open({ queryTime: "2ms" });
    await orders(world, 100_000, "analyze orders");
    const { actions, incident } = await healed("slow-queries", () =>
      ask(20, "select * from orders where customer = $1"),
    );
    expect(actions).toEqual(["postgres-create-index"]);
    expect(incident.application?.steps[0]?.text).toMatch(
      /made the index opsmedic_orders_customer_\w{8}.*went from \d+ to \d+/,
    );
  });

  it("lets a sequence count on whose column was made wider,", async () => {
    await open();
    await invoices(world);
    const { actions } = await healed("sequence-end");
    expect(actions).toEqual(["postgres-widen-sequence"]);
    await (await world.client("billing")).query("select setval('invoices_id_seq', 2147483648)");
    await world.admin.query("drop table invoices");
  });

  it("makes a table again that somebody dropped, as it was while all was well", async () => {
    await open();
    await parcels(world);
    const [before] = await world.rows(
      "select count(*)::int as columns from pg_attribute where attrelid = 'parcels'::regclass",
    );
    await site.engine.knownGood.noteHealthy(site.service("orders-db"), undefined);
    await new Promise((resolve) => setTimeout(resolve, 300)); // so long it must have been well, here
    await site.engine.knownGood.noteHealthy(site.service("orders-db"), undefined);
    await world.admin.query("drop table parcels");
    const text = `ERROR:  relation "parcels" does not exist at character 15`;
    for (let count = 0; count < 4; count += 1)
      site.engine.monitor.note({
        kind: "log",
        service: "orders-db",
        at: Date.now(),
        level: "error",
        text,
        source: "log",
      });
    const { actions, incident } = await healed("missing-object");
    expect(actions).toEqual(["postgres-restore-object"]);
    const columns =
      "select count(*)::int as columns from pg_attribute where attrelid = to_regclass('parcels') having count(*) > 0";
    expect(await world.rows(columns)).toEqual([before]);

    // By hand it is taken back while nobody has used it, and made again from the backup of that.
    const restore = makeRestore(site);
    const byAda = { dryRun: false, by: "ada" };
    await world.admin.query("insert into parcels (code) values ('kept')");
    expect(await restore(incident.backupId ?? "", byAda)).toMatchObject({
      restored: false,
      steps: [{ ok: false, text: "the table public.parcels has been written into, and stays" }],
    });
    expect(await world.rows("select code from parcels")).toEqual([{ code: "kept" }]);
    await world.admin.query("delete from parcels");
    const gone = await restore(incident.backupId ?? "", byAda);
    expect(gone).toMatchObject({ restored: true });
    expect(await world.rows(columns)).toEqual([]);
    expect(await restore(gone.backup_id ?? "", byAda)).toMatchObject({ restored: true });
    expect(await world.rows(columns)).toEqual([before]);
  });
});
