// A migration that was forgotten, run on a real PostgreSQL: in whose name and where, what is left where it fails, what its
// undo takes and what it leaves, and where nothing is run at all.
import { symlinkSync, unlinkSync } from "node:fs";
import { afterAll, afterEach, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { hashOf } from "../../tools/migrations/migration-files.ts";
import { postgresRunMigration } from "../../tools/actions/postgres/run-migration.ts";
import { schemasIn } from "../../tools/actions/postgres/search-place.ts";
import type { ActionContext } from "../../tools/action.ts";
import { describeWith } from "../services-available.ts";
import { CRATES, cratesNow, cratesParams, senders } from "./crates.ts";
import { migrationFolder } from "./migration-folder.ts";
import { openPostgresWorld, type PostgresWorld } from "./postgres-world.ts";

const { capture, apply, verify, undo, verifyUndo } = postgresRunMigration;
const stale = { code: "stale-plan" };

const params = (sql: string, table: string, column: string | null = null) => ({
  file: "0042.sql",
  sha256: hashOf({ sql }),
  table,
  column,
});

describeWith("postgres", "a migration of PostgreSQL", () => {
  let world: PostgresWorld;
  beforeAll(async () => {
    world = await openPostgresWorld();
  });
  afterAll(() => world[Symbol.asyncDispose]());
  afterEach(() => world.clear());

  /** With the table that is there before it, and the files of the service. */
  async function scene(files: Record<string, string>, { role }: { role?: string } = {}) {
    await senders(world);
    const folder = migrationFolder(files);
    onTestFinished(() => folder[Symbol.dispose]());
    const migrations = { ...folder.spec, ...(role !== undefined && { role }) };
    return { folder, context: world.context(undefined, { migrations }) };
  }

  const crates = (role?: string) => scene({ "0042_crates.sql": CRATES }, role === undefined ? {} : { role });
  const whyNot = async (sql: string, table: string, more: { role?: string } = {}): Promise<string> => {
    const { context } = await scene({ "0042.sql": sql }, more);
    return capture(params(sql, table), context).then(
      () => "it may be run",
      (error: Error) => error.message,
    );
  };

  it("is made by the owner of the other tables, and says where it comes from", async () => {
    const { context } = await crates();
    const captured = await capture(cratesParams, context);
    expect(postgresRunMigration.preview?.(cratesParams, captured)).toMatch(
      /^CREATE TYPE crate_state .*;\nCREATE TABLE/,
    );
    expect(await apply(cratesParams, captured, context)).toMatch(
      /^ran 0042_crates.sql, which made the table public.crates, and 5 more; the service's own record .* does not know/,
    );
    expect(await verify(cratesParams, captured, context)).toEqual({
      ok: true,
      text: "the table public.crates is there, and belongs to shop",
    });
    const now = await cratesNow(world);
    expect(now).toContain(
      `"What a sender sends (opsmedic ran 0042_crates.sql (sha256 ${cratesParams.sha256}))"`,
    );
    const shop = await world.client("checkout");
    await shop.query("insert into crates (sender) values (1); select nextval('crate_numbers')");
  });

  it("goes again as long as nobody has used any of it", async () => {
    const { context } = await crates();
    const before = await cratesNow(world);
    const captured = await capture(cratesParams, context);
    await apply(cratesParams, captured, context);
    await world.admin.query("create temp table was as select * from senders");
    for (const [used, use = "", unuse = ""] of [
      ["the table public.crates", "insert into crates (sender) values (1)", "delete from crates"],
      ["the column crates", "update senders set crates = 3 where id = 1", "update senders set crates = 0"],
      [
        "the column seen",
        "update senders set seen = null",
        "update senders s set seen = w.seen from was w where w.id = s.id",
      ],
      [
        "the sequence public.crate_numbers",
        "select nextval('crate_numbers')",
        "select setval('crate_numbers', 1, false)",
      ],
    ]) {
      await world.admin.query(use);
      expect(await undo(cratesParams, captured, context)).toContain(`${used}`);
      expect(await verifyUndo(cratesParams, captured, context)).toMatchObject({
        ok: true,
        text: expect.stringContaining("has been written into"),
      });
      await world.admin.query(unuse);
      expect(await verifyUndo(cratesParams, captured, context)).toMatchObject({ ok: false });
    }
    expect(await undo(cratesParams, captured, context)).toBe("dropped what 0042_crates.sql had made");
    expect(await cratesNow(world)).toBe(before);
  });

  it("does not run a file that was changed, exchanged or taken away since it was judged", async () => {
    const { folder, context } = await crates();
    const before = await cratesNow(world);
    const captured = await capture(cratesParams, context);
    folder.write(cratesParams.file, `${CRATES};\nDROP TABLE senders`);
    await expect(apply(cratesParams, captured, context)).rejects.toMatchObject(stale);
    await expect(capture(cratesParams, context)).rejects.toMatchObject(stale);
    unlinkSync(folder.path(cratesParams.file));
    symlinkSync("/etc/passwd", folder.path(cratesParams.file));
    await expect(apply(cratesParams, captured, context)).rejects.toMatchObject({
      code: "migrations-unreadable",
    });
    expect(await cratesNow(world)).toBe(before);
    // The undo needs no file.
    expect(await undo(cratesParams, captured, context)).toContain("is not there");
  });

  it("leaves nothing where it fails in the middle", async () => {
    const { context } = await crates();
    const captured = await capture(cratesParams, context);
    await world.admin.query("create table clash (); create index senders_by_crates on senders (id)");
    const before = await cratesNow(world);
    await expect(apply(cratesParams, captured, context)).rejects.toMatchObject(stale);
    await world.admin.query("drop index senders_by_crates; alter table senders drop constraint senders_pkey");
    await expect(apply(cratesParams, captured, context)).rejects.toMatchObject({ code: "database-answer" });
    expect(await world.rows("select from pg_class where relname like 'crate%'")).toEqual([]);
    expect(before).toContain("senders");
    await world.admin.query("drop table clash");
  });

  it("waits for no lock for long, and holds none while it waits for the next", async () => {
    const { context } = await crates();
    const captured = await capture(cratesParams, context);
    const writer = await world.client("checkout");
    await writer.query("begin; select * from senders");
    await expect(apply(cratesParams, captured, context)).rejects.toMatchObject({
      code: "database-busy",
      retryable: true,
    });
    await writer.query("commit");
    expect(await world.rows("select from pg_class where relname like 'crate%'")).toEqual([]);
    await apply(cratesParams, captured, context);
  });

  it("takes nothing away that somebody else has made meanwhile, by the same migration", async () => {
    const { context } = await crates();
    const captured = await capture(cratesParams, context);
    const shop = await world.client("migrate");
    await shop.query(CRATES);
    expect(await apply(cratesParams, captured, context)).toBe("the table public.crates is there already");
    expect(await verify(cratesParams, captured, context)).toMatchObject({ ok: true });
    expect(await undo(cratesParams, captured, context)).toContain("was made by somebody else, and stays");
    expect(await verifyUndo(cratesParams, captured, context)).toMatchObject({ ok: true });
    expect(await cratesNow(world)).toContain('"What a sender sends"');
  });

  it("comes back where a restore by hand has taken it away and is itself taken back", async () => {
    const { context } = await crates();
    await apply(cratesParams, await capture(cratesParams, context), context);
    const before = await cratesNow(world);
    const there = await capture(cratesParams, context);
    expect(await verifyUndo(cratesParams, there, context)).toMatchObject({ ok: true });
    await undo(cratesParams, { ...there, state: { ...(there.state as object), there: false } }, context);
    expect(await verifyUndo(cratesParams, there, context)).toMatchObject({ ok: false });
    await undo(cratesParams, there, context);
    expect(await cratesNow(world)).toBe(before);
  });

  it("is made where the program of its role looks", async () => {
    await world.admin.query(
      "create schema if not exists depot authorization shop; alter role shop set search_path = depot, public",
    );
    onTestFinished(() =>
      world.admin.query("alter role shop reset search_path; drop schema depot cascade").then(() => undefined),
    );
    const { context } = await crates("shop");
    const there = { ...cratesParams, table: "depot.crates" };
    const captured = await capture(there, context);
    await apply(there, captured, context);
    expect(
      await world.rows(
        "select relnamespace::regnamespace::text as at, relowner::regrole::text as of from pg_class where relname = 'crates'",
      ),
    ).toEqual([{ at: "depot", of: "shop" }]);
    await undo(there, captured, context);
    expect(await verifyUndo(there, captured, context)).toMatchObject({ ok: true });
    expect(schemasIn(`"$user", Public,"a""B" , x`)).toEqual(["$user", "public", 'a"B', "x"]);
  });

  it("adds a column, with names and texts that would be more in other hands", async () => {
    const sql = `ALTER TABLE senders ADD COLUMN "a""; drop table senders; --" text NOT NULL DEFAULT '\\'' ; DROP TABLE senders; --'`;
    await world.admin.query("alter role medic set standard_conforming_strings = off");
    onTestFinished(() => world.admin.query("alter role medic reset all").then(() => undefined));
    const { context } = await scene({ "0042.sql": sql });
    const column = params(sql, "public.senders", 'a"; drop table senders; --');
    const captured = await capture(column, context);
    await apply(column, captured, context);
    expect(await world.rows("select * from senders order by id")).toEqual(
      [1, 2].map((id) => ({ id, [column.column ?? ""]: "\\' ; DROP TABLE senders; --" })),
    );
    await undo(column, captured, context);
    expect(await world.rows("select * from senders order by id")).toEqual([{ id: 1 }, { id: 2 }]);
  });

  it("is not run where something speaks against it", async () => {
    const made = "CREATE TABLE crates (id int)";
    expect(await whyNot(made, "public.crates")).toBe("it may be run");
    expect(await whyNot(made, "other.crates")).toMatch(/none of its 1 migrations makes crates/);
    expect(await whyNot(`${made}; CREATE TABLE senders (id int)`, "public.crates")).toMatch(
      /makes the table public.senders as well, which is there already/,
    );
    expect(await whyNot("CREATE TABLE crates (id int REFERENCES boxes)", "public.crates")).toMatch(
      /needs the table boxes, which is not there/,
    );
    expect(await whyNot("CREATE TABLE other.crates (id int)", "other.crates")).toMatch(
      /nothing in the schema other/,
    );
    expect(await whyNot(made, "public.crates", { role: "nobody" })).toMatch(/there is no role nobody/);
    expect(await whyNot(made, "public.crates", { role: "keeper" })).toMatch(/may not act as keeper/);
    await world.admin.query("create table theirs (id int); alter table theirs owner to keeper");
    expect(await whyNot(made, "public.crates")).toMatch(
      /belong to keeper, shop: postgres.migrations.role must say/,
    );
    expect(
      await whyNot("CREATE TABLE crates (id int); ALTER TABLE theirs ADD x int", "public.crates", {
        role: "shop",
      }),
    ).toMatch(/public.theirs does not belong to shop/);
    await world.admin.query(
      "alter table theirs owner to shop; insert into theirs select g from generate_series(1, 2000000) g",
    );
    expect(await whyNot(`${made}; CREATE INDEX i ON theirs (id)`, "public.crates")).toMatch(
      /public.theirs has \d+ MB, and who writes to it would wait for the index/,
    );
    await world.admin.query("drop table theirs; create schema hidden; create table hidden.crates (id int)");
    expect(await whyNot(made, "public.crates")).toMatch(
      /hidden.crates is there: its program looks in another schema/,
    );
    await world.admin.query("drop schema hidden cascade");
  });

  it("of which the configuration knows nothing is not run", async () => {
    const context: ActionContext = world.context();
    await expect(capture(cratesParams, context)).rejects.toMatchObject({ code: "limit-exceeded" });
  });
});

describe("the parameters of a migration", () => {
  it("name a file and its hash, and nothing that could be more", () => {
    for (const more of [{ sha256: "x" }, { table: "" }, { statements: ["DROP TABLE senders"] }])
      expect(postgresRunMigration.params.safeParse({ ...cratesParams, ...more }).success).toBe(false);
  });
});
