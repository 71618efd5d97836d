// A service's own migrations as files: what one would make, what stops it, which one is meant, and what is not even read.
import { symlinkSync, truncateSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { chooseMigration } from "../../tools/migrations/choose-migration.ts";
import { effectsOf } from "../../tools/migrations/effects.ts";
import { compareOrder, readMigration, readMigrations } from "../../tools/migrations/migration-files.ts";
import { statementsIn } from "../../tools/migrations/sql-statements.ts";
import { CRATES } from "./crates.ts";
import { migrationFolder } from "./migration-folder.ts";

async function effects(sql: string) {
  const statements = await statementsIn(sql);
  if ("unreadable" in statements) throw new Error(statements.unreadable);
  return effectsOf(statements, "public");
}

const made = (kind: string, name: string) => ({ does: "makes", kind, schema: "public", name });

describe("what a migration would do", () => {
  it("is read from its statements, each from its first word on", async () => {
    const statements = await statementsIn(CRATES);
    if ("unreadable" in statements) throw new Error(statements.unreadable);
    expect(statements.map(({ line, text }) => [line, text.split(" ").slice(0, 3).join(" ")])).toEqual([
      [3, "CREATE TYPE crate_state"],
      [4, "CREATE TABLE crates"],
      [5, "CREATE INDEX crates_by_state"],
      [6, "ALTER TABLE crates"],
      [7, "CREATE SEQUENCE crate_numbers"],
      [8, "ALTER TABLE senders"],
      [9, "CREATE INDEX senders_by_crates"],
      [10, "COMMENT ON TABLE"],
    ]);
    expect(statements[3]?.text).toMatch(/'é; DROP TABLE senders'\)$/);
    expect(statements.at(-1)?.text).toMatch(/sends'$/);
  });

  it("is what it makes, and what it needs for that", async () => {
    const senders = { schema: null, name: "senders" };
    expect(await effects(CRATES)).toEqual({
      stop: undefined,
      effects: [
        made("type", "crate_state"),
        made("table", "crates"),
        { does: "needs", table: senders },
        made("sequence", "crate_numbers"),
        { does: "adds-column", table: senders, column: "crates" },
        { does: "adds-column", table: senders, column: "seen" },
        { does: "adds-index", table: senders, name: "senders_by_crates" },
      ],
    });
    expect((await effects("create table if not exists Shop.A (id int references Shop.A)")).effects).toEqual([
      { does: "makes", kind: "table", schema: "shop", name: "a" },
    ]);
  });

  const stops: [sql: string, why: RegExp][] = [
    ["DROP TABLE senders", /takes something away/],
    ["DELETE FROM senders", /takes rows away/],
    ["UPDATE senders SET id = 1", /changes rows/],
    ["TRUNCATE senders", /does more than add/],
    ["INSERT INTO schema_migrations VALUES ('42')", /writes rows/],
    ["COPY senders FROM '/etc/passwd'", /does more than add/],
    ["SELECT pg_terminate_backend(1)", /does more than add/],
    ["GRANT ALL ON crates TO public", /does more than add/],
    ["DO $$ begin delete from senders; end $$", /does more than add/],
    ["CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'select 1'", /does more than add/],
    ["CREATE TRIGGER t AFTER INSERT ON senders EXECUTE FUNCTION f()", /does more than add/],
    ["CREATE VIEW v AS SELECT 1", /does more than add/],
    ["CREATE EXTENSION hstore", /does more than add/],
    ["CREATE SCHEMA other", /does more than add/],
    ["BEGIN", /one transaction of its own/],
    ["COMMIT", /one transaction of its own/],
    ["SET search_path = other", /does more than add/],
    ["ALTER TYPE crate_state ADD VALUE 'lost'", /does more than add/],
    ["ALTER TABLE senders RENAME TO people", /renames/],
    ["CREATE TABLE a AS SELECT * FROM senders", /does more than add/],
    ["SELECT * INTO a FROM senders", /does more than add/],
    ["CREATE TEMP TABLE a (id int)", /more than a plain table/],
    ["CREATE UNLOGGED TABLE a (id int)", /more than a plain table/],
    ["CREATE TABLE a (LIKE senders)", /more than a plain table/],
    ["CREATE TABLE a (id int) INHERITS (senders)", /more than a plain table/],
    ["CREATE TABLE a PARTITION OF senders DEFAULT", /more than a plain table/],
    ["CREATE TABLE a (id int) TABLESPACE small", /more than a plain table/],
    ["CREATE INDEX CONCURRENTLY i ON senders (id)", /cannot be part of a transaction/],
    ["CREATE UNIQUE INDEX i ON senders (id)", /refuses rows/],
    ["CREATE INDEX ON senders (id)", /without a name/],
    ["CREATE INDEX i ON senders (f(id))", /runs a function/],
    ["CREATE INDEX i ON senders (id) WHERE f(id)", /runs a function/],
    ["ALTER TABLE senders DROP COLUMN id", /otherwise than by a new column/],
    ["ALTER TABLE senders ADD COLUMN a int, DROP COLUMN id", /otherwise than by a new column/],
    ["ALTER TABLE senders ALTER COLUMN id TYPE bigint", /otherwise than by a new column/],
    ["ALTER TABLE senders DISABLE ROW LEVEL SECURITY", /otherwise than by a new column/],
    ["ALTER TABLE senders ADD CHECK (id > 0)", /refuses rows/],
    ["ALTER TABLE senders ADD COLUMN a serial", /rewrite the table/],
    ["ALTER TABLE senders ADD COLUMN a int NOT NULL", /has no default/],
    ["ALTER TABLE senders ADD COLUMN a uuid DEFAULT gen_random_uuid()", /computed for each row/],
    ["ALTER TABLE senders ADD COLUMN a int DEFAULT -(1 + f())", /computed for each row/],
    ["ALTER TABLE senders ADD COLUMN a timestamptz DEFAULT other.now()", /computed for each row/],
    ["ALTER TABLE senders ADD COLUMN a int UNIQUE", /constraint \(unique\)/],
    ["ALTER TABLE senders ADD COLUMN a int CHECK (f(id))", /constraint \(check\)/],
    ["ALTER TABLE senders ADD COLUMN a int REFERENCES crates", /constraint \(foreign\)/],
    ["ALTER TABLE senders ADD COLUMN a int GENERATED ALWAYS AS (id * 2) STORED", /constraint \(generated\)/],
    ["ALTER TABLE senders ADD COLUMN a int GENERATED ALWAYS AS IDENTITY", /constraint \(identity\)/],
    ["COMMENT ON TABLE senders IS 'mine'", /does not make/],
    ["COMMENT ON COLUMN senders.id IS 'mine'", /does not make/],
    ["COMMENT ON DATABASE postgres IS 'mine'", /does not make/],
  ];
  it("stops it where it is more than to add, wherever the statement hides", async () => {
    for (const [sql, why] of stops) {
      for (const before of [
        "",
        "-- only a remark\r",
        "/* one /* two */ still one */",
        "CREATE TABLE own (id int); ",
      ]) {
        const { stop } = await effects(`CREATE TABLE parcels (id int);\n\n${before}${sql}`);
        expect({ sql, stop }).toMatchObject({ stop: { line: 3, why: expect.stringMatching(why) } });
      }
    }
  });

  it("does not stop it for what only looks so", async () => {
    const harmless = [
      "CREATE TABLE a (note text DEFAULT '; DROP TABLE senders; --')",
      "-- DROP TABLE senders;\nCREATE TABLE a (id int)",
      'CREATE TABLE "drop table senders" (id int)',
      "ALTER TABLE senders ADD COLUMN a int DEFAULT -1, ADD b text[] NOT NULL DEFAULT '{}'::text[]",
      "ALTER TABLE senders ADD COLUMN IF NOT EXISTS a timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP",
      "ALTER TABLE senders ADD COLUMN a numeric(8, 2) NULL; COMMENT ON COLUMN senders.a IS 'of ours'",
      "CREATE DOMAIN age AS int CHECK (value > 0); CREATE TYPE pair AS (a int, b int)",
      "CREATE TABLE a (id int); ALTER TABLE a ADD UNIQUE (id); CREATE UNIQUE INDEX ON a (id)",
      "",
    ];
    for (const sql of harmless)
      expect({ sql, stop: (await effects(sql)).stop }).toEqual({ sql, stop: undefined });
  });

  it("is not known of what is no SQL", async () => {
    const commands = [
      "\\i other.sql\nCREATE TABLE a (id int)",
      "\\connect other",
      "COPY a FROM stdin;\n1\n\\.\n",
    ];
    for (const sql of [...commands, "CREATE TABLE a (", `SELECT ${"(".repeat(100_000)}`])
      expect(await statementsIn(sql)).toMatchObject({ unreadable: expect.any(String) });
    expect(await statementsIn("CREATE TABLE a (id int)")).toHaveLength(1);
  });
});

describe("which migration is meant", () => {
  const parcels = { schema: undefined, table: "parcels", column: null };
  const weight = { schema: undefined, table: undefined, column: "weight" };
  const chosen = async (
    object: typeof parcels | typeof weight,
    files: Record<string, string>,
    unread: string[] = [],
  ) => {
    const all = Object.entries(files).map(([path, sql]) => ({ path, sql }));
    const why = "is larger than 1 MB";
    const answer = await chooseMigration(
      object,
      { files: all, unread: unread.map((path) => ({ path, why })) },
      "public",
    );
    return "why" in answer ? answer.why : answer.file.path;
  };
  const maker = { "2.sql": "CREATE TABLE parcels (id int)" };

  it("is the one that makes it", async () => {
    const other = { "1.sql": "DROP TABLE parcels_old", "3.sql": "-- parcels come later" };
    expect(await chosen(parcels, { ...maker, ...other })).toBe("2.sql");
    expect(await chosen(weight, { ...maker, "3.sql": "ALTER TABLE parcels ADD weight int" })).toBe("3.sql");
    expect(await chosen({ ...parcels, schema: "public" } as never, maker)).toBe("2.sql");
    expect(await chosen({ ...parcels, schema: "shop" } as never, maker)).toMatch(/none of its 1 migrations/);
    expect(
      await chosen({ ...weight, table: "boxes" } as never, { "3.sql": "ALTER TABLE parcels ADD weight int" }),
    ).toMatch(/^none/);
  });

  it("is left to a person where a later one has other plans with it, or nobody knows", async () => {
    expect(await chosen(parcels, { ...maker, "10.sql": "DROP TABLE parcels" })).toMatch(
      /^2.sql would make it, but 10.sql comes later .* line 1 .*takes something away: DROP TABLE parcels$/,
    );
    expect(await chosen(parcels, { ...maker, "10.sql": 'DROP TABLE U&"p\\0061rcels"' })).toMatch(
      /10.sql comes later/,
    );
    expect(await chosen(parcels, { ...maker, "10.sql": "\\i parcels" })).toMatch(
      /10.sql comes later and cannot be read/,
    );
    expect(await chosen(parcels, maker, ["10.sql"])).toMatch(/10.sql comes later and is larger than 1 MB/);
    expect(await chosen(parcels, maker, ["1.sql"])).toBe("2.sql");
    expect(await chosen(parcels, {}, ["10.sql"])).toMatch(/none of its 0 .*, and 10.sql is larger/);
    expect(
      await chosen(parcels, { ...maker, "3.sql": "CREATE TABLE IF NOT EXISTS parcels (id int)" }),
    ).toMatch(/several migrations make parcels: 2.sql, 3.sql/);
    expect(await chosen(parcels, { "2.sql": "CREATE TABLE parcels (id int);\nDROP TABLE senders" })).toMatch(
      /^2.sql would make it, but its line 2 .*: DROP TABLE senders$/,
    );
  });
});

describe("the files of migrations", () => {
  it("are read in the order of their numbers", async () => {
    using folder = migrationFolder({
      "10_b.sql": "b",
      "9_a.sql": "\uFEFFa",
      "notes.txt": "x",
      "deep/1.sql": "y",
    });
    expect(await readMigrations(folder.spec)).toEqual({
      files: [
        { path: "9_a.sql", sql: "a" },
        { path: "10_b.sql", sql: "b" },
      ],
      unread: [],
    });
    using deep = migrationFolder({ "2/migration.sql": "b", "1/migration.sql": "a" }, "*/migration.sql");
    expect((await readMigrations(deep.spec)).files.map((one) => one.path)).toEqual([
      "1/migration.sql",
      "2/migration.sql",
    ]);
    expect(["V10__x.sql", "V2__x.sql", "V1.5__x.sql"].toSorted(compareOrder)).toEqual([
      "V1.5__x.sql",
      "V2__x.sql",
      "V10__x.sql",
    ]);
  });

  it("are not read where they are too large, no text, or lead elsewhere", async () => {
    using elsewhere = migrationFolder({ "secret.sql": "CREATE TABLE secret (id int)" });
    using folder = migrationFolder({ "1.sql": "a", "2.sql": "", "3.sql": "a\0b" });
    truncateSync(folder.path("2.sql"), 10 * 1024 ** 2);
    symlinkSync(elsewhere.path("secret.sql"), folder.path("4.sql"));
    symlinkSync(folder.path("1.sql"), folder.path("5.sql"));
    expect(await readMigrations(folder.spec)).toEqual({
      files: [
        { path: "1.sql", sql: "a" },
        { path: "5.sql", sql: "a" },
      ],
      unread: [
        { path: "2.sql", why: "is larger than 1 MB" },
        { path: "3.sql", why: "is no UTF-8 text" },
        { path: "4.sql", why: "is a link that leads out of the folder" },
      ],
    });
    const refused = { code: "migrations-unreadable" };
    for (const path of ["2.sql", "4.sql", "6.sql", "../secret.sql", "/etc/passwd"])
      await expect(readMigration(folder.spec, path)).rejects.toMatchObject(refused);
    await expect(readMigrations({ root: folder.path("none"), glob: "*.sql" })).rejects.toMatchObject(refused);
  });
});
