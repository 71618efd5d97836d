// The embedded folder when things go wrong: killed writers, damage, other people's files, newer versions.
import { createHash } from "node:crypto";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeMigration, migrate, shippedMigrations } from "../../knowledge/migrate.ts";
import { openPglite } from "../../knowledge/pglite-db.ts";
import { embeddedFolder, openStore } from "../../knowledge/store.ts";
import { startChild } from "./child.ts";
import { embeddedTemplate } from "./embedded-template.ts";
import { makeTestClock, makeTestIds } from "./open-test-store.ts";

function makeFolder(): { dataDir: string; store: string } & Disposable {
  const dataDir = mkdtempSync(join(tmpdir(), "opsmedic-store-"));
  return {
    dataDir,
    store: embeddedFolder(dataDir),
    [Symbol.dispose]: () => rmSync(dataDir, { recursive: true, force: true }),
  };
}

const deps = { clock: makeTestClock(), makeId: makeTestIds() };

async function makeStoreIn(dataDir: string): Promise<void> {
  const opened = await openStore({ dataDir, warmTemplate: await embeddedTemplate() }, deps);
  await opened.store.settings.set("mode", "observe");
  await opened.close();
}

/** Every file with its hash: nothing may be deleted or rewritten by a refusal. */
function contents(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((one) => one.isFile());
  return files
    .map((file) => join(file.parentPath, file.name))
    .sort()
    .map((path) => `${path} ${createHash("sha256").update(readFileSync(path)).digest("hex")}`);
}

