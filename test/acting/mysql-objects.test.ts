// Tables and columns of a real MariaDB: what comes back is what was there, and nothing else is touched.
import { spawn } from "node:child_process";
import { once } from "node:events";
import type { RowDataPacket } from "mysql2/promise";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { makeDatabaseInspectors } from "../../tools/database-inspectors.ts";
import { definitionToAdd, restoreProblem } from "../../tools/actions/mysql/restorable.ts";
import { rightsLacking } from "../../tools/mysql-rights.ts";
import { keptMysqlTablesIn, type MysqlShape, shapeOf } from "../../tools/mysql-shapes.ts";
import { wallClock } from "../observation/service.ts";
import { openCuttingProxy } from "./cutting-proxy.ts";
import { remembering } from "./remembering.ts";
import { describeWith } from "../services-available.ts";
import {
  closeSharedMysql,
  dropped,
  keptShapes,
  mysqlAction,
  mysqlContext,
  type MysqlWorld,
  parcels,
  shapesIn,
  sharedMysql,
} from "./mysql-scenes.ts";

const RESTORE = new URL("../../tools/actions/mysql/restore-object.ts", import.meta.url).pathname;
const program = `
  const { makeMysqlRestoreObject } = await import(process.argv[1]);
  const { params, captured, service } = JSON.parse(process.env.GIVEN);
  await makeMysqlRestoreObject({}).apply(params, captured, { service, signal: AbortSignal.timeout(60000) });`;

