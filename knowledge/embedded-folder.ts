// Looks at the embedded store's folder before PGlite does: PGlite makes a fresh database over whatever it does not
// recognise, which would destroy a damaged one.
import { constants } from "node:fs";
import { access, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { HealError, messageOf } from "../domain/errors.ts";

/** Major version of the PostgreSQL inside @electric-sql/pglite 0.5. */
const PGLITE_MAJOR = "18";
/** Without any of these the folder is no database (or no longer one). */
const mustHave = ["PG_VERSION", "global/pg_control", "base", "pg_wal", "pg_xact"];

/** "new" when nothing is there. HealError "store-corrupt" or "store-not-writable" otherwise than for a database. */
export async function checkFolder(dataDir: string): Promise<"new" | "present"> {
  const names = await namesIn(dataDir);
  if (names === undefined || names.length === 0) return "new";
  await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK).catch((error: unknown) => {
    throw notWritable(dataDir, error);
  });
  const missing = await missingFrom(dataDir);
  if (missing.length === mustHave.length) throw notOurs(dataDir, names);
  if (missing.length > 0) throw damaged(dataDir, `${missing.join(", ")} is missing`);
  const segments = (await readdir(join(dataDir, "pg_wal"))).filter((name) => /^[0-9A-F]{24}$/.test(name));
  if (segments.length === 0) throw damaged(dataDir, "its write-ahead log (pg_wal) is empty");
  const version = (await readFile(join(dataDir, "PG_VERSION"), "utf8")).trim();
  if (version !== PGLITE_MAJOR) {
    throw damaged(dataDir, `PG_VERSION says ${JSON.stringify(version.slice(0, 20))}, not ${PGLITE_MAJOR}`);
  }
  return "present";
}

async function namesIn(dataDir: string): Promise<string[] | undefined> {
  try {
    return await readdir(dataDir);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw notWritable(dataDir, error);
  }
}

async function missingFrom(dataDir: string): Promise<string[]> {
  const found = await Promise.all(
    mustHave.map((name) =>
      stat(join(dataDir, name)).then(
        (file) => file.isDirectory() || file.size > 0,
        () => false,
      ),
    ),
  );
  return mustHave.filter((_, index) => found[index] === false);
}

function damaged(dataDir: string, what: string): HealError {
  return new HealError(`The embedded store in ${dataDir} is damaged: ${what}.`, {
    code: "store-corrupt",
    hint: `Nothing was changed. Restore the folder from a backup, or move it away (mv ${dataDir} ${dataDir}.damaged) to begin with an empty store.`,
  });
}

function notOurs(dataDir: string, names: readonly string[]): HealError {
  return new HealError(
    `${dataDir} holds other files (${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}) and no store.`,
    { code: "store-corrupt", hint: "Give dataDir a folder of its own. Nothing was changed." },
  );
}

export function notWritable(dataDir: string, cause: unknown): HealError {
  return new HealError(`The embedded store cannot be kept in ${dataDir}: ${messageOf(cause)}.`, {
    code: "store-not-writable",
    hint: "dataDir must be a folder that this user may write, on a disk with some 100 MB free.",
    cause,
  });
}
