// What a repair makes again in PostgreSQL, and what stands in its place: nothing of somebody else's is dropped, run or
// opened, whatever they have done since.
import { Client } from "pg";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { makeActions } from "../../tools/actions/catalogue.ts";
import { describeWith } from "../services-available.ts";
import { keptNothing } from "./kept-nothing.ts";
import { keptShapes, shapesNow } from "./postgres-scenes.ts";
import { openSessionPooler } from "./session-pooler.ts";
import { openPostgresWorld, type PostgresWorld } from "./postgres-world.ts";

const users = { table: "public.users", column: null };
const name = { table: "public.users", column: "name" };
const plain =
  "create table users (id serial primary key, name text default 'none'); alter table users owner to shop";

describeWith("postgres", "what a repair of PostgreSQL has made again", () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openPostgresWorld();
    await world.admin.query(`create collation ci (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
      create role reader; create table calls (who name); grant all on calls to public;
      create function spy() returns boolean language plpgsql as 'begin insert into calls values (current_user); return true; end';
      alter function spy owner to shop`);
  });
  beforeEach(() => world.admin.query("drop table if exists users cascade; truncate calls"));
  afterEach(() => world.clear());
  afterAll(() => world[Symbol.asyncDispose]());

  const count = async (from: string): Promise<unknown> =>
    (await world.rows(`select count(*)::int as n from ${from}`))[0]?.["n"];

  /** As it was while all was well, and what became of it since. */
  async function lost(was: string, since: string) {
    await world.admin.query(was);
    const action = makeActions({ ...keptNothing, fileHistory: await keptShapes(world) }).get(
      "postgres-restore-object",
    );
    if (action === undefined) throw new Error("there is no such action");
    await world.admin.query(since);
    return action;
  }

  it("somebody else's table of its name stays, whether it came before the repair or after it", async () => {
    const { capture, apply, undo, verifyUndo } = await lost(plain, "drop table users");
    const captured = await capture(users, world.context());
    await world.admin.query("create table users (id bigint); alter table users owner to shop");
    await apply(users, captured, world.context());
    expect(await undo(users, captured, world.context())).toContain("was made by somebody else, and stays");
    expect(await verifyUndo(users, captured, world.context())).toMatchObject({ ok: true, stays: true });
    await world.admin.query("drop table users");
    await apply(users, captured, world.context());
    await world.admin.query(`drop table users; ${plain}`);
    expect(await undo(users, captured, world.context())).toContain("stays");
    expect(await shapesNow(world)).toContainEqual(expect.objectContaining({ name: "users" }));
  });

  it("what somebody has changed or added since stays with it", async () => {
    const { capture, apply, undo } = await lost(plain, "drop table users");
    const captured = await capture(users, world.context());
    await apply(users, captured, world.context());
    await world.admin.query("alter table users add column since int");
    expect(await undo(users, captured, world.context())).toContain("has been changed since, and stays");
    await world.admin.query("alter table users drop column since");
    // Its rows are hidden from its owner and who acts for them: what is not seen is not empty.
    await world.admin.query(
      "insert into users default values; create policy hidden on users using (false); alter table users enable row level security, force row level security",
    );
    expect(await undo(users, captured, world.context())).toContain("stays");
    expect(await count("users")).toBe(1);
  });

  it("comes back with what decides who reads it, what is unique and which number is next", async () => {
    const { capture, apply } = await lost(
      `create table users (id serial primary key, name text collate ci unique, number int generated always as identity) with (fillfactor=50);
       alter table users owner to shop; grant select on users to keeper; grant usage on users_id_seq to keeper; comment on table users is 'of the shop';
       create statistics users_together on id, name from users; select setval('users_id_seq', 70000), setval('users_number_seq', 9);
       alter default privileges for role medic grant select on tables to reader`,
      "drop table users",
    );
    await apply(users, await capture(users, world.context()), world.context());
    await world.admin.query("alter default privileges for role medic revoke select on tables from reader");
    const [back] = (await shapesNow(world)).filter((one) => one.name === "users");
    expect(back).toMatchObject({
      columns: [{}, { name: "name", collation: "public.ci" }, {}],
      grants: [{ to: "keeper", privilege: "SELECT" }],
      sequences: [{ grants: [{ to: "keeper", privilege: "USAGE" }] }],
      options: ["fillfactor=50"],
      statistics: [expect.stringContaining("users_together")],
      comments: [{ column: null, text: expect.stringMatching(/^of the shop \(opsmedic made it again/) }],
    });
    const [row] = await world.rows("insert into users (name) values ('a') returning id, number");
    expect(row?.["id"]).toBeGreaterThan(70_000);
    expect(row?.["id"]).toBeLessThan(80_000);
    expect(row?.["number"]).toBeGreaterThan(9);
    await expect(world.admin.query("insert into users (name) values ('A')")).rejects.toThrow("unique");
  });

  it("a column or a table that would run its owner's function is left to a person, and nothing is run", async () => {
    const root = world.context("postgres");
    const filled = await lost(
      "create table users (id int, name boolean default spy())",
      "insert into users values (1, true); alter table users drop column name",
    );
    await expect(filled.capture(name, root)).rejects.toMatchObject({ code: "limit-exceeded" });
    const whole = await lost(
      "drop table users; create table users (id int, check (spy()))",
      "drop table users",
    );
    await expect(whole.capture(users, root)).rejects.toMatchObject({ code: "limit-exceeded" });
    const { capture, apply, undo } = await lost(
      plain,
      "insert into users values (1, 'x'); alter table users drop column name",
    );
    const captured = await capture(name, root);
    await apply(name, captured, root);
    await world.admin.query("alter table users alter column name set default spy()::text");
    expect(await undo(name, captured, root)).toContain("stays");
    await world.admin.query(
      "drop table users; create view users as select 1 as id where spy(); comment on view users is 'opsmedic made it again, empty'",
    );
    const again = await lost("select 1", "select 1");
    await expect(again.capture(users, root)).rejects.toMatchObject({ code: "stale-plan" });
    expect(await count("calls")).toBe(0);
    await world.admin.query("drop view users");
  });

  it("is taken back by hand and made again by hand, each from a backup of how it was just then", async () => {
    const { capture, apply, undo, verifyUndo } = await lost(plain, "drop table users");
    const before = await capture(users, world.context());
    await apply(users, before, world.context());
    const made = await capture(users, world.context());
    expect(await undo(users, before, world.context())).toContain("dropped the table public.users again");
    expect(await undo(users, made, world.context())).toContain("made the table public.users again");
    expect(await verifyUndo(users, made, world.context())).toMatchObject({ ok: true });
    await world.admin.query("insert into users default values");
    expect(await undo(users, before, world.context())).toContain("stays");
    expect(await count("users")).toBe(1);
  });

  it.each(["refused", "ignored"] as const)(
    "leaves nothing on a session that a pooler gives to the next one (options at its start are %s)",
    async (options) => {
      using pooler = await openSessionPooler(world.server.port, "medic", options);
      const { capture } = await lost(plain, "drop table users");
      await expect(capture(users, world.context("medic", { url: pooler.url }))).rejects.toMatchObject({
        code: "database-pooled",
      });
      const next = new Client({ connectionString: pooler.url });
      await next.connect();
      const { rows } = await next.query(
        "select current_setting('search_path') as path, current_setting('lock_timeout') as lock",
      );
      expect(rows).toEqual([{ path: '"$user", public', lock: "0" }]);
      await next.end();
    },
  );
});