describeWith("mariadb", "objects of MariaDB", () => {
  let world: MysqlWorld;
  beforeAll(async () => {
    world = await sharedMysql({ reserve: 0 });
  });
  afterAll(closeSharedMysql);

  const rows = async (sql: string): Promise<RowDataPacket[]> =>
    (await world.root.query<RowDataPacket[]>(sql))[0];
  const shape = async (database: string, name: string): Promise<MysqlShape | undefined> =>
    (await shapesIn(world, database)).find((one) => one.name === name);
  const context = () => mysqlContext(world.server.port);

  async function restoring(column: string | null = null) {
    const database = await parcels(world);
    const action = mysqlAction("mysql-restore-object", await keptShapes(world, database));
    return { ...action, database, params: { table: `${database}.parcels`, column } };
  }

  it("a table comes back with all that it had: keys, checks, indexes, defaults, its count a little further on", async () => {
    const { database, params, capture, apply, undo, verifyUndo } = await restoring();
    const before = await shape(database, "parcels");
    expect(before?.body).toContain("AUTO_INCREMENT=20 "); // it was at 2
    await dropped(world, params.table);
    const captured = await capture(params, context());
    await apply(params, captured, context());
    const now = await shape(database, "parcels");
    expect({ ...now, body: now?.body.replace("=40 ", "=20 ") }).toEqual(before);
    await world.root.query(`insert into ${params.table} (code, kind) values ('a', "b's NOT NULL")`);
    expect(await rows(`select id, doubled from ${params.table}`)).toEqual([{ id: 20, doubled: "3.00" }]);
    await world.root.query(`insert into ${database}.events values (20)`); // whose foreign key holds again
    expect(await undo(params, captured, context())).toContain("has been written into, and stays");
    expect(await verifyUndo(params, captured, context())).toMatchObject({ ok: true });
    expect(await rows(`select code from ${params.table}`)).toEqual([{ code: "a" }]);
  });

  it("what others have changed or refer to since is not dropped, nor is a row that comes in between", async () => {
    const { database, params, capture, apply, undo } = await restoring();
    await dropped(world, params.table);
    const captured = await capture(params, context());
    await apply(params, captured, context());
    await world.root.query(`alter table ${params.table} add more int`);
    expect(await undo(params, captured, context())).toContain("has been changed since, and stays");
    await world.root.query(`alter table ${params.table} drop more`);
    await world.root.query(
      `create table ${database}.notes (p int unsigned, constraint late foreign key (p) references parcels (id))`.replace(
        "references parcels",
        `references ${database}.parcels`,
      ),
    );
    expect(await undo(params, captured, context())).toContain(
      `is referred to by ${database}.notes.late since`,
    );
    await world.root.query(`drop table ${database}.notes`);
    const writer = await world.connect("root", database);
    await writer.query("begin");
    await writer.query("insert into parcels (code, kind) values ('late', 'a')");
    await expect(undo(params, captured, context())).rejects.toMatchObject({ code: "lock-not-given" });
    await writer.query("commit");
    expect(await undo(params, captured, context())).toContain("has been written into, and stays");
    // A view in its place would run what its owner has written into it, with our rights.
    await dropped(world, params.table);
    await world.root.query(`create function ${database}.said() returns int return 1`);
    await world.root.query(
      `create sql security invoker view ${params.table} as select 1 as id where ${database}.said() = 1`,
    );
    expect(await undo(params, captured, context())).toContain("is no table any more, and stays");
    await world.root.query(`drop view ${params.table}`);
  });

  it("a table is taken back by hand and made again by hand, each from a backup of how it was just then", async () => {
    const { params, capture, apply, undo, verifyUndo } = await restoring();
    await dropped(world, params.table);
    const before = await capture(params, context());
    await apply(params, before, context());
    const there = await capture(params, context());
    expect(await undo(params, before, context())).toContain("dropped the table");
    expect(await verifyUndo(params, there, context())).toMatchObject({ ok: false });
    expect(await undo(params, there, context())).toContain("made the table");
    expect(await verifyUndo(params, there, context())).toMatchObject({ ok: true });
    await world.root.query(`alter table ${params.table} add more int`);
    await expect(capture(params, context())).rejects.toMatchObject({ code: "stale-plan" });
  });

  it("a column comes back where it was, and goes again while nothing was written into it", async () => {
    const { database, params, capture, apply, undo, verifyUndo } = await restoring("kind");
    await world.root.query(`alter table ${params.table} drop kind`);
    const captured = await capture(params, context());
    const text = await apply(params, captured, context());
    expect(text).toContain("made the column kind");
    expect((await shape(database, "parcels"))?.columns).toContainEqual({
      name: "kind",
      definition: "enum('a','b''s NOT NULL') DEFAULT NULL", // rows that are there have no value for it
      after: "doubled",
    });
    await world.root.query(`update ${params.table} set kind = 'a'`);
    expect(await undo(params, captured, context())).toContain("has been written into, and stays");
    await world.root.query(`update ${params.table} set kind = default`);
    expect(await undo(params, captured, context())).toContain("dropped the column kind");
    expect(await verifyUndo(params, captured, context())).toMatchObject({ ok: true });
    expect(await rows(`select code from ${params.table}`)).toEqual([{ code: "x" }]);
  });

  it("what was never there is not made, nor what is there, nor half of a table", async () => {
    const { database, params, capture, apply } = await restoring();
    const refused = (change: object) => capture({ ...params, ...change }, context());
    const none = { code: "stale-plan" };
    await expect(refused({ table: `${database}.invented` })).rejects.toMatchObject(none);
    await expect(refused({ column: "invented" })).rejects.toMatchObject(none);
    await expect(refused({ column: "code" })).rejects.toMatchObject(none);
    const there = await refused({}); // as a restore by hand keeps it; a plan finds nothing to do
    await expect(apply(params, there, context())).rejects.toMatchObject(none);
    await dropped(world, params.table);
    await expect(refused({ column: "code" })).rejects.toMatchObject(none); // not without its table
    const captured = await capture(params, context());
    await dropped(world, `${database}.senders`); // its foreign key finds nothing
    await expect(apply(params, captured, context())).rejects.toMatchObject({ code: "database-answer" });
    expect(await rows(`show tables from ${database}`)).toHaveLength(1);
    await world.root.query(`create table ${database}.senders (id int primary key)`);
    await world.root.query(`create table ${database}.parcels (id int unsigned primary key)`); // somebody was quicker
    expect(await apply(params, captured, context())).toContain("is there already");
    expect(await rows(`show tables from ${database}`)).toHaveLength(3);
  });

  it("what stands in a row is never read as SQL, however the server reads backslashes", async () => {
    const words = "' or words.said() or 1 -- ";
    await world.root.query("create database words");
    await world.root.query("create table words.heard (x int)");
    await world.root.query(
      "create function words.said() returns int begin insert into words.heard values (1); return 1; end",
    );
    await world.root.query("create table words.users (id int primary key auto_increment, name varchar(60))");
    for (let count = 0; count < 8; count += 1)
      await world.root.query("insert into words.users (name) select ? from seq_1_to_30", [words]);
    await world.root.query("set global sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES'");
    onTestFinished(async () => {
      await world.root.query("set global sql_mode = default");
      await world.root.query("drop database words");
    });
    const captured = mysqlAction("mysql-create-index").capture(
      { table: "words.users", column: "name" },
      context(),
    );
    expect(await captured).toMatchObject({ state: { there: false } });
    expect(await rows("select * from words.heard")).toEqual([]);
  });

  it("a table that had triggers is left to a human, and so is one of which that cannot be seen", async () => {
    const database = await parcels(world);
    await world.root.query(
      `create trigger ${database}.counted after insert on ${database}.parcels for each row set @n = 1`,
    );
    const { capture } = mysqlAction("mysql-restore-object", await keptShapes(world, database));
    await dropped(world, `${database}.parcels`);
    const captured = capture({ table: `${database}.parcels`, column: null }, context());
    await expect(captured).rejects.toMatchObject({
      code: "limit-exceeded",
      message: /had triggers \(counted\)/,
    });
  });

  it("killed before it had its name, nothing of it is seen, and it can be taken back or finished", async () => {
    const { database, params, capture, apply, undo, verifyUndo } = await restoring();
    await dropped(world, params.table);
    const captured = await capture(params, context());
    const proxy = await openCuttingProxy(world.server.port, /rename table/i);
    onTestFinished(() => proxy.close());
    const killedInTheMiddle = async () => {
      const renames = proxy.hold();
      const { service } = mysqlContext(proxy.port);
      const child = spawn(process.execPath, ["--input-type=module", "-e", program, RESTORE], {
        env: { ...process.env, GIVEN: JSON.stringify({ params, captured, service }) },
      });
      await renames;
      child.kill("SIGKILL");
      await once(child, "exit");
      expect(await rows(`show tables from ${database} like 'opsmedic%'`)).toHaveLength(1);
      expect(await shape(database, "parcels")).toBeUndefined();
    };
    await killedInTheMiddle();
    await undo(params, captured, context());
    expect(await verifyUndo(params, captured, context())).toMatchObject({ ok: true });
    expect(await rows(`show tables from ${database}`)).toHaveLength(2);
    await killedInTheMiddle();
    await apply(params, captured, context());
    expect(await shape(database, "parcels")).toBeDefined();
    expect(await rows(`show tables from ${database}`)).toHaveLength(3);
  });

  it("is remembered while it is well, with what has gone for a week", async () => {
    const database = await parcels(world);
    const databases = makeDatabaseInspectors({ clock: wallClock, slowEveryMs: 0 });
    const { now, files, well } = remembering(context().service, databases);
    const one = () =>
      keptMysqlTablesIn(files()).find(
        ({ shape: { schema, name } }) => schema === database && name === "parcels",
      );
    await well(0);
    expect(files()).toEqual([]); // not yet proven
    await well(60_000);
    expect(one()).toMatchObject({ goneSince: null, goneColumns: [], shape: { triggers: [] } });
    await world.root.query(`alter table ${database}.parcels drop column seen`);
    await well(24 * 60 * 60_000);
    expect(one()).toMatchObject({ goneColumns: [{ column: { name: "seen", after: "kind" } }] });
    await dropped(world, `${database}.parcels`);
    await well(24 * 60 * 60_000);
    expect(one()?.goneSince).toBe(now());
    await well(8 * 24 * 60 * 60_000);
    expect(one()).toBeUndefined();
    databases.close();
  });
});

