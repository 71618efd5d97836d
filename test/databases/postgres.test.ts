// Failure modes of PostgreSQL, made on a real server: the right cause wins over its likeliest rival, and what only looks
// like trouble is none.
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import type { Service } from "../../domain/service.ts";
import { inDatabase, type PostgresServer, startPostgres } from "../../lab/postgres-server.ts";
import { actionNames } from "../../tools/actions/catalogue.ts";
import { makePostgresInspector } from "../../tools/postgres-inspector.ts";
import { makePostgresReader } from "../../tools/postgres-reader.ts";
import { wallClock } from "../observation/service.ts";
import { describeWith } from "../services-available.ts";
import { databaseService, makeScene, type Scene, verdictOf } from "./scene.ts";

describeWith("postgres", "diagnosis of PostgreSQL", () => {
  let server: PostgresServer;
  let scene: Scene;
  let service: Service;
  let url: string;
  let clients: Client[] = [];
  let databases = 0;

  beforeAll(async () => {
    server = await startPostgres({
      durable: true, // what makes tests quick are settings that endanger data, and would be found
      settings: [
        "shared_preload_libraries=pg_stat_statements",
        "synchronous_commit=off",
        "autovacuum_naptime=1h",
        "deadlock_timeout=20ms",
      ],
    });
    await inDatabase(
      server.url("postgres"),
      "create role shop login; create role watcher login; grant pg_monitor to watcher",
    );
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  /** A database of its own for a test: statistics, tables and statements of others are not in it. */
  async function open(...sql: string[]): Promise<void> {
    databases += 1;
    url = await server.createDatabase(`shop${databases}`);
    await inDatabase(url, "create extension pg_stat_statements; grant create on schema public to shop");
    for (const one of sql) await inDatabase(url, one);
    const watcher = url.replace("postgres@", "watcher@");
    service = databaseService("orders-db", { kind: "postgres", url: watcher, protectRoles: [] });
    scene = makeScene([service]);
  }

  afterEach(async () => {
    scene.close();
    // Whatever a client still does: none of them outlives its test.
    const ended = "select pg_terminate_backend(pid) from pg_stat_activity where usename = 'shop'";
    await inDatabase(server.url("postgres"), ended);
    await Promise.all(clients.map((one) => one.end().catch(() => undefined)));
    clients = [];
  });

  /** A client as the shop's programs are: neither superuser nor opsmedic. */
  async function client(name: string, role = "shop"): Promise<Client> {
    const made = new Client({
      connectionString: url.replace("postgres@", `${role}@`),
      application_name: name,
    });
    made.on("error", () => undefined);
    await made.connect();
    clients.push(made);
    return made;
  }

  const kinds = async (): Promise<string[]> => (await scene.look(service)).map((one) => one.kind);

  it("names the client that leaks connections, not the load", async () => {
    await open();
    for (let count = 0; count < 50; count += 1) await (await client("checkout")).query("begin; select 1");
    await (await client("report")).query("select 1");
    const found = await scene.diagnosed(service, "connections");
    expect(found.finding.facts).toMatchObject({ idleInTransaction: 50 });
    // Too early to be sure, and no other cause comes to stand above it meanwhile.
    expect(found.hypotheses[0]?.playbook).toBe("postgres-connections-leaked");
    await wallClock.sleep(2_000); // what is a leak has been in its transaction for two seconds
    const diagnosed = await scene.diagnosed(service, "connections");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-connections-leaked", sure: true, clear: true });
    expect(diagnosed.hypotheses[0]?.cause).toContain(
      "checkout from 127.0.0.1, role shop holds 50 connections",
    );
    expect(diagnosed.advice).toContain(
      "usename = 'shop' AND application_name = 'checkout' AND state = 'idle in transaction'",
    );
  });

  it("tells real work from a leak, and still sees a server that has no place left", async () => {
    await open();
    await scene.look(service); // the connection of the looks is there before the server is full
    const all = await Promise.all(Array.from({ length: 55 }, () => client("checkout")));
    const work = all.map((one) => one.query("select pg_sleep(60)").catch(() => undefined));
    const diagnosed = await scene.diagnosed(service, "connections");
    expect(diagnosed.finding.severity).toBe("critical");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-connections-load", sure: true, clear: true });
    await inDatabase(
      server.url("postgres"),
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'checkout'",
    );
    await Promise.all(work);
  });

  it("leaves many connections alone that are well", async () => {
    await open();
    for (let count = 0; count < 40; count += 1) await (await client("checkout")).query("select 1");
    expect([await kinds(), await kinds()]).toEqual([[], []]);
  });

  it("finds the root of a tree of blocked sessions: a transaction that was forgotten", async () => {
    await open(
      "create table stock (id int primary key, n int); insert into stock select g, 1 from generate_series(1, 5) g; grant all on stock to shop",
    );
    const root = await client("nightly-report");
    await root.query("begin; update stock set n = 2 where id = 1");
    const middle = await client("checkout");
    await middle.query("begin; update stock set n = 2 where id = 2");
    const waits = [
      middle.query("update stock set n = 3 where id = 1"),
      (await client("checkout")).query("update stock set n = 4 where id = 2"),
    ].map((one) => one.catch(() => undefined));
    const diagnosed = await scene.diagnosed(service, "blocked-sessions");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-idle-blocker", sure: true, clear: true });
    expect(diagnosed.hypotheses[0]?.cause).toMatch(
      /nightly-report.*role shop.*idle in transaction.*holds up 2 sessions/,
    );
    const { rows } = await root.query<{ pid: number }>("select pg_backend_pid() as pid");
    expect(diagnosed.advice).toContain(`SELECT pg_terminate_backend(${rows[0]?.pid});`);
    await root.query("rollback");
    await waits[0];
    await middle.query("rollback");
    await Promise.all(waits);
  });

  it("finds a root that works, and does not call it forgotten", async () => {
    await open(
      "create table stock (id int primary key, n int); insert into stock values (1, 1); grant all on stock to shop",
    );
    const root = await client("migration");
    await root.query("begin; update stock set n = 2");
    const work = root.query("select pg_sleep(60)").catch(() => undefined);
    const wait = (await client("checkout")).query("update stock set n = 3").catch(() => undefined);
    const diagnosed = await scene.diagnosed(service, "blocked-sessions");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-active-blocker", sure: true, clear: true });
    await inDatabase(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'migration'",
    );
    await Promise.all([work, wait]);
  });

  it("finds a storm of deadlocks", async () => {
    await open(
      "create table stock (id int primary key, n int); insert into stock values (1, 1), (2, 1); grant all on stock to shop",
    );
    const [a, b] = [await client("checkout"), await client("checkout")];
    expect(await kinds()).toEqual([]);
    for (let count = 0; count < 4; count += 1) {
      await Promise.all([
        a.query("begin; update stock set n = 2 where id = 1"),
        b.query("begin; update stock set n = 2 where id = 2"),
      ]);
      await Promise.allSettled([
        a.query("update stock set n = 3 where id = 2"),
        b.query("update stock set n = 3 where id = 1"),
      ]);
      await Promise.all([a.query("rollback"), b.query("rollback")]);
    }
    await Promise.all([a.end(), b.end()]); // a session tells what it counted at its end, else after ten seconds
    for (const id of [1, 2, 3])
      scene.note({
        kind: "log",
        service: "orders-db",
        at: wallClock.now(),
        level: "error",
        text: `ERROR:  deadlock detected\nDETAIL:  Process 11 waits for ShareLock\n\tProcess 1${id}: update stock set n = 3 where id = ${id}\n\tProcess 99: delete from stock where note = 'a secret'`,
        source: "log",
      });
    const diagnosed = await scene.diagnosed(service, "deadlocks");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-deadlocks", sure: true, clear: true });
    expect(diagnosed.advice).toContain(
      '"update stock set n = ? where id = ?" against "delete from stock where note = ?", on stock',
    );
  });

  const orders =
    "create table orders (id serial primary key, customer int, note text); insert into orders (customer, note) select g % 5000, repeat('x', 50) from generate_series(1, 60000) g; grant all on orders to shop";

  async function ask(times: number): Promise<void> {
    const shop = await client("checkout");
    for (let count = 0; count < times; count += 1)
      await shop.query("select * from orders where customer = $1", [count]);
    await shop.end(); // and so tells what it counted
  }

  it("finds the missing index by what statements filter by, not old statistics", async () => {
    await open(orders, "analyze orders");
    scene.close();
    scene = makeScene([service], { queryTimeMs: 1 });
    await scene.look(service);
    await ask(30);
    const diagnosed = await scene.diagnosed(service, "slow-queries");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-missing-index", sure: true, clear: true });
    expect(diagnosed.advice).toContain("CREATE INDEX CONCURRENTLY ON orders (customer);");
  });

  it("finds old statistics where the index is there", async () => {
    await open(
      "create table orders (id serial primary key, customer int, note text); create index on orders (customer); analyze orders",
      orders.replace(/create table[^;]*;/, ""),
    );
    scene.close();
    scene = makeScene([service], { queryTimeMs: 0.001 });
    await scene.look(service);
    await ask(10);
    const diagnosed = await scene.diagnosed(service, "stale-statistics");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-stale-statistics", sure: true, clear: true });
    expect(diagnosed.advice).toContain("ANALYZE public.orders;");
  });

  it("leaves one long statement alone", async () => {
    await open(orders, "analyze orders");
    const report = await client("report");
    const work = report.query("select pg_sleep(60)").catch(() => undefined);
    await wallClock.sleep(1_100); // long enough to count as one
    expect([await kinds(), await kinds(), await kinds()]).toEqual([[], [], []]);
    expect(scene.signals(service).at(-1)).toBeDefined();
    await inDatabase(
      url,
      "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'report'",
    );
    await work;
  });

  it("tells a vacuum that never came from one that is held back", async () => {
    await open(
      orders,
      "alter table orders set (autovacuum_enabled = off)",
      "analyze orders; update orders set note = 'y'",
    );
    const overdue = await scene.diagnosed(service, "bloat");
    expect(verdictOf(overdue)).toMatchObject({ cause: "postgres-vacuum-overdue", clear: true });

    await open(orders, "alter table orders set (autovacuum_enabled = off)", "analyze orders");
    const holder = await client("export");
    await holder.query("begin isolation level repeatable read; select count(*) from orders");
    await inDatabase(url, "update orders set note = 'y'");
    await inDatabase(url, "vacuum orders");
    const held = await scene.diagnosed(service, "bloat");
    expect(verdictOf(held)).toEqual({ cause: "postgres-vacuum-held-back", sure: true, clear: true });
    expect(held.hypotheses[0]?.cause).toContain("export");
  });

  it("finds a serial whose column is nearly used up, though its sequence could go on", async () => {
    await open(
      "create table orders (id serial primary key)",
      "select setval('orders_id_seq', 2100000000); grant select on sequence orders_id_seq to watcher",
    );
    const diagnosed = await scene.diagnosed(service, "sequence-end");
    expect(diagnosed.finding.severity).toBe("critical");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-sequence-end", sure: true, clear: true });
    expect(diagnosed.advice).toContain("ALTER TABLE orders ALTER COLUMN id TYPE bigint;");
  });

  it("asks the catalogue whether what the log misses is missing, or elsewhere", async () => {
    await open(
      "create schema sales; create table sales.invoices (id int); create table invoice_lines (id int)",
    );
    const complain = (table: string): void => {
      for (let count = 0; count < 4; count += 1) {
        const text = `error: relation "${table}" does not exist`;
        scene.note({
          kind: "log",
          service: "orders-db",
          at: wallClock.now(),
          level: "error",
          text,
          source: "log",
        });
      }
    };
    complain("invoice_line");
    const missing = await scene.diagnosed(service, "missing-object");
    expect(verdictOf(missing)).toEqual({ cause: "postgres-missing-object", sure: true, clear: true });
    expect(missing.advice).toContain("invoice_line is missing; there is invoice_lines");
    scene.close();
    scene = makeScene([service]);
    complain("invoices");
    const elsewhere = await scene.diagnosed(service, "missing-object");
    expect(verdictOf(elsewhere)).toEqual({ cause: "postgres-wrong-schema", sure: true, clear: true });
    scene.close();
    scene = makeScene([service]);
    complain("invoice_lines"); // it came into being since: neither is the cause
    const present = await scene.diagnosed(service, "missing-object");
    expect(verdictOf(present).sure).toBe(false);
    expect(present.hypotheses[0]?.scoreBp).toBeLessThan(3_000);
  });

  it("finds a setting that endangers the data, with the statement that puts it right", async () => {
    await open();
    await inDatabase(server.url("postgres"), "alter system set autovacuum = off");
    await inDatabase(server.url("postgres"), "select pg_reload_conf()");
    const diagnosed = await scene.diagnosed(service, "bad-setting");
    expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-bad-setting", sure: true, clear: true });
    expect(diagnosed.advice).toContain("ALTER SYSTEM SET");
    await inDatabase(server.url("postgres"), "alter system reset autovacuum");
    await inDatabase(server.url("postgres"), "select pg_reload_conf()");
  });

  it("cannot write, whatever the role may, and says which rights are missing", async () => {
    await open();
    const reader = makePostgresReader(url); // a superuser's
    await expect(reader.read("create table mine (id int)")).rejects.toThrow("read-only transaction");
    await expect(reader.read("select pg_sleep(5)")).rejects.toThrow("statement timeout");
    expect(await reader.read("select 1 as one")).toEqual([{ one: 1 }]);
    reader.close();
    const superuser = makePostgresInspector(url, wallClock);
    expect(await superuser.missingRights()).toEqual([]);
    superuser.close();
    const poor = makePostgresInspector(url.replace("postgres@", "shop@"), wallClock);
    const grants = (await poor.missingRights()).map((one) => one.grant);
    expect(grants.slice(0, 3)).toEqual([
      'GRANT pg_monitor TO "shop";',
      'GRANT pg_signal_backend TO "shop";',
      expect.stringMatching(/^GRANT EXECUTE ON FUNCTION pg_reload_conf.*ALTER SYSTEM ON PARAMETER fsync, /),
    ]);
    expect(grants.at(-1)).toMatch(/^(?:GRANT pg_maintain TO "shop"|ALTER ROLE "shop" SUPERUSER)/);
    await inDatabase(
      url,
      "create role ledgers; create schema theirs; create table theirs.ledger (id int); alter table theirs.ledger owner to ledgers",
    );
    const [tables, objects] = (await poor.repairRights()).filter((one) =>
      /vacuum|index/.test(one.repairs.join(" ")),
    );
    expect([tables?.given, objects?.given]).toEqual([false, false]);
    expect(objects?.grant).toMatch(
      /^GRANT .*ledgers.* TO "shop"; GRANT CREATE ON SCHEMA .*theirs.* TO "shop";$/,
    );
    expect((await poor.repairRights()).flatMap((one) => one.repairs).sort()).toEqual(
      actionNames.filter((one) => one.startsWith("postgres-")).sort(),
    );
    poor.close();
  });
});
