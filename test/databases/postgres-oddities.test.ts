// PostgreSQL as it is met in the field: names in quotes, tables in partitions, locks that no session holds. What is seen
// of the rest must not be lost over it, and what is said must be true.
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Service } from "../../domain/service.ts";
import { inDatabase, type PostgresServer, startPostgres } from "../../lab/postgres-server.ts";
import { makePostgresInspector } from "../../tools/postgres-inspector.ts";
import { wallClock } from "../observation/service.ts";
import { describeWith } from "../services-available.ts";
import { databaseService, makeScene, type Scene, verdictOf } from "./scene.ts";

const STOCK =
  "create table stock (id int primary key, n int); insert into stock values (1, 1); grant all on stock to shop";

describeWith("postgres", "PostgreSQL with oddities", () => {
  let server: PostgresServer;
  let scene: Scene;
  let service: Service;
  let url: string;
  let clients: Client[] = [];
  let databases = 0;

  beforeAll(async () => {
    server = await startPostgres({
      durable: true,
      settings: [
        "shared_preload_libraries=pg_stat_statements",
        "synchronous_commit=off",
        "autovacuum_naptime=1h",
        "max_prepared_transactions=5",
      ],
    });
    await inDatabase(
      server.url("postgres"),
      "create role shop login; create role watcher login; grant pg_monitor to watcher",
    );
  });
  afterAll(async () => server[Symbol.asyncDispose]());

  async function open(...sql: string[]): Promise<void> {
    databases += 1;
    url = await server.createDatabase(`odd${databases}`);
    await inDatabase(url, "create extension pg_stat_statements");
    for (const one of sql) await inDatabase(url, one);
    service = databaseService("orders-db", {
      kind: "postgres",
      url: url.replace("postgres@", "watcher@"),
      protectRoles: [],
    });
    scene = makeScene([service], { queryTimeMs: 1 });
  }

  afterEach(async () => {
    scene.close();
    await Promise.all(clients.map((one) => one.end().catch(() => undefined)));
    clients = [];
  });

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

  it("looks into a database whose schema and sequences have names in quotes", async () => {
    await open(
      `create schema "Odd ""Shop"; create table "Odd ""Shop"."My.Lines" ("The Id" serial primary key)`,
      `grant usage on schema "Odd ""Shop" to watcher; grant select on all sequences in schema "Odd ""Shop" to watcher`,
      `select setval(pg_get_serial_sequence('"Odd ""Shop"."My.Lines"', 'The Id'), 2100000000)`,
    );
    const diagnosed = await scene.diagnosed(service, "sequence-end");
    expect(diagnosed.advice).toContain(
      `ALTER TABLE "Odd ""Shop"."My.Lines" ALTER COLUMN "The Id" TYPE bigint; ALTER SEQUENCE "Odd ""Shop"."My.Lines_The Id_seq" AS bigint;`,
    );
  });

  it("sees who holds up whom while a sequence is locked, and says what it could not see", async () => {
    await open(
      STOCK,
      "create sequence numbers; select nextval('numbers'); grant select on numbers to watcher",
    );
    const migration = await client("migration", "postgres");
    await migration.query("begin; alter sequence numbers increment 2; update stock set n = 2");
    const wait = (await client("checkout")).query("update stock set n = 3").catch(() => undefined);
    const diagnosed = await scene.diagnosed(service, "blocked-sessions");
    expect(diagnosed.hypotheses[0]?.playbook).toBe("postgres-idle-blocker");
    const told: unknown[] = [];
    const inspector = makePostgresInspector(url, wallClock);
    const look = await inspector.look(undefined, (error) => told.push(String(error)));
    inspector.close();
    expect(look?.numbers).toMatchObject({ blocked: 1 });
    expect(look?.numbers).not.toHaveProperty("sequence-share");
    expect(told).toEqual([expect.stringContaining("lock timeout")]);
    await migration.query("rollback");
    await wait;
  });

  it("finds the missing index of a table with a name in quotes", async () => {
    await open(
      `create table "Order Lines" (id serial primary key, "customerId" int, note text); grant all on "Order Lines" to shop`,
      `insert into "Order Lines" ("customerId", note) select g % 5000, repeat('y', 100) from generate_series(1, 50000) g; analyze`,
    );
    await askFor(`select * from "Order Lines" where "customerId" = $1`);
    const diagnosed = await scene.diagnosed(service, "slow-queries");
    expect(verdictOf(diagnosed)).toMatchObject({ cause: "postgres-missing-index", sure: true });
    expect(diagnosed.advice).toContain(`CREATE INDEX CONCURRENTLY ON "Order Lines" ("customerId");`);
  });

  it("sends no vacuum after one that is at it already", async () => {
    await open(
      "create table orders (id int, note text) with (autovacuum_enabled = off); insert into orders select g, 'y' from generate_series(1, 30000) g; analyze; update orders set note = 'z'; alter table orders owner to shop",
    );
    const other = await client("cleaner");
    await other.query("set vacuum_cost_delay = 100; set vacuum_cost_limit = 1");
    const vacuum = other.query("vacuum orders").catch(() => undefined);
    const { advice } = await scene.diagnosed(service, "bloat");
    expect(advice).toMatch(/Let the vacuum end that is at it: .*public\.orders.*vacuum orders/);
    await inDatabase(url, "select pg_cancel_backend(pid) from pg_stat_progress_vacuum");
    await vacuum;
    expect((await scene.diagnosed(service, "bloat")).advice).not.toContain("at it");
  });

  it("calls no index missing that would lead to nearly every page", async () => {
    await open(
      "create table orders (id serial primary key, customer int, state int, parent int, note text); grant all on orders to shop",
      "insert into orders (customer, state, parent, note) select g % 5000, g % 12, case when g % 10 = 0 then g / 10 % 900 end, repeat('y', 100) from generate_series(1, 50000) g; analyze",
    );
    await askFor("select count(note) from orders where state = $1");
    const owner = makePostgresInspector(url, wallClock);
    expect(await owner.indexCandidates()).toEqual([]);
    // Who may not read the table sees no statistics of it: that is said.
    const { hypotheses } = await scene.diagnosed(service, "slow-queries");
    expect(hypotheses[0]?.cause).toContain("how many different values it has cannot be seen");
    await askFor("select count(note) from orders where parent = $1"); // nine of ten have none
    expect(await owner.indexCandidates()).toMatchObject([{ column: "parent" }]);
    owner.close();
  });

  it("finds it of a partitioned table, and advises nothing that PostgreSQL refuses", async () => {
    await open(
      "create table orders (id serial, customer int, note text) partition by hash (id); grant all on orders to shop",
      "create table orders_0 partition of orders for values with (modulus 2, remainder 0); create table orders_1 partition of orders for values with (modulus 2, remainder 1)",
      "insert into orders (customer, note) select g % 5000, repeat('y', 100) from generate_series(1, 50000) g; analyze orders_0; analyze orders_1",
    );
    await askFor("select * from orders where customer = $1");
    const diagnosed = await scene.diagnosed(service, "slow-queries");
    expect(diagnosed.hypotheses[0]?.playbook).toBe("postgres-missing-index");
    expect(diagnosed.advice).toContain("for each partition CREATE INDEX CONCURRENTLY");
    const watcher = makePostgresInspector(service.database?.url ?? "", wallClock);
    await inDatabase(url, "create index on orders_0 (customer); create index on orders_1 (customer)");
    expect(await watcher.indexCandidates()).toEqual([]);
    watcher.close();
  });

  /** As the shop asks, between two looks. */
  async function askFor(sql: string): Promise<void> {
    await scene.look(service);
    const shop = await client("checkout");
    for (let count = 0; count < 12; count += 1) await shop.query(sql, [count]);
    await shop.end(); // and so tells what it counted
  }

  /** Two wait for whatever holds the row. */
  async function blocked(root: string) {
    const wait = (await client("checkout")).query("update stock set n = 3").catch(() => undefined);
    const behind = (await client("checkout")).query("update stock set n = 4").catch(() => undefined);
    const diagnosed = await scene.diagnosed(service, "blocked-sessions");
    expect(verdictOf(diagnosed)).toEqual({ cause: root, sure: true, clear: true });
    return { diagnosed, waits: Promise.all([wait, behind]) };
  }

  describe("a lock that no working client holds", () => {
    it("is a prepared transaction's, not that of whoever waits for it first", async () => {
      await open(STOCK);
      const manager = await client("manager");
      await manager.query("begin; update stock set n = 2; prepare transaction 'it''s 7'");
      const { diagnosed, waits } = await blocked("postgres-prepared-blocker");
      expect(diagnosed.hypotheses[0]?.cause).toMatch(
        /the prepared transaction 'it''s 7' of shop.* holds up 2 sessions/,
      );
      expect(diagnosed.advice).toContain("COMMIT PREPARED 'it''s 7'; or ROLLBACK PREPARED 'it''s 7';");
      await manager.query("rollback prepared 'it''s 7'");
      await waits;
    });

    it("is not ended alone where others wait for one that works, and both are told", async () => {
      await open(STOCK, "insert into stock values (2, 2)");
      const migration = await client("migration");
      await migration.query("begin; update stock set n = 2 where id = 2");
      const work = migration.query("select pg_sleep(60)").catch(() => undefined);
      await (await client("nightly")).query("begin; update stock set n = 2 where id = 1");
      const waits = [1, 1, 2].map(async (id) =>
        (await client("checkout")).query("update stock set n = 3 where id = $1", [id]).catch(() => undefined),
      );
      const { hypotheses, advice } = await scene.diagnosed(service, "blocked-sessions");
      expect(hypotheses[0]?.cause).toMatch(/nightly.* holds up 2 sessions/);
      expect(advice).toMatch(/1 may be ended, but others wait for session \d+ \(migration.* holds up 1\)/);
      await inDatabase(
        url,
        "select pg_terminate_backend(pid) from pg_stat_activity where application_name in ('migration', 'nightly')",
      );
      await Promise.all([work, ...waits]);
    });

    it("is an advisory one of a session that idles", async () => {
      await open(STOCK);
      const leader = await client("old-leader");
      await leader.query("select pg_advisory_lock(7)");
      const wait = (await client("checkout")).query("select pg_advisory_lock(7)").catch(() => undefined);
      const diagnosed = await scene.diagnosed(service, "blocked-sessions");
      expect(verdictOf(diagnosed)).toEqual({ cause: "postgres-advisory-blocker", sure: true, clear: true });
      expect(diagnosed.advice).toContain("Ask old-leader whether it still leads");
      await leader.end();
      await wait;
    });
  });

  it("is not called down where it only refuses the login", async () => {
    await open(STOCK);
    await inDatabase(url, "alter role watcher nologin");
    const { hypotheses, advice } = await scene.diagnosed(service, "unreachable");
    await inDatabase(url, "alter role watcher login");
    expect(hypotheses[0]).toMatchObject({ playbook: "postgres-login-refused", discriminated: true });
    expect(hypotheses[0]?.cause).toContain("not permitted to log in");
    expect(advice).toContain("the role (LOGIN, VALID UNTIL)");
  });

  it("says how to look inside where no place is left for it either", async () => {
    await open(STOCK);
    const all: Client[] = [];
    for (
      let one = await client("leaker").catch(() => undefined);
      one;
      one = await client("leaker").catch(() => undefined)
    ) {
      await one.query("begin; select 1");
      all.push(one);
    }
    expect(all.length).toBeGreaterThan(20);
    const { hypotheses, advice } = await scene.diagnosed(service, "connections");
    expect(hypotheses[0]?.playbook).toBe("postgres-connections-leaked");
    expect(advice).toContain("as a superuser, for whom some are kept: SELECT usename");
    expect(advice).not.toContain("not seen does not use");
  });

  it("asks for no right of a superuser's, nor for one that is given", async () => {
    await open(
      STOCK,
      "create schema theirs; create table theirs.ledger (id serial); alter table theirs.ledger owner to shop",
    );
    const watcher = makePostgresInspector(service.database?.url ?? "", wallClock);
    const texts = async (): Promise<string> =>
      (await watcher.missingRights()).map((one) => one.grant).join("\n");
    const before = await texts();
    expect(before).toContain("GRANT SELECT ON ALL SEQUENCES IN SCHEMA theirs TO");
    expect(before).toContain(
      "ALTER TABLE … OWNER TO a role that is no superuser, for the tables of postgres",
    );
    expect(before).toContain('GRANT shop TO "watcher"');
    expect(before).not.toMatch(/GRANT [^;]*postgres/);
    // Never used so far, and yet seen.
    await inDatabase(url, "grant select on all sequences in schema theirs to watcher");
    expect(await texts()).not.toContain("SEQUENCES");
    watcher.close();
  });
});