describe("a column as it is added to rows that are there", () => {
  const anyShape = shapeOf("shop", "t", "CREATE TABLE `t` (\n  `c` int(11) NOT NULL\n) ENGINE=InnoDB");

  it.each([
    ["int(11) NOT NULL", "int(11)"],
    ["int(11) NOT NULL DEFAULT 1", "int(11) NOT NULL DEFAULT 1"],
    [
      "varchar(9) NOT NULL COMMENT 'it''s NOT NULL, DEFAULT 1'",
      "varchar(9) COMMENT 'it''s NOT NULL, DEFAULT 1'",
    ],
    ["int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL", "int(11) GENERATED ALWAYS AS (`a` + 1) VIRTUAL"],
  ])("%s", (kept, added) => {
    expect(definitionToAdd(column(kept))).toBe(added);
  });

  it.each([
    ["int(11) NOT NULL AUTO_INCREMENT", "it counts its rows, which takes a key"],
    ["timestamp NOT NULL DEFAULT current_timestamp()", "what rows would hold in it is computed"],
    ["int(11) GENERATED ALWAYS AS (`a` + 1) STORED", "it is computed and stored"],
    ["varchar(9) DEFAULT 'now()'", undefined],
  ])("%s: %s", (definition, problem) => {
    if (anyShape === undefined) throw new Error("it cannot be read");
    expect(restoreProblem({ ...anyShape, triggers: null }, column(definition))).toBe(problem);
  });
});

describe("rights on a table", () => {
  it.each([
    ["GRANT SELECT, INSERT ON *.* TO `m`@`localhost`", []],
    ["GRANT ALL PRIVILEGES ON `shop`.* TO `m`@`localhost` WITH GRANT OPTION", []],
    ["GRANT SELECT ON `sh%`.* TO `m`@`localhost`", ["INSERT"]],
    ["GRANT SELECT, INSERT ON `sho\\_`.* TO `m`@`localhost`", ["SELECT", "INSERT"]],
    ["GRANT SELECT, INSERT ON `shop`.`other` TO `m`@`localhost`", ["SELECT", "INSERT"]],
    ["GRANT INSERT ON `shop`.`orders` TO `m`@`localhost`", ["SELECT"]],
  ])("%s: lacks %s", (grant, lacking) => {
    expect(rightsLacking([grant], ["SELECT", "INSERT"], "shop.orders")).toEqual(lacking);
  });
});

function column(definition: string) {
  return { name: "c", definition, after: null };
}
