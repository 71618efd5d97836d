// The data folder of a migrated embedded store that was ended, kept between test runs: a test's store then starts in 0.2 s
// instead of 1–3 s, and has nothing to recover from. Its name changes with the migrations, with PGlite's version and with
// what is left out of it.
import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { chmod, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { migrate, shippedMigrations } from "../../knowledge/migrate.ts";
import { pgliteAsPool } from "../../knowledge/pglite-pool.ts";
import { defaultSearchPath, makePoolDb } from "../../knowledge/pool-db.ts";
import { expectShortLife } from "../../knowledge/short-life.ts";

// A file of tests opens a store, or twenty, and ends.
expectShortLife();

const packages = ["@electric-sql/pglite", "@electric-sql/pglite-pgvector"];

/*
 * Each store unpacks it all, and most of it would be there for nothing: 16 MB of an almost empty log, and the databases
 * template0 and template1, which only a "create database" reads.
 */
const LOG_FILE_MB = 1;
const UNUSED = ["base/1", "base/4"];

function templatePath(): string {
  const key = createHash("sha256");
  for (const name of packages) {
    key.update(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url)));
  }
  key.update(`ended ${LOG_FILE_MB} ${UNUSED.join(" ")}`);
  for (const { version, checksum } of shippedMigrations()) key.update(`${version} ${checksum}\n`);
  const user = process.getuid?.() ?? 0;
  return join(tmpdir(), `opsmedic-test-template-${user}-${key.digest("hex").slice(0, 16)}.tar`);
}

let template: Promise<Blob> | undefined;

/** The template, made on first use. Two processes that make it at once do no harm: the file appears whole. */
export function embeddedTemplate(): Promise<Blob> {
  template ??= load();
  return template;
}

async function load(): Promise<Blob> {
  const path = templatePath();
  if (!existsSync(path)) await make(path);
  return new Blob([await readFile(path)]);
}

async function make(path: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "opsmedic-test-template-"));
  try {
    const data = join(folder, "data");
    await makeData(data);
    const draft = join(folder, "template.tar");
    const left = [...UNUSED, ...(await emptyLogFiles(data))].flatMap((name) => ["--exclude", `./${name}`]);
    await promisify(execFile)("tar", ["-C", data, "--format=ustar", ...left, "-cf", draft, "."]);
    await chmod(draft, 0o600);
    await rename(draft, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function makeData(folder: string): Promise<void> {
  const pglite = await PGlite.create({
    dataDir: folder,
    extensions: { vector },
    initDbStartParams: [`--wal-segsize=${LOG_FILE_MB}`],
  });
  const pool = await pgliteAsPool(pglite);
  const db = makePoolDb(pool, () => pool.end());
  try {
    await db.query("select set_config('search_path', $1, false)", [defaultSearchPath]);
    await migrate(db);
  } finally {
    await db.close();
  }
}

/** After the end of a database only its oldest file of the log is of use; the others are there to be written to. */
async function emptyLogFiles(data: string): Promise<string[]> {
  const names = (await readdir(join(data, "pg_wal"))).filter((name) => /^[0-9A-F]{24}$/.test(name));
  return names
    .toSorted()
    .slice(1)
    .map((name) => `pg_wal/${name}`);
}
