// A dumped data folder of a migrated embedded store, kept between test runs: a test's store then starts in 0.2 s
// instead of 1–3 s. Its name changes with the migrations, with PGlite's version and with what is left out of it.
import { createHash } from "node:crypto";
import { existsSync, readFileSync } from "node:fs";
import { readFile, rename, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { migrate, shippedMigrations } from "../../knowledge/migrate.ts";
import { pgliteAsPool } from "../../knowledge/pglite-pool.ts";
import { defaultSearchPath, makePoolDb } from "../../knowledge/pool-db.ts";

const packages = ["@electric-sql/pglite", "@electric-sql/pglite-pgvector"];

/*
 * Each store unpacks it all, and most of it would be there for nothing: 16 MB of an almost empty log, and the databases
 * template0 and template1, which only a "create database" reads.
 */
const LOG_FILE_MB = 1;
const UNUSED = /^\/base\/(1|4)\//;

function templatePath(): string {
  const key = createHash("sha256");
  for (const name of packages) {
    key.update(readFileSync(new URL(`../../node_modules/${name}/package.json`, import.meta.url)));
  }
  key.update(`${LOG_FILE_MB} ${UNUSED.source}`);
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
  const pglite = await PGlite.create({
    dataDir: "memory://",
    extensions: { vector },
    initDbStartParams: [`--wal-segsize=${LOG_FILE_MB}`],
  });
  const pool = await pgliteAsPool(pglite);
  const db = makePoolDb(pool, () => pool.end());
  try {
    await db.query("select set_config('search_path', $1, false)", [defaultSearchPath]);
    await migrate(db);
    const dump = await pglite.dumpDataDir("none");
    const draft = `${path}.${process.pid}`;
    await writeFile(draft, withoutUnused(Buffer.from(await dump.arrayBuffer())), { mode: 0o600 });
    await rename(draft, path);
  } finally {
    await db.close();
  }
}

/** The archive without the files of the databases that nobody connects to. Sizes are octal, blocks have 512 bytes. */
function withoutUnused(tar: Buffer): Buffer {
  const kept: Buffer[] = [];
  for (let at = 0; at < tar.length; ) {
    const name = tar.toString("latin1", at, at + 100).replace(/\0.*$/s, "");
    const size = Number.parseInt(tar.toString("latin1", at + 124, at + 136), 8) || 0;
    const next = at + 512 + Math.ceil(size / 512) * 512;
    if (!UNUSED.test(name)) kept.push(tar.subarray(at, next));
    at = next;
  }
  return Buffer.concat(kept);
}
