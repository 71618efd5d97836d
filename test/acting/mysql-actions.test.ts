// Actions on a real MariaDB: the contract of all actions, and what each of them must never do.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { afterAll, describe, expect, it } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import { forgets } from "../../tools/actions/mysql/analyze.ts";
import { makeMysqlReader } from "../../tools/mysql-reader.ts";
import { actionContract } from "../contract/action.contract.ts";
import { untilTrue } from "../scenarios/site.ts";
import { describeWith } from "../services-available.ts";
import {
  closeSharedMysql,
  full,
  indexesOf,
  isThere,
  mysqlAction,
  mysqlContext,
  mysqlScenes,
  orders,
  ownIndex,
  settingIn,
  sharedMysql,
  staleTable,
} from "./mysql-scenes.ts";

const CREATE_INDEX = new URL("../../tools/actions/mysql/create-index.ts", import.meta.url).pathname;
const program = `
  const { mysqlCreateIndex } = await import(process.argv[1]);
  const { params, captured, service } = JSON.parse(process.env.GIVEN);
  await mysqlCreateIndex.apply(params, captured, { service, signal: AbortSignal.timeout(60000) });`;

const codeOf = (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => "ok",
    (error: { code: string }) => error.code,
  );

describeWith("mariadb", "actions on MariaDB", () => {
  afterAll(closeSharedMysql);

  for (const [name, open] of Object.entries(mysqlScenes)) actionContract(name, open);

  describe("mysql-end-sessions", () => {
    const action = mysqlAction("mysql-end-sessions");

    it("ends what is unused, not what is at work again, young, protected or another's", async () => {
      const world = await sharedMysql();
      const leaked = await world.parked();
      const other = await world.parked();
      const busy = await world.connect(leaked.role, "shop");
      const young = await world.connect(leaked.role, "shop");
      await young.query("begin");
      await young.query("select * from stock");
      const params = { role: leaked.role, client: "localhost" };
      const context = mysqlContext(world.server.port);
      const captured = await action.capture(params, context);
      expect(captured.state).toMatchObject({ sessions: [{ id: leaked.id }] });
      const protectedBy = mysqlContext(world.server.port, { protectRoles: [leaked.role] });
      expect(await codeOf(action.capture(params, protectedBy))).toBe("stale-plan");
      await action.apply(params, captured, context);
      await untilTrue("it is gone", async () => !(await isThere(world, leaked.id)), 20);
      const left = await Promise.all(
        [busy, young, other.connection].map((one) => isThere(world, one.threadId)),
      );
      expect(left).toEqual([true, true, true]);
    });

    it("leaves a session alone that has worked since it was captured", async () => {
      const world = await sharedMysql();
      const { id, role, connection } = await world.parked();
      const params = { role, client: "localhost" };
      const context = mysqlContext(world.server.port);
      const captured = await action.capture(params, context);
      await connection.query("update stock set n = 5 where id = 1");
      await connection.query("commit");
      expect(await action.apply(params, captured, context)).toContain("Ended 0 unused sessions");
      expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });
      expect(await isThere(world, id)).toBe(true);
    });

    it("never ends an administrator's session", async () => {
      const world = await sharedMysql();
      const { id, role } = await world.parked();
      await world.root.query(`grant replication slave on *.* to ${role}@localhost`);
      const refused = action.capture({ role, client: "localhost" }, mysqlContext(world.server.port));
      expect(await codeOf(refused)).toBe("stale-plan");
      expect(await isThere(world, id)).toBe(true);
    });

    it("never ends one who administers by a role, and nobody where that cannot be seen", async () => {
      const world = await sharedMysql();
      const { id, role } = await world.parked();
      for (const one of [
        "create role operators",
        "grant super on *.* to operators",
        "create role night_shift",
        "grant operators to night_shift",
        `grant night_shift to ${role}@localhost`,
        "create user ender@localhost",
        "grant process, connection admin on *.* to ender@localhost",
      ])
        await world.root.query(one);
      const params = { role, client: "localhost" };
      const context = mysqlContext(world.server.port);
      expect(await codeOf(action.capture(params, context))).toBe("stale-plan");
      await world.root.query(`revoke night_shift from ${role}@localhost`);
      expect(await codeOf(action.capture(params, context))).toBe("ok");
      const blind = mysqlContext(world.server.port, {
        url: `mysql://ender@127.0.0.1:${world.server.port}/`,
      });
      expect(await codeOf(action.capture(params, blind))).toBe("database-refused");
      expect(await isThere(world, id)).toBe(true);
    });
  });

  describe("a server that is full", () => {
    const action = mysqlAction("mysql-end-sessions");

    it("is helped by one whose rights came by a role, and keeps its last place for a person", async () => {
      const world = await sharedMysql();
      const { id, role } = await world.parked();
      for (const one of [
        "create role helpers",
        "grant process, connection admin, select on *.* to helpers",
        "create user helper@localhost",
        "grant helpers to helper@localhost",
        "set default role helpers for helper@localhost",
      ])
        await world.root.query(one);
      const url = `mysql://helper@127.0.0.1:${world.server.port}/`;
      const [reader, late] = [makeMysqlReader(url), makeMysqlReader(url.replace("helper", "medic"))];
      try {
        await reader.read("select 1");
        await full(world);
        await expect(world.connect("app1")).rejects.toMatchObject({ code: "ER_CON_COUNT_ERROR" });
        const params = { role, client: "localhost" };
        const context = mysqlContext(world.server.port, { url });
        const captured = await action.capture(params, context);
        expect(await action.apply(params, captured, context)).toContain("Ended 1 unused session");
        expect(await isThere(world, id)).toBe(false);
        expect(await reader.read("select 1 as one")).toEqual([{ one: 1 }]); // it still has it
        await full(world);
        await late.read("select 1");
        const person = () =>
          world.connect("root").then(
            (made) => made.end().then(() => true),
            () => false,
          );
        await untilTrue("a person gets in", person, 20);
      } finally {
        await world.root.query("set global max_connections = 150");
        reader.close();
        late.close();
      }
    });
  });

  describe("mysql-set-setting", () => {
    const action = mysqlAction("mysql-set-setting");

    it.each([
      ["what it does not know", { setting: "read_only", from: "OFF", to: "ON" }, "action-params"],
      [
        "a statement",
        { setting: "wait_timeout", from: "28800", to: "1; drop database shop" },
        "action-params",
      ],
      ["more than doubles", { setting: "max_connections", from: "150", to: "301" }, "limit-exceeded"],
      ["fewer connections", { setting: "max_connections", from: "150", to: "100" }, "limit-exceeded"],
      ["a short wait", { setting: "wait_timeout", from: "28800", to: "10" }, "limit-exceeded"],
      ["unsafe commits", { setting: "innodb_flush_log_at_trx_commit", from: "1", to: "0" }, "limit-exceeded"],
      ["a value of long ago", { setting: "wait_timeout", from: "100", to: "600" }, "stale-plan"],
    ])("never sets %s", async (_what, params: JsonObject, code) => {
      const world = await sharedMysql();
      const context = mysqlContext(world.server.port, { maxConnections: 1_000 });
      expect(await codeOf(action.capture(params, context))).toBe(code);
    });

    it("switches events on, and off again", async () => {
      const world = await sharedMysql();
      const params = { setting: "event_scheduler", from: "OFF", to: "ON" };
      const context = mysqlContext(world.server.port);
      const captured = await action.capture(params, context);
      await action.apply(params, captured, context);
      expect(await settingIn(world, "event_scheduler")).toBe("ON");
      await action.undo(params, captured, context);
      expect(await settingIn(world, "event_scheduler")).toBe("OFF");
    });

    it("leaves a value alone that somebody else set meanwhile", async () => {
      const world = await sharedMysql();
      const params = { setting: "wait_timeout", from: "28800", to: "3600" };
      const context = mysqlContext(world.server.port);
      const captured = await action.capture(params, context);
      await action.apply(params, captured, context);
      await world.root.query("set global wait_timeout = 7200");
      expect(await codeOf(action.undo(params, captured, context))).toBe("undo-conflict");
      expect(await settingIn(world, "wait_timeout")).toBe("7200");
    });
  });

  describe("mysql-analyze", () => {
    const action = mysqlAction("mysql-analyze");

    it("has nothing to do where nothing changed, and takes no other name", async () => {
      const world = await sharedMysql();
      const table = await staleTable(world, 500);
      const context = mysqlContext(world.server.port);
      await action.apply({ table }, await action.capture({ table }, context), context);
      expect(await codeOf(action.capture({ table }, context))).toBe("stale-plan");
      expect(await codeOf(action.capture({ table: "shop.none" }, context))).toBe("stale-plan");
      expect(await codeOf(action.capture({ table: "shop.stock; drop" }, context))).toBe("action-params");
    });

    it.each([
      ["10.11.6-MariaDB-0+deb12u1", false],
      ["10.5.4-MariaDB", false],
      ["10.4.30-MariaDB", true],
      ["8.0.36", false],
      ["8.0.23-log", true],
      ["5.7.44", true],
    ])("waits for long statements where %s would make others wait: %s", (version, expected) => {
      expect(forgets(version)).toBe(expected);
    });
  });

  describe("mysql-create-index", () => {
    const action = mysqlAction("mysql-create-index");

    it("drops an index again that does not help", async () => {
      const world = await sharedMysql();
      const table = await orders(world, 2_000);
      await world.root.query(`update ${table} set customer = 7`);
      const context = mysqlContext(world.server.port);
      const params = { table, column: "customer" };
      const captured = await action.capture(params, context);
      expect(await codeOf(action.apply(params, captured, context))).toBe("no-gain");
      expect(await indexesOf(world, table)).toEqual([{ index_name: "PRIMARY", column_name: "id" }]);
    });

    it("waits for nobody's transaction, and leaves nothing behind", async () => {
      const world = await sharedMysql();
      const table = await orders(world, 2_000);
      const context = mysqlContext(world.server.port);
      const params = { table, column: "customer" };
      const captured = await action.capture(params, context);
      const reader = await world.connect("root", "shop");
      await reader.query("begin");
      await reader.query(`select * from ${table} limit 1`);
      expect(await codeOf(action.apply(params, captured, context))).toBe("lock-not-given");
      const other = await world.connect("root", "shop");
      await other.query(`update ${table} set note = 'y' where id = 1`); // nobody is held up behind it
      await reader.query("rollback");
      expect(await indexesOf(world, table)).toEqual([{ index_name: "PRIMARY", column_name: "id" }]);
    });

    it.each([
      ["a long text", "note", "alter table TABLE modify note text", "limit-exceeded"],
      ["a column that has one", "customer", "create index own on TABLE (customer)", "stale-plan"],
      ["a column that is not there", "missing", "select 1", "stale-plan"],
      ["another engine's table", "customer", "alter table TABLE engine = MyISAM", "limit-exceeded"],
    ])("makes none on %s", async (_what, column, change, code) => {
      const world = await sharedMysql();
      const table = await orders(world, 500);
      await world.root.query(change.replace("TABLE", table));
      const captured = action.capture({ table, column }, mysqlContext(world.server.port));
      expect(await codeOf(captured)).toBe(code);
    });

    it("can be restored by hand, and that taken back again", async () => {
      const world = await sharedMysql();
      const table = await orders(world, 20_000);
      const context = mysqlContext(world.server.port);
      const params = { table, column: "customer" };
      const before = await action.capture(params, context);
      await action.apply(params, before, context);
      const made = await action.capture(params, context);
      expect(made.state).toMatchObject({ there: true });
      await expect(action.apply(params, made, context)).rejects.toMatchObject({ code: "stale-plan" });
      for (const [captured, indexes] of [
        [before, 1],
        [made, 2],
        [before, 1],
      ] as const) {
        await action.undo(params, captured, context);
        expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
        expect(await indexesOf(world, table)).toHaveLength(indexes);
      }
    });

    it("killed in the middle, it can be taken back whole, or finished", async () => {
      const world = await sharedMysql();
      const table = await orders(world, 150_000);
      const context = mysqlContext(world.server.port);
      const params = { table, column: "customer" };
      const captured = await action.capture(params, context);
      const making = async () => {
        const [rows] = await world.root.query(
          "select id from information_schema.processlist where info like 'alter table%add index%opsmedic%' and id <> connection_id()",
        );
        return (rows as unknown[]).length > 0;
      };
      const killedInTheMiddle = async () => {
        const child = spawn(process.execPath, ["--input-type=module", "-e", program, CREATE_INDEX], {
          env: { ...process.env, GIVEN: JSON.stringify({ params, captured, service: context.service }) },
        });
        await untilTrue("the index is being made", making, 2);
        child.kill("SIGKILL");
        await once(child, "exit");
      };
      await killedInTheMiddle();
      await action.undo(params, captured, context);
      expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
      expect(await making()).toBe(false);
      expect(await indexesOf(world, table)).toEqual([{ index_name: "PRIMARY", column_name: "id" }]);
      await killedInTheMiddle();
      await action.apply(params, captured, context);
      expect(await action.verify(params, captured, context)).toMatchObject({ ok: true });
      expect(await making()).toBe(false);
      const [[count]] = (await world.root.query(`select count(*) as n from ${table}`)) as unknown as [
        { n: number }[],
      ];
      expect(count).toEqual({ n: 150_000 });
    });
  });

  describe("mysql-drop-index", () => {
    const action = mysqlAction("mysql-drop-index");

    it.each([
      ["another column", "drop index INDEX, add index INDEX (note)"],
      ["a second column", "drop index INDEX, add index INDEX (customer, note)"],
      ["a part of its column", "modify customer varchar(9), drop index INDEX, add index INDEX (customer(3))"],
      ["uniqueness", "drop index INDEX, add unique index INDEX (customer)"],
      ["a remark", "drop index INDEX, add index INDEX (customer) comment 'kept'"],
      ["a foreign key", "modify customer int not null, add foreign key (customer) references TABLE (id)"],
      ["no plan may use it", "alter index INDEX ignored"],
    ])("leaves one that was given %s", async (_what, change) => {
      const world = await sharedMysql();
      const { table, params, index } = await ownIndex(world, 10);
      await world.root.query(`update ${table} set customer = id`);
      await world.root.query(
        `alter table ${table} ${change.replaceAll("INDEX", index).replace("TABLE", table)}`,
      );
      const before = await indexesOf(world, table);
      const captured = action.capture(params, mysqlContext(world.server.port));
      expect(await codeOf(captured)).toMatch(/^(?:stale-plan|undo-conflict)$/);
      expect(await indexesOf(world, table)).toEqual(before);
    });

    it("leaves one that a statement names, which would fail without it", async () => {
      const world = await sharedMysql();
      const { table, params, index } = await ownIndex(world, 10);
      const context = mysqlContext(world.server.port);
      await action.capture(params, context);
      await world.root.query(`select count(*) from ${table} force index (${index}) where customer = 7`);
      await expect(action.capture(params, context)).rejects.toMatchObject({ code: "stale-plan" });
    });

    it("waits for nobody's transaction, and can be taken back by hand and that taken back again", async () => {
      const world = await sharedMysql();
      const { table, params } = await ownIndex(world, 1_000);
      const context = mysqlContext(world.server.port);
      const before = await action.capture(params, context);
      const reader = await world.connect("root", "shop");
      await reader.query("begin");
      await reader.query(`select * from ${table} limit 1`);
      expect(await codeOf(action.apply(params, before, context))).toBe("lock-not-given");
      await reader.query("rollback");
      await action.apply(params, before, context);
      const dropped = await action.capture(params, context);
      expect(dropped.state).toMatchObject({ there: false });
      for (const [captured, indexes] of [
        [before, 2],
        [dropped, 1],
      ] as const) {
        await action.undo(params, captured, context);
        expect(await action.verifyUndo(params, captured, context)).toMatchObject({ ok: true });
        expect(await indexesOf(world, table)).toHaveLength(indexes);
      }
    });
  });
});
