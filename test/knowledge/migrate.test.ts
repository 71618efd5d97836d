// Migrations: applied once, in order, whole or not at all, also when two servers start at once.
import { expect, it, describe } from "vitest";
import type { Db } from "../../knowledge/db.ts";
import { hasVectors, makeMigration, migrate, shippedMigrations } from "../../knowledge/migrate.ts";
import { openPglite } from "../../knowledge/pglite-db.ts";
import { openPostgres } from "../../knowledge/postgres-db.ts";
import { describeWith } from "../services-available.ts";
import { embeddedTemplate } from "./embedded-template.ts";
import { emptyDatabase } from "./open-test-store.ts";

const one = makeMigration(
  "0001-one.sql",
  "create table opsmedic.cases (n int); insert into opsmedic.cases values (1)",
);
const two = makeMigration("0002-two.sql", "alter table opsmedic.cases add column text text");

function migrationTests(open: () => Promise<{ db: Db; close(): Promise<void> }>): void {
  async function withDb(work: (db: Db) => Promise<void>): Promise<void> {
    const opened = await open();
    try {
      await work(opened.db);
    } finally {
      await opened.close();
    }
  }

  it("applies what is missing, once, and records it", () =>
    withDb(async (db) => {
      expect(await migrate(db, [one])).toEqual(["0001-one.sql"]);
      expect(await migrate(db, [one, two])).toEqual(["0002-two.sql"]);
      expect(await migrate(db, [one, two])).toEqual([]);
      expect(
        await db.query("select version, name, checksum from opsmedic.migrations order by version"),
      ).toEqual([
        { version: 1, name: "0001-one.sql", checksum: one.checksum },
        { version: 2, name: "0002-two.sql", checksum: two.checksum },
      ]);
    }));

  it("refuses a store where an applied file was changed, and does nothing", () =>
    withDb(async (db) => {
      await migrate(db, [one]);
      const changed = makeMigration(one.name, `${one.sql} `);
      await expect(migrate(db, [changed, two])).rejects.toMatchObject({
        code: "migration-changed",
        message: expect.stringContaining("0001-one.sql"),
      });
      expect(await db.query("select * from opsmedic.cases")).not.toHaveProperty("0.text");
    }));

  it("refuses a store of a newer version", () =>
    withDb(async (db) => {
      await migrate(db, [one, two]);
      await expect(migrate(db, [one])).rejects.toMatchObject({ code: "store-too-new" });
    }));

  it("keeps nothing of a set of which one fails", () =>
    withDb(async (db) => {
      const broken = makeMigration("0002-broken.sql", "create table opsmedic.half (n int); select 1/0");
      await expect(migrate(db, [one, broken])).rejects.toMatchObject({
        code: "migration-failed",
        message: expect.stringContaining("0002-broken.sql"),
      });
      expect(await db.query("select to_regnamespace('opsmedic')::text as schema")).toEqual([
        { schema: null },
      ]);
      expect(await migrate(db, [one, two])).toHaveLength(2);
    }));

  it("lets several that start at once take turns", () =>
    withDb(async (db) => {
      const applied = await Promise.all(Array.from({ length: 5 }, () => migrate(db)));
      expect(applied.flat()).toEqual(shippedMigrations().map(({ name }) => name));
    }));
}

describe("Migrations on PGlite", () => {
  migrationTests(async () => {
    const template = await embeddedTemplate();
    const opened = await openPglite({ dataDir: undefined, searchPath: "public", template });
    // As a new one, for a tenth of the work; the next test has one that is really new.
    await opened.db.query("drop schema opsmedic cascade; drop extension vector");
    return opened;
  });

  it("give knowledge its vectors, which are compared by cosine", async () => {
    const opened = await openPglite({ dataDir: undefined });
    const { db } = opened;
    await migrate(db);
    expect(await hasVectors(db)).toBe(true);
    const rows = await db.query(
      "select ('[1,0,0]'::public.vector operator(public.<=>) '[0,1,0]'::public.vector) as distance",
    );
    expect(rows).toEqual([{ distance: 1 }]);
    expect(await db.query("select vector from opsmedic.knowledge_vectors")).toEqual([]);
    await opened.close();
  });
});

describeWith("postgres", "Migrations on a server", () => {
  describe("PostgreSQL", () => {
    migrationTests(async () => openPostgres({ url: await emptyDatabase(), searchPath: "public" }));
  });
});

describe("The line ends of a migration", () => {
  it("do not count as a change", () => {
    expect(makeMigration("0001-a.sql", "a\r\nb").checksum).toBe(makeMigration("0001-a.sql", "a\nb").checksum);
  });

  it("are of files numbered 1, 2, 3 without gap or double", () => {
    expect(shippedMigrations().map(({ version }) => version)).toEqual(
      shippedMigrations().map((_, n) => n + 1),
    );
  });
});
