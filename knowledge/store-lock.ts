// One process at a time on the embedded folder: two of them corrupt PGlite silently, and it has no lock of its own.
// The lock is a file that names its holder. It appears whole (link of a finished file), so nobody reads half of it;
// a dead holder's lock is taken over under a second lock named after the dead one's token, so that of two takers
// one wins. Where the holder cannot be asked about (another container), the file's age decides: a holder refreshes it.
import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { link, mkdir, open, readFile, rename, rm, stat, utimes } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { HealError } from "../domain/errors.ts";
import { livenessOf, ownIdentity, processIdentitySchema } from "./process-identity.ts";

/** A holder refreshes this often; after `STALE_MS` without it, one that cannot be asked about counts as dead. */
const REFRESH_MS = 5_000;
const STALE_MS = 30_000;

const holderSchema = processIdentitySchema.extend({ token: z.string().regex(/^[0-9a-f]{12}$/) });
type Holder = z.infer<typeof holderSchema>;

export interface StoreLock {
  path: string;
  /** Frees the lock; again: does nothing. */
  release(): Promise<void>;
}

/**
 * Takes the lock file at `path`, or throws HealError "store-locked" naming the holder.
 * A file that names nobody (cut off by a power failure) counts as left behind.
 */
export async function lockStore(path: string): Promise<StoreLock> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const holder: Holder = { ...ownIdentity(), token: randomBytes(6).toString("hex") };
  await take(path, holder);
  const refresh = setInterval(
    () => void utimes(path, new Date(), new Date()).catch(() => undefined),
    REFRESH_MS,
  );
  refresh.unref();
  let released = false;
  return {
    path,
    async release() {
      if (released) return;
      released = true;
      clearInterval(refresh);
      if ((await readHolder(path))?.token === holder.token) await rm(path, { force: true });
    },
  };
}

async function take(path: string, holder: Holder): Promise<void> {
  for (;;) {
    if (await createWhole(path, holder)) return;
    const present = await readHolder(path);
    if (present === undefined && !existsSync(path)) continue;
    await refuseLive(path, present);
    if (await replaceDead(path, present, holder)) return;
  }
}

/** false when the file is there already. */
async function createWhole(path: string, holder: Holder): Promise<boolean> {
  const draft = await writeDraft(path, holder);
  try {
    await link(draft, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

async function writeDraft(path: string, holder: Holder): Promise<string> {
  const draft = `${path}.${holder.token}.draft`;
  const file = await open(draft, "w", 0o600);
  try {
    await file.writeFile(`${JSON.stringify(holder)}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  return draft;
}

async function readHolder(path: string): Promise<Holder | undefined> {
  try {
    return holderSchema.parse(JSON.parse(await readFile(path, "utf8")));
  } catch {
    return undefined;
  }
}

async function refuseLive(path: string, present: Holder | undefined): Promise<void> {
  if (present === undefined) return;
  const liveness = livenessOf(present);
  if (liveness === "dead") return;
  if (liveness === "alive") throw lockedBy(path, present.pid);
  const ageMs = Date.now() - ((await stat(path).catch(() => undefined))?.mtimeMs ?? 0);
  if (ageMs < STALE_MS) throw lockedElsewhere(path, present.pid, ageMs);
}

/** false when another taker was quicker: look again. */
async function replaceDead(path: string, dead: Holder | undefined, holder: Holder): Promise<boolean> {
  const guard = `${path}.${dead?.token ?? "unreadable"}.takeover`;
  await take(guard, holder);
  try {
    if ((await readHolder(path))?.token !== dead?.token || !existsSync(path)) return false;
    await rename(await writeDraft(path, holder), path);
    return true;
  } finally {
    await rm(guard, { force: true });
  }
}

function lockedBy(path: string, pid: number): HealError {
  const who = pid === process.pid ? "this same process" : `process ${pid}`;
  return new HealError(`The embedded store is in use by ${who} (lock file ${path}).`, {
    code: "store-locked",
    retryable: true,
    hint:
      "Where that is another command, or a server that is just starting, try again in a moment. " +
      "The command line talks to a running server: give it the server's address (--server) and token instead of the folder. " +
      "To have several processes on one store, use PostgreSQL (DATABASE_URL).",
  });
}

function lockedElsewhere(path: string, pid: number, ageMs: number): HealError {
  return new HealError(
    `The embedded store is in use by process ${pid} of another container or machine, last seen ${Math.round(ageMs / 1_000)} s ago (lock file ${path}).`,
    {
      code: "store-locked",
      retryable: true,
      hint: `If that one is gone, the lock is free ${STALE_MS / 1_000} s after it was last seen: try again then. The command line talks to the running server.`,
    },
  );
}