describe("The embedded folder", () => {
  it("is made, closed, and opened again with what it held", async () => {
    using site = makeFolder();
    const first = await openStore({ dataDir: site.dataDir }, deps);
    await first.store.settings.set("mode", "auto");
    await first.close();
    expect(readdirSync(site.dataDir)).toEqual(["store"]);
    expect(statSync(site.store).mode & 0o777).toBe(0o700);

    const again = await openStore({ dataDir: site.dataDir }, deps);
    expect(again.kind).toBe("embedded");
    expect(await again.store.settings.get("mode")).toBe("auto");
    await again.close();
  });

  it("is opened by one process at a time, and by the next once that was killed", async () => {
    using site = makeFolder();
    await makeStoreIn(site.dataDir);
    await using child = startChild("hold", site.store);
    expect(await child.first).toBe("ready");
    await expect(openStore({ dataDir: site.dataDir }, deps)).rejects.toMatchObject({
      code: "store-locked",
      message: expect.stringContaining(`process ${child.pid}`),
    });
    await child.kill();
    const opened = await openStore({ dataDir: site.dataDir }, deps);
    expect(await opened.store.settings.get("mode")).toBe("observe");
    await opened.close();
  });

  it("has one lock, whatever links lead to it", async () => {
    using site = makeFolder();
    await makeStoreIn(site.dataDir);
    const alias = join(site.dataDir, "alias");
    symlinkSync(site.store, alias);
    const opened = await openStore({ dataDir: site.dataDir }, deps);
    await expect(openPglite({ dataDir: alias })).rejects.toMatchObject({
      code: "store-locked",
      message: expect.stringContaining("this same process"),
    });
    await opened.close();
    const byAlias = await openPglite({ dataDir: alias });
    await byAlias.close();
  });

  it("loses no acknowledged row when its process is killed while it writes", async () => {
    using site = makeFolder();
    await makeStoreIn(site.dataDir);
    for (let round = 1; round <= 3; round += 1) {
      await using child = startChild("write", site.store);
      await expect
        .poll(() => child.lines.length, { timeout: 30_000, interval: 5 })
        .toBeGreaterThan(100 * round);
      await child.kill();
      const acknowledged = Number(child.lines.at(-1));
      const opened = await openPglite({ dataDir: site.store });
      const [row] = await opened.db.query<{ count: number; max: number }>(
        "select count(*)::int as count, max(n) as max from public.t",
      );
      // One more row may have been written without anyone having been told.
      expect(row?.count).toBe(row?.max);
      expect(row?.max).toBeGreaterThanOrEqual(acknowledged);
      expect(row?.max).toBeLessThanOrEqual(acknowledged + 1);
      await opened.db.query("drop table public.t");
      await opened.close();
    }
  });

  it("begins afresh after being killed while it was made", async () => {
    using site = makeFolder();
    mkdirSync(`${site.store}.new/base`, { recursive: true });
    writeFileSync(`${site.store}.new/PG_VERSION`, "18\n");
    await makeStoreIn(site.dataDir);
    expect(readdirSync(site.dataDir)).toEqual(["store"]);
  });

  const damages: [string, (store: string) => void][] = [
    ["its version file is gone", (store) => rmSync(join(store, "PG_VERSION"))],
    ["it has another PostgreSQL's version", (store) => writeFileSync(join(store, "PG_VERSION"), "12\n")],
    ["its control file is empty", (store) => writeFileSync(join(store, "global/pg_control"), "")],
    [
      "its control file is rubbish",
      (store) => writeFileSync(join(store, "global/pg_control"), Buffer.alloc(8_192, 7)),
    ],
    ["its log is gone", (store) => rmSync(join(store, "pg_wal"), { recursive: true })],
    [
      "its log is empty",
      (store) => {
        for (const name of readdirSync(join(store, "pg_wal")))
          rmSync(join(store, "pg_wal", name), { recursive: true });
      },
    ],
  ];
  for (const [what, damage] of damages) {
    it(`is refused and left as it is when ${what}`, async () => {
      using site = makeFolder();
      await makeStoreIn(site.dataDir);
      damage(site.store);
      const before = contents(site.store);
      await expect(openStore({ dataDir: site.dataDir }, deps)).rejects.toMatchObject({
        name: "HealError",
        code: "store-corrupt",
        message: expect.stringContaining(site.store),
        hint: expect.stringMatching(/nothing was (changed|deleted)/i),
      });
      expect(contents(site.store)).toEqual(expect.arrayContaining(before));
      expect(readdirSync(site.dataDir)).toEqual(["store"]);
    });
  }

  it("tells of a damaged table when that is read", async () => {
    using site = makeFolder();
    const opened = await openStore({ dataDir: site.dataDir, warmTemplate: await embeddedTemplate() }, deps);
    await opened.store.settings.set("mode", "observe");
    const [file] = await opened.db.query<{ path: string }>(
      "select pg_relation_filepath('opsmedic.settings') as path",
    );
    await opened.db.query("checkpoint");
    await opened.close();
    writeFileSync(join(site.store, file?.path ?? ""), Buffer.alloc(8_192, 0xa5));

    const again = await openStore({ dataDir: site.dataDir }, deps);
    await expect(again.store.settings.all()).rejects.toMatchObject({
      name: "HealError",
      code: "store-corrupt",
    });
    expect(await again.store.tokens.has("web")).toBe(false);
    await again.close();
  });

  it("can be used from a copy after the damaged one was moved away", async () => {
    using site = makeFolder();
    await makeStoreIn(site.dataDir);
    cpSync(site.store, join(site.dataDir, "copy"), { recursive: true });
    rmSync(join(site.store, "PG_VERSION"));
    await expect(openStore({ dataDir: site.dataDir }, deps)).rejects.toMatchObject({ code: "store-corrupt" });
    rmSync(site.store, { recursive: true });
    cpSync(join(site.dataDir, "copy"), site.store, { recursive: true });
    const opened = await openStore({ dataDir: site.dataDir }, deps);
    expect(await opened.store.settings.get("mode")).toBe("observe");
    await opened.close();
  });

  it("is not made among other people's files", async () => {
    using site = makeFolder();
    mkdirSync(site.store);
    writeFileSync(join(site.store, "thesis.doc"), "important");
    await expect(openStore({ dataDir: site.dataDir }, deps)).rejects.toMatchObject({
      code: "store-corrupt",
      message: expect.stringContaining("thesis.doc"),
    });
    expect(readdirSync(site.store)).toEqual(["thesis.doc"]);
  });

  it("says so where no folder can be made", async () => {
    using site = makeFolder();
    writeFileSync(join(site.dataDir, "file"), "in the way");
    const inTheWay = join(site.dataDir, "file");
    for (const dataDir of [inTheWay, join(inTheWay, "below"), "/sys/opsmedic"]) {
      await expect(openStore({ dataDir }, deps)).rejects.toMatchObject({
        name: "HealError",
        code: "store-not-writable",
        message: expect.stringContaining(dataDir),
      });
    }
    writeFileSync(site.store, "a file where the store should be");
    await expect(openStore({ dataDir: site.dataDir }, deps)).rejects.toMatchObject({
      code: "store-not-writable",
    });
  });

  it("is refused when a newer opsmedic wrote it, and works for that one still", async () => {
    using site = makeFolder();
    await makeStoreIn(site.dataDir);
    const newer = [
      ...shippedMigrations(),
      makeMigration("0999-future.sql", "create table opsmedic.future (n int)"),
    ];
    const opened = await openPglite({ dataDir: site.store });
    expect(await migrate(opened.db, newer)).toEqual(["0999-future.sql"]);
    await opened.close();

    await expect(openStore({ dataDir: site.dataDir }, deps)).rejects.toMatchObject({
      code: "store-too-new",
      message: expect.stringContaining("999"),
    });
    const again = await openPglite({ dataDir: site.store });
    expect(await migrate(again.db, newer)).toEqual([]);
    await again.close();
  });
});
