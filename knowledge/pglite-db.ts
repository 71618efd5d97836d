// The embedded driver: PostgreSQL inside this process (PGlite, with pgvector), in a folder or in memory.
// Nothing is ever deleted here: a folder that cannot be opened is left as it is and named in the error.
import { mkdir, realpath } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { vector } from "@electric-sql/pglite-pgvector";
import { messageOf, HealError } from "../domain/errors.ts";
import type { Db } from "./db.ts";
import { checkFolder, notWritable } from "./embedded-folder.ts";
import { makeAside } from "./pglite-draft.ts";
import { pgliteAsPool } from "./pglite-pool.ts";
import { defaultSearchPath, makePoolDb, type PgPoolLike } from "./pool-db.ts";
import { lockStore, type StoreLock } from "./store-lock.ts";

export interface PgliteOptions {
  /** PGlite's own folder, made when missing; undefined: in memory. The lock file stands beside it. */
  dataDir: string | undefined;
  /** Search path of the one session. */
  searchPath?: string;
  /** A dumped data folder to start from, where `dataDir` is new: 0.3 s instead of 1–3 s. For tests. */
  template?: Blob;
  /** A database in memory that is open already, instead of all that: for tests, which hand it on. */
  lent?: Lent;
}

export interface Lent {
  pglite: PGlite;
  /** Instead of closing it. */
  giveBack(): Promise<void>;
}

export interface OpenDb {
  db: Db;
  pool: PgPoolLike;
  close(): Promise<void>;
}

/** PostgreSQL's own page cache. Its default of 128 MB is taken whole at the start; the kernel caches the files anyway. */
const PAGES_KEPT = "16MB";

/**
 * Opens (or makes) the embedded database. Takes 0.3–0.5 s, and 1–3 s the first time.
 * HealError "store-locked", "store-corrupt", "store-not-writable".
 */
export async function openPglite(options: PgliteOptions): Promise<OpenDb & { dump(): Promise<Blob> }> {
  const dataDir = options.dataDir === undefined ? undefined : await realFolder(options.dataDir);
  const lock = dataDir === undefined ? undefined : await lockFolder(dataDir);
  try {
    const { pglite, giveBack } = options.lent ?? { pglite: await start(dataDir, options.template) };
    const pool = await pgliteAsPool(pglite, giveBack);
    const close = once(async () => {
      try {
        await pool.end();
      } finally {
        await lock?.release();
      }
    });
    const db = makePoolDb(pool, close);
    await setSearchPath(db, options.searchPath ?? defaultSearchPath);
    return { db, pool, close, dump: () => pglite.dumpDataDir("none") };
  } catch (error) {
    await lock?.release();
    throw error;
  }
}

/** Damage may show only now, with the first statement; then the instance must not stay open behind the error. */
async function setSearchPath(db: Db, path: string): Promise<void> {
  try {
    await db.query("select set_config('search_path', $1, false)", [path]);
  } catch (error) {
    await db.close();
    throw error;
  }
}

async function lockFolder(dataDir: string): Promise<StoreLock> {
  try {
    return await lockStore(`${dataDir}.lock`);
  } catch (error) {
    throw error instanceof HealError ? error : notWritable(dataDir, error);
  }
}

async function start(dataDir: string | undefined, template: Blob | undefined): Promise<PGlite> {
  if (dataDir === undefined) return createPglite(undefined, template);
  if ((await checkFolder(dataDir)) === "new") await makeFolder(dataDir, template);
  return createPglite(dataDir);
}

/** One folder has one lock, whatever links lead to it (and PGlite follows no link to its folder). */
async function realFolder(dataDir: string): Promise<string> {
  try {
    await mkdir(dirname(dataDir), { recursive: true, mode: 0o700 });
    return await realpath(dataDir).catch(async () =>
      join(await realpath(dirname(dataDir)), basename(dataDir)),
    );
  } catch (error) {
    throw notWritable(dataDir, error);
  }
}

async function makeFolder(dataDir: string, template: Blob | undefined): Promise<void> {
  try {
    if (template === undefined) await makeAside(dataDir);
    else await makeAside(dataDir, async (draft) => (await createPglite(draft, template)).close());
  } catch (error) {
    throw error instanceof HealError && error.code !== "store-corrupt" ? error : notWritable(dataDir, error);
  }
}

/** HealError "store-corrupt". */
export async function createPglite(dataDir: string | undefined, template?: Blob): Promise<PGlite> {
  try {
    return await PGlite.create({
      dataDir: dataDir ?? "memory://",
      extensions: { vector },
      startParams: [...PGlite.defaultStartParams, "-c", `shared_buffers=${PAGES_KEPT}`],
      ...(template === undefined ? {} : { loadDataDir: template }),
    });
  } catch (error) {
    throw new HealError(`The embedded store in ${dataDir ?? "memory"} does not open: ${wordsOf(error)}.`, {
      code: "store-corrupt",
      hint: `Its files are damaged or of another PostgreSQL version; nothing was deleted. Keep a copy, then restore the folder from a backup, or move it away (mv ${dataDir} ${dataDir}.damaged) to begin with an empty store.`,
      cause: error,
    });
  }
}

/** PGlite's file system throws objects that are no Error: https://emscripten.org/docs/api_reference/Filesystem-API.html */
function wordsOf(error: unknown): string {
  if (error instanceof Error) return error.message.replace(/\.+$/, "");
  const { errno } = (error ?? {}) as { errno?: unknown };
  return typeof errno === "number" ? `file system error ${errno}` : messageOf(error);
}

function once(work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined;
  return () => (running ??= work());
}
