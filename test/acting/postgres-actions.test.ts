// The repairs of PostgreSQL on a real server: each keeps the contract, and leaves what it must leave.
import { spawn } from "node:child_process";
import { appendFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { needPostgres } from "../../tools/actions/postgres/connection.ts";
import { keptConnection } from "../../tools/actions/postgres/kept-connection.ts";
import { indexName } from "../../tools/actions/own-index.ts";
import { leakedBy } from "../../tools/actions/postgres/unused-sessions.ts";
import { actionContract } from "../contract/action.contract.ts";
import { describeWith } from "../services-available.ts";
import { keptNothing } from "./kept-nothing.ts";
import { oldRows, orders, postgresScenes, setting, spendTransactions, until } from "./postgres-scenes.ts";
import { openPostgresWorld, type PostgresWorld } from "./postgres-world.ts";

const killedAct = fileURLToPath(new URL("killed-act.ts", import.meta.url));

describeWith("postgres", "repairs of PostgreSQL", () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openPostgresWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(() => world.clear());

  for (const [name, open] of Object.entries(postgresScenes)) actionContract(name, () => open(world));

  const names = async (): Promise<unknown[]> =>
    (
      await world.rows(
        "select application_name as name from pg_stat_activity where usename in ('shop', 'keeper') and backend_type = 'client backend' order by 1",
      )
    ).map((one) => one["name"]);

  describe("postgres-freeze", () => {
    it("freezes nothing in vain, and nothing elsewhere", async () => {
      const { capture } = action("postgres-freeze");
      const refused = (database: string) => capture({ database }, world.context());
      await expect(refused("template1")).rejects.toMatchObject({ code: "stale-plan" });
      const reader = await world.client("report");
      await oldRows(world); // of which the reader might still want to see what was before it
      await reader.query("begin isolation level repeatable read; select 1");
      await spendTransactions(world, 4_000);
      await expect(refused("postgres")).rejects.toMatchObject({
        code: "stale-plan",
        message: expect.stringMatching(
          /transaction shop \(report, pid \d+, idle in transaction\) keeps old rows/,
        ),
      });
      await reader.query("rollback");
      await expect(refused("postgres")).rejects.toMatchObject({
        code: "limit-exceeded", // the catalogue has become old meanwhile
        message: expect.stringContaining("its role may not vacuum pg_catalog."),
      });
    });

    it("gives way to whoever waits for a table, goes on with the others, and is finished the next time", async () => {
      const { capture, apply, verify } = action("postgres-freeze");
      const params = { database: "postgres" };
      await oldRows(world);
      const captured = await capture(params, world.context());
      const holder = await world.client("migration");
      await holder.query("begin; lock table old_rows in share update exclusive mode");
      await expect(apply(params, captured, world.context())).rejects.toMatchObject({
        code: "database-busy",
        retryable: true,
      });
      expect(await verify(params, captured, world.context())).toMatchObject({ ok: false });
      await holder.query("rollback");
      await apply(params, captured, world.context());
      expect(await verify(params, captured, world.context())).toMatchObject({ ok: true });
    });
  });

  describe("ending sessions", () => {
    it("leaves the young, the protected, a superuser, and whoever idles outside a transaction while there is room", async () => {
      const { capture } = action("postgres-end-sessions");
      const none = { code: "stale-plan" };
      await (await world.client("pool")).query("begin");
      await expect(capture(of("pool"), world.context())).rejects.toMatchObject(none); // five seconds, unless told
      await (await world.client("kept", "keeper")).query("begin");
      const quick = world.context("medic", { terminateIdleInTransactionAfterMs: 1 });
      await expect(capture(of("kept", "keeper"), quick)).rejects.toMatchObject(none);
      await (await world.client("idle")).query("select 1");
      await expect(capture(of("idle"), quick)).rejects.toMatchObject(none);
      await (await world.client("boss", "postgres")).query("begin");
      await expect(capture(of("boss", "postgres"), quick)).rejects.toMatchObject(none);
    });

    it("ends only so many idle ones as are too many, and neither listeners nor leaders", async () => {
      const context = world.context();
      const leak = { role: "shop", client: "pool", address: "127.0.0.1" };
      await (await world.client("pool")).query("listen jobs");
      await (await world.client("pool")).query("select pg_advisory_lock(1)");
      for (let count = 0; count < 50; count += 1) await (await world.client("pool")).query("select 1");
      const others = (
        await world.rows(
          "select from pg_stat_activity where backend_type = 'client backend' and usename <> 'shop'",
        )
      ).length;
      const database = needPostgres(context);
      const found = await leakedBy(keptConnection(context), leak, database, { parkedMs: 0, idleMs: 0 });
      expect(found).toHaveLength(52 + others - Math.floor(57 * 0.7)); // three places of sixty are the superuser's
      const own = await world.rows(
        "select pid from pg_stat_activity where query like 'listen%' or query like '%advisory%'",
      );
      expect(found.filter((one) => own.some(({ pid }) => pid === one.pid))).toEqual([]);
    });

    it("gets into a server that has no place left, over the connection that it kept", async () => {
      const { capture, apply, verify } = action("postgres-end-sessions");
      const context = world.context("medic", { terminateIdleInTransactionAfterMs: 1 });
      await expect(capture(of("leak"), context)).rejects.toMatchObject({ code: "stale-plan" });
      const leaked = await fill(world, "leak");
      expect(leaked).toBeGreaterThan(50);
      await expect(world.client("another")).rejects.toThrow(/connection slots|too many clients/);
      const captured = await capture(of("leak"), context);
      expect(await apply(of("leak"), captured, context)).toContain(`ended ${leaked} unused sessions of leak`);
      await expect.poll(async () => (await verify(of("leak"), captured, context)).ok).toBe(true);
      await (await world.client("another")).query("select 1");
    });

    it("does not end a session that began to work, nor another one with its number", async () => {
      const { capture, apply } = action("postgres-end-sessions");
      const context = world.context("medic", { terminateIdleInTransactionAfterMs: 1 });
      const busy = await world.client("checkout");
      await busy.query("begin");
      const captured = await capture(of("checkout"), context);
      const work = busy.query("select pg_sleep(60)").catch(() => undefined);
      await expect.poll(async () => apply(of("checkout"), captured, context)).toContain("ended 0 unused");
      expect(await names()).toEqual(["checkout"]);
      await world.clear();
      await work;

      const later = await world.client("checkout");
      await later.query("begin");
      const now = await capture(of("checkout"), context);
      const [one] = (now.state as { sessions: { startedAt: number }[] }).sessions;
      const reused = { ...now, state: { sessions: [{ ...one, startedAt: (one?.startedAt ?? 0) - 5_000 }] } };
      expect(await apply(of("checkout"), reused, context)).toContain("ended 0 unused");
      expect(await names()).toEqual(["checkout"]);
    });

    it("says which right is missing", async () => {
      await (await world.client("checkout")).query("begin");
      await world.admin.query("create role watcher login in role pg_monitor");
      const context = world.context("watcher", { terminateIdleInTransactionAfterMs: 1 });
      const { capture, apply } = action("postgres-end-sessions");
      const captured = await capture(of("checkout"), context);
      await expect(apply(of("checkout"), captured, context)).rejects.toMatchObject({
        code: "database-refused",
      });
      expect(await names()).toEqual(["checkout"]);
    });
  });

  describe("changing a setting", () => {
    const off = { setting: "autovacuum", from: "off", to: "on" };
    it("takes the line out again where ALTER SYSTEM had set nothing", async () => {
      const { capture, apply, verify, undo, verifyUndo } = action("postgres-set-setting");
      await world.admin.query("alter system reset autovacuum");
      const [folder] = await world.rows("show data_directory");
      const file = `${String(folder?.["data_directory"])}/postgresql.conf`;
      appendFileSync(file, "\nautovacuum = off\n");
      await setting(world, "alter system reset autovacuum", "off");
      const captured = await capture(off, world.context());
      expect(captured.state).toMatchObject({ value: "off", source: "configuration file", altered: null });
      await apply(off, captured, world.context());
      expect(await verify(off, captured, world.context())).toMatchObject({ ok: true });
      expect(await inAutoFile(world)).toEqual([{ setting: "on" }]);
      await undo(off, captured, world.context());
      expect(await verifyUndo(off, captured, world.context())).toMatchObject({ ok: true });
      expect(await inAutoFile(world)).toEqual([]);
      appendFileSync(file, "\nautovacuum = on\n");
      await setting(world, "alter system reset autovacuum", "on");
    });

    it("leaves what somebody else has set since, also while that waits for its reload", async () => {
      const { capture, apply, undo } = action("postgres-set-setting");
      const params = { setting: "work_mem", from: "4096", to: "8192" };
      const root = world.context("postgres");
      const captured = await capture(params, root);
      await world.admin.query("alter system set work_mem = '16MB'");
      await expect(apply(params, captured, root)).rejects.toMatchObject({ code: "stale-plan" });
      await world.admin.query("alter system reset work_mem");
      await apply(params, captured, root);
      await world.admin.query("alter system set work_mem = '16MB'");
      await expect(undo(params, captured, root)).rejects.toMatchObject({ code: "undo-conflict" });
      const written =
        "select setting from pg_file_settings where name = 'work_mem' and sourcefile like '%auto.conf'";
      expect(await world.rows(written)).toEqual([{ setting: "16MB" }]);
      await world.admin.query("alter system reset work_mem");
      await world.admin.query("select pg_reload_conf()");
    });

    it("changes nothing that it may not, or that something else sets", async () => {
      const { capture, undo } = action("postgres-set-setting");
      const refused = { code: "action-params" };
      for (const params of [
        { setting: "shared_buffers", from: "16384", to: "32768" },
        { setting: "fsync", from: "on", to: "off" },
        { setting: "work_mem", from: "4096", to: "65536" },
        { setting: "archive_command", from: "", to: "rm -rf /" },
      ])
        await expect(capture(params, world.context())).rejects.toMatchObject(refused);
      await world.admin.query("alter role medic set statement_timeout = 300");
      const own = { setting: "statement_timeout", from: "300", to: "0" };
      await expect(capture(own, world.context())).rejects.toMatchObject({ code: "setting-elsewhere" });
      await world.admin.query("alter role medic reset statement_timeout");
      expect((await capture(off, world.context())).state).toMatchObject({ value: "on" }); // before a restore
      const changed = { setting: "work_mem", from: "5000", to: "6000" };
      await expect(capture(changed, world.context())).rejects.toMatchObject({ code: "stale-plan" });
      const other = { state: { something: "else" }, files: [] };
      await expect(undo(off, other, world.context())).rejects.toMatchObject({ code: "captured-unreadable" });
    });
  });

  describe("making an index", () => {
    const customer = { table: "public.orders", column: "customer" };

    it("makes none that the planner would not use, nor on what is not there or served already", async () => {
      const { capture } = action("postgres-create-index");
      await orders(
        world,
        20_000,
        "alter table orders add state text; update orders set state = id % 2",
        "vacuum analyze orders",
      );
      const of = (column: string, table = "public.orders") => capture({ table, column }, world.context());
      await expect(of("state")).rejects.toMatchObject({ code: "no-gain" });
      await expect(of("id")).rejects.toMatchObject({ code: "stale-plan" });
      await expect(of("nothing")).rejects.toMatchObject({ code: "stale-plan" });
      await expect(of("customer", "public.nothing")).rejects.toMatchObject({ code: "stale-plan" });
      await expect(of("customer; drop table orders")).rejects.toMatchObject({ code: "stale-plan" });
      await expect(capture(customer, world.context("keeper"))).rejects.toMatchObject({
        code: "database-refused",
      });
    });

    it("reckons about what the planner says of a hypothetical index, where HypoPG is there", async ({
      skip,
    }) => {
      const { capture } = action("postgres-create-index");
      await orders(world, 20_000, "analyze orders");
      const reckoned = (await capture(customer, world.context())).state as { costExpected: number };
      const there = await world.rows("select from pg_available_extensions where name = 'hypopg'");
      if (there.length === 0) skip("HypoPG is not installed");
      await world.admin.query("create extension hypopg");
      const asked = (await capture(customer, world.context())).state as { costExpected: number };
      await world.admin.query("drop extension hypopg");
      expect([reckoned, asked]).toMatchObject([{ expectedBy: "statistics" }, { expectedBy: "hypopg" }]);
      expect(asked.costExpected).toBeLessThan(reckoned.costExpected * 2);
      expect(reckoned.costExpected).toBeLessThan(asked.costExpected * 4);
    });

    it("waits for a better moment while somebody changes the table, and gives way to whoever wants to", async () => {
      const { capture, apply, undo } = action("postgres-create-index");
      await orders(world, 20_000, "analyze orders");
      const ddl = await world.client("migration");
      await ddl.query("begin; lock table orders in share mode");
      await expect(capture(customer, world.context())).rejects.toMatchObject({
        code: "database-busy",
        retryable: true,
      });
      await ddl.query("rollback");

      const captured = await capture(customer, world.context());
      const writer = await world.client("checkout"); // it waits for this transaction before it is done
      await writer.query("begin; insert into orders (customer) values (1)");
      const making = apply(customer, captured, world.context()).catch((error: unknown) => error);
      await until(
        world,
        "select from pg_stat_activity where query like 'CREATE INDEX%' and wait_event_type = 'Lock'",
      );
      const waiting = ddl.query("alter table orders add discount int");
      await until(
        world,
        "select from pg_stat_activity where query like 'alter table%' and wait_event_type = 'Lock'",
      );
      expect(await making).toMatchObject({ code: "database-busy" });
      await writer.query("commit");
      await waiting;
      // What was half made went at once where it could, else it goes with the undo that follows a failed act.
      await undo(customer, captured, world.context());
      expect(await madeIndexes(world)).toEqual([]);
    });

    it("can be restored by hand, and that taken back again", async () => {
      const { capture, apply, undo, verifyUndo } = action("postgres-create-index");
      await orders(world, 20_000, "analyze orders");
      const context = world.context();
      const before = await capture(customer, context);
      await apply(customer, before, context);
      const made = await capture(customer, context);
      expect(made.state).toMatchObject({ there: true });
      await expect(apply(customer, made, context)).rejects.toMatchObject({ code: "stale-plan" });
      for (const [captured, valid] of [
        [before, []],
        [made, [{ valid: true }]],
        [before, []],
      ] as const) {
        await undo(customer, captured, context);
        expect(await verifyUndo(customer, captured, context)).toMatchObject({ ok: true });
        expect(await madeIndexes(world)).toMatchObject(valid);
      }
    });

    it("killed in the middle, it leaves no lock, and what it leaves is taken away by the undo", async () => {
      const { capture, undo, verifyUndo, verify } = action("postgres-create-index");
      await orders(world, 20_000, "analyze orders");
      const context = world.context();
      const captured = await capture(customer, context);
      const writer = await world.client("checkout");
      await writer.query("begin; insert into orders (customer) values (1)");
      const { service } = context;
      const act = { name: "postgres-create-index", params: customer, captured, service };
      const program = spawn(process.execPath, [killedAct, JSON.stringify(act)], { stdio: "ignore" });
      const making = "select from pg_stat_activity where query like 'CREATE INDEX%' and usename = 'medic'";
      await until(world, `${making} and wait_event_type = 'Lock'`);
      program.kill("SIGKILL");
      await until(world, `select where not exists (${making})`);
      const held = await world.rows(
        "select from pg_locks l join pg_stat_activity a using (pid) where a.usename = 'medic' and l.relation = 'orders'::regclass",
      );
      expect(held).toEqual([]);
      expect(await madeIndexes(world)).toMatchObject([{ valid: false }]);
      await writer.query("commit");
      expect(await verify(customer, captured, context)).toMatchObject({ ok: false });
      await undo(customer, captured, context);
      expect(await verifyUndo(customer, captured, context)).toMatchObject({ ok: true });
      expect(await madeIndexes(world)).toEqual([]);
    });
  });

  describe("dropping an index of ours again", () => {
    const customer = { table: "public.orders", column: "customer" };
    const index = indexName(customer);

    it.each([
      ["another column", `create index ${index} on orders (note)`],
      ["a second column", `create index ${index} on orders (customer, note)`],
      ["another order", `create index ${index} on orders (customer desc)`],
      ["a condition", `create index ${index} on orders (customer) where id > 5`],
      ["a parameter", `create index ${index} on orders (customer) with (fillfactor = 70)`],
      ["uniqueness", `create unique index ${index} on orders (customer)`],
      ["a constraint", `alter table orders add constraint ${index} unique (customer)`],
      ["clustering", `create index ${index} on orders (customer); cluster orders using ${index}`],
      ["a remark", `create index ${index} on orders (customer); comment on index ${index} is 'kept'`],
    ])("leaves one that was given %s", async (_, sql) => {
      await orders(world, 100, sql);
      const { capture } = action("postgres-drop-index");
      await expect(capture(customer, world.context())).rejects.toMatchObject({ code: "stale-plan" });
    });

    it("killed in the middle holds no lock, and what it leaves is finished or made again", async () => {
      await orders(world, 2_000, `create index ${index} on orders (customer)`);
      const { capture, undo, verify, verifyUndo } = action("postgres-drop-index");
      const context = world.context();
      const captured = await capture(customer, context);
      const reader = await world.client("report");
      await reader.query("begin; select from orders limit 1");
      const act = { name: "postgres-drop-index", params: customer, captured, service: context.service };
      const program = spawn(process.execPath, [killedAct, JSON.stringify(act)], { stdio: "ignore" });
      const dropping = "select from pg_stat_activity where query like 'DROP INDEX%' and usename = 'medic'";
      await until(world, `${dropping} and wait_event_type = 'Lock'`);
      program.kill("SIGKILL");
      await until(world, `select where not exists (${dropping})`);
      expect(await madeIndexes(world)).toMatchObject([{ valid: false }]);
      await reader.query("commit");
      expect(await verify(customer, captured, context)).toMatchObject({ ok: false });
      await undo(customer, captured, context);
      expect(await verifyUndo(customer, captured, context)).toMatchObject({ ok: true });
      expect(await madeIndexes(world)).toEqual([{ name: index, valid: true }]);
    });
  });
});

/** Those of ours. */
function madeIndexes(world: PostgresWorld) {
  return world.rows(
    "select c.relname as name, i.indisvalid as valid from pg_index i join pg_class c on c.oid = i.indexrelid where i.indrelid = 'orders'::regclass and c.relname like 'opsmedic%'",
  );
}

/** What ALTER SYSTEM has set of autovacuum. */
function inAutoFile(world: PostgresWorld) {
  return world.rows(
    "select setting from pg_file_settings where sourcefile like '%auto.conf' and name = 'autovacuum'",
  );
}

/** Takes every place that ordinary roles have; how many. */
async function fill(world: PostgresWorld, name: string): Promise<number> {
  for (let count = 0; ; count += 1) {
    const client = await world.client(name).catch(() => undefined);
    if (client === undefined) return count;
    await client.query("begin");
  }
}

function action(name: string) {
  const found = makeActions(keptNothing).get(name);
  if (found === undefined) throw new Error(`no action ${name}`);
  return found;
}

function of(client: string, role = "shop") {
  return { role, client, address: "127.0.0.1" };
}
