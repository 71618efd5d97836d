// Sequences, tables and columns of a real PostgreSQL: what comes back is what was there, and nothing else is touched.
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { FileHistory } from "../../tools/backup.ts";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { merged } from "../../tools/kept-tables.ts";
import { keptTablesIn, type TableShape } from "../../tools/schema-shapes.ts";
import { describeWith } from "../services-available.ts";
import { keptNothing } from "./kept-nothing.ts";
import { remembering } from "./remembering.ts";
import { carts, invoices, keptShapes, parcels, shapesNow, until } from "./postgres-scenes.ts";
import { openPostgresWorld, type PostgresWorld } from "./postgres-world.ts";

const column = (more: object) => ({ columns: [{ name: "id", type: "int", ...more }], primaryKey: [] });

const DAY = 24 * 60 * 60_000;

describeWith("postgres", "objects of PostgreSQL", () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openPostgresWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(() => world.clear());

  const shape = async (name: string): Promise<TableShape | undefined> =>
    (await shapesNow(world)).find((one) => one.name === name);

  it("a table comes back with all that it had: keys, checks, indexes, defaults, rights, owner", async () => {
    const { capture, apply, undo, verifyUndo } = await restoring();
    const before = await shape("parcels");
    expect(before?.constraints).toHaveLength(4);
    await world.admin.query("drop table parcels");
    const captured = await capture(whole, world.context());
    await apply(whole, captured, world.context());
    const remark = expect.stringMatching(/^opsmedic made it again, empty \[[0-9a-f-]{36}\]$/);
    expect(await shape("parcels")).toEqual({ ...before, comments: [{ column: null, text: remark }] });
    const shop = await world.client("checkout");
    await shop.query("insert into senders values (1); insert into parcels (sender, code) values (1, 'a')");
    const { rows } = await shop.query("select id, doubled::text, number from parcels");
    expect(rows).toEqual([{ id: 1, doubled: "3.00", number: 1 }]);
    expect(await undo(whole, captured, world.context())).toContain("has been written into, and stays");
    expect(await verifyUndo(whole, captured, world.context())).toMatchObject({ ok: true });
    expect(await world.rows("select code from parcels")).toEqual([{ code: "a" }]);
  });

  it("a column comes back, and goes again while nothing was written into it", async () => {
    const { capture, apply, undo } = await restoring();
    const weight = { table: "public.parcels", column: "weight" };
    const before = (await shape("parcels"))?.columns.find((one) => one.name === "weight");
    await world.admin.query("insert into parcels (code) values ('b')");
    await world.admin.query("alter table parcels drop column doubled, drop column weight cascade");
    const captured = await capture(weight, world.context());
    await apply(weight, captured, world.context());
    expect((await shape("parcels"))?.columns).toContainEqual(before);
    await world.admin.query("update parcels set weight = 7");
    expect(await undo(weight, captured, world.context())).toContain("stays");
    await world.admin.query("update parcels set weight = default");
    expect(await undo(weight, captured, world.context())).toContain("dropped the column weight");
  });

  it("a table that a playbook gives is made as it says, for its owner, and goes again while it is empty", async () => {
    const action = makeActions(keptNothing).get("postgres-make-table")!;
    const context = world.context();
    await world.admin.query("drop table if exists carts");
    const captured = await action.capture(carts, context);
    await action.apply(carts, captured, context);
    const made = await shape("carts");
    expect(made).toMatchObject({
      owner: "shop",
      columns: [
        { name: "id", type: "bigint", notNull: true, identity: "d" },
        { name: "code", type: "character varying(12)", notNull: true, default: null },
        { name: "state", type: "text", default: "'it''s open'::text" },
        { name: "made_at", type: "timestamp with time zone", default: "now()" },
        { name: "tags", type: "text[]", notNull: false },
      ],
      constraints: [{ definition: "PRIMARY KEY (id)" }],
    });
    await (await world.client("checkout")).query("insert into carts (code) values ('a')");
    expect(await action.undo(carts, captured, context)).toContain("has been written into, and stays");
    expect(await action.verifyUndo(carts, captured, context)).toMatchObject({ ok: true });
    await world.admin.query("truncate carts");
    expect(await action.undo(carts, captured, context)).toContain("dropped the table public.carts again");
    expect(await shape("carts")).toBeUndefined();
  });

  it("a table of the same name that somebody else made is neither taken for it nor dropped", async () => {
    const action = makeActions(keptNothing).get("postgres-make-table")!;
    const context = world.context();
    await world.admin.query("drop table if exists carts");
    const captured = await action.capture(carts, context);
    await world.admin.query("create table carts (id int)");
    await expect(action.apply(carts, captured, context)).rejects.toMatchObject({ code: "stale-plan" });
    expect(await action.undo(carts, captured, context)).toContain("not of ours");
    expect(await action.verifyUndo(carts, captured, context)).toMatchObject({ ok: true });
    await expect(action.capture(carts, context)).rejects.toMatchObject({ code: "stale-plan" });
    expect((await shape("carts"))?.columns).toHaveLength(1);
    await world.admin.query("drop table carts");
  });

  it("a table is made of plain types and values only: nothing in a playbook becomes another statement", async () => {
    const action = makeActions(keptNothing).get("postgres-make-table")!;
    const capture = (more: object) => action.capture({ ...carts, ...more }, world.context());
    for (const type of ["int); drop table orders; --", "int default random()", "int check (true)"])
      await expect(capture(column({ type }))).rejects.toMatchObject({ code: "action-params" });
    await expect(capture(column({ type: "no_such_type" }))).rejects.toMatchObject({ code: "stale-plan" });
    const strange = column({
      name: 'a"; drop table orders; --',
      type: "text",
      default: "'); drop table orders; --",
    });
    const captured = await capture(strange);
    await action.apply({ ...carts, ...strange }, captured, world.context());
    expect((await shape("carts"))?.columns.map((one) => one.name)).toEqual(['a"; drop table orders; --']);
    await action.undo({ ...carts, ...strange }, captured, world.context());
    expect(await shape("carts")).toBeUndefined();
  });

  it("what was never there is not made, and half of a table neither", async () => {
    const { capture, apply } = await restoring();
    const none = { code: "stale-plan" };
    await expect(capture({ table: "public.invented", column: null }, world.context())).rejects.toMatchObject(
      none,
    );
    await expect(capture({ table: "public.parcels", column: "x" }, world.context())).rejects.toMatchObject(
      none,
    );
    await expect(capture(whole, world.context())).rejects.toMatchObject(none); // it is there
    await world.admin.query("drop table parcels");
    const captured = await capture(whole, world.context());
    await world.admin.query("drop table senders"); // its foreign key finds nothing: the last but two of the statements
    await expect(apply(whole, captured, world.context())).rejects.toMatchObject({ code: "database-answer" });
    expect(await world.rows("select from pg_class where relname like 'parcels%'")).toEqual([]);
  });

  it("a table that had more than is kept is left to a person; a column of it comes back", async () => {
    await parcels(world);
    await world.admin.query(`
      alter table parcels enable row level security;
      create function stamped() returns trigger language plpgsql as 'begin return new; end';
      create trigger stamped before insert on parcels for each row execute function stamped();
      create rule kept_once as on delete to parcels do instead nothing`);
    const more = ["row-level security", "triggers", "rules"];
    expect(await shape("parcels")).toMatchObject({ unkept: more });
    const { capture, apply } = action("postgres-restore-object", await keptShapes(world));
    const weight = { table: "public.parcels", column: "weight" };
    await world.admin.query("alter table parcels drop column doubled, drop column weight cascade");
    await apply(weight, await capture(weight, world.context()), world.context());
    await world.admin.query("drop table parcels; drop function stamped");
    await expect(capture(whole, world.context())).rejects.toMatchObject({
      code: "limit-exceeded",
      message: expect.stringContaining(more.join(" and ")),
    });
  });

  it("a sequence whose column is full is left, and one that has counted on is not set back", async () => {
    const { capture, apply, undo, verifyUndo } = action("postgres-widen-sequence");
    const params = { sequence: "public.invoices_id_seq" };
    await invoices(world);
    const captured = await capture(params, world.context());
    await apply(params, captured, world.context());
    await world.admin.query("select setval('invoices_id_seq', 2147483648)");
    expect(await undo(params, captured, world.context())).toContain("has given numbers beyond 2147483647");
    expect(await verifyUndo(params, captured, world.context())).toMatchObject({ ok: true });
    await world.admin.query("create table narrow (id serial); alter table narrow owner to shop");
    const narrow = { sequence: "public.narrow_id_seq" };
    await expect(capture(narrow, world.context())).rejects.toMatchObject({ code: "no-gain" });
  });

  it("nothing is done, nor called undone, while a killed one's statement still waits on the server", async () => {
    const { capture, undo } = action("postgres-widen-sequence");
    const params = { sequence: "public.invoices_id_seq" };
    await invoices(world);
    const captured = await capture(params, world.context());
    const counting = await world.client("checkout");
    await counting.query("begin; select setval('invoices_id_seq', 2147483000)");
    const { database } = world.context().service;
    const left = new Client({ connectionString: database?.url, application_name: "opsmedic" });
    await left.connect();
    const late = left.query(`ALTER SEQUENCE public.invoices_id_seq AS bigint MAXVALUE ${2n ** 63n - 1n}`);
    await until(
      world,
      "select from pg_stat_activity where query like 'ALTER SEQUENCE%' and wait_event_type = 'Lock'",
    );
    const busy = { code: "database-busy", retryable: true };
    await expect(undo(params, captured, world.context())).rejects.toMatchObject(busy);
    await counting.query("commit");
    await late;
    await left.end();
    expect(await undo(params, captured, world.context())).toContain("counts to 2147483647 again");
  });

  it("is remembered while it is well, with what has gone for a week", async () => {
    await world.admin.query("create table if not exists remembered (id int, kind text)");
    const { service, databases } = world.context();
    if (databases === undefined) throw new Error("nobody looks into databases here");
    const { now, files, well } = remembering(service, databases);
    const one = () => keptTablesIn(files()).find(({ shape: { name } }) => name === "remembered");
    await well(0);
    expect(files()).toEqual([]); // not yet proven
    await well(60_000);
    expect(one()).toMatchObject({ goneSince: null, goneColumns: [] });
    await world.admin.query("alter table remembered drop column kind");
    await well(DAY);
    expect(one()).toMatchObject({ goneSince: null, goneColumns: [{ column: { name: "kind" } }] });
    await world.admin.query("drop table remembered");
    await well(DAY);
    expect(one()).toMatchObject({ goneSince: now(), shape: { columns: [{ name: "id" }] } });
    await well(8 * DAY);
    expect(one()).toBeUndefined();
  });

  const whole = { table: "public.parcels", column: null };

  async function restoring() {
    await parcels(world);
    return action("postgres-restore-object", await keptShapes(world));
  }
});

describe("what is kept of tables", () => {
  it("forgets that something had gone when it is back", () => {
    const first = merged([], [table("a", "x", "y"), table("b", "z")], 1);
    const gone = merged(first, [table("a", "x")], 2);
    expect(gone.map((one) => [one.shape.name, one.goneSince, one.goneColumns.length])).toEqual([
      ["a", null, 1],
      ["b", 2, 0],
    ]);
    expect(merged(gone, [table("a", "x", "y"), table("b", "z")], 3)).toEqual(first);
  });
});

function action(name: string, fileHistory: FileHistory = keptNothing.fileHistory) {
  const found = makeActions({ ...keptNothing, fileHistory }).get(name);
  if (found === undefined) throw new Error(`no action ${name}`);
  return found;
}

function table(name: string, ...columns: string[]): TableShape {
  return {
    schema: "public",
    name,
    owner: "shop",
    columns: columns.map((one) => ({
      name: one,
      type: "text",
      notNull: false,
      default: null,
      identity: "",
      generated: "",
      collation: null,
    })),
    constraints: [],
    indexes: [],
    sequences: [],
    grants: [],
    counters: [],
    options: [],
    statistics: [],
    comments: [],
    unkept: [],
  };
}
