// Makes the folder of a fresh embedded database, by another process: it takes a second or more, during which this one
// would stand still, and a whole PostgreSQL in memory (130 MB), which only the end of a process gives back.
import { execFile } from "node:child_process";
import { mkdir, readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, extname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { HealError } from "../domain/errors.ts";

/** The sources run as .ts, a build as .js. */
const PROGRAM = fileURLToPath(new URL(`./pglite-draft-program${extname(import.meta.url)}`, import.meta.url));
const LIMIT_MS = 5 * 60_000;
/** A PostgreSQL that breaks prints 90 kB of minified source. */
const COMPLAINT_LENGTH = 500;

/**
 * Made aside and moved into place when whole: being killed half-way leaves no half database behind. The caller holds
 * the folder's lock. `make` fills the empty folder that it is given.
 */
export async function makeAside(
  dataDir: string,
  make: (draft: string) => Promise<void> = makeByProgram,
): Promise<void> {
  await removeDrafts(dataDir);
  // A name of its own: the program of a killed opsmedic may still write to the last draft.
  const draft = `${dataDir}.new-${process.pid}`;
  await mkdir(draft, { mode: 0o700 });
  await make(draft);
  await rename(draft, dataDir);
}

async function removeDrafts(dataDir: string): Promise<void> {
  const folder = dirname(dataDir);
  const left = (await readdir(folder)).filter((name) => name.startsWith(`${basename(dataDir)}.new`));
  await Promise.all(
    left.map((name) => rm(join(folder, name), { recursive: true, force: true, maxRetries: 3 })),
  );
}

async function makeByProgram(draft: string): Promise<void> {
  try {
    await promisify(execFile)(process.execPath, [PROGRAM, draft], { env: {}, timeout: LIMIT_MS });
  } catch (error) {
    const { stderr = "", signal } = error as { stderr?: string; signal?: string | null };
    const why = signal ? `its process was ended (${signal})` : stderr.slice(-COMPLAINT_LENGTH).trim();
    throw new HealError(`A fresh embedded store could not be made in ${dirname(draft)}: ${why}`, {
      code: "store-not-writable",
      hint: "Check the free space and the rights of the folder, and that memory is not short.",
      cause: error,
    });
  }
}
