// Two opsmedic processes must never start two copies of a service: whoever creates the lock file starts, the
// other waits and then finds it running. A dead holder's lock is taken over.
import { linkSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import { isAlive, processFacts } from "./process-table.ts";

const WAIT_MS = 30_000;
const LOOK_EVERY_MS = 50;

export async function withStartLock<T>(
  path: string,
  clock: Clock,
  signal: AbortSignal | undefined,
  work: () => Promise<T>,
): Promise<T> {
  const deadline = clock.now() + WAIT_MS;
  while (!take(path)) {
    if (clock.now() > deadline) {
      throw new HealError(`Another process has held ${path} for ${WAIT_MS / 1000} s.`, {
        code: "start-locked",
        retryable: true,
        hint: "Another opsmedic starts this service; see which with `opsmedic status`.",
      });
    }
    await clock.sleep(LOOK_EVERY_MS, signal);
  }
  try {
    return await work();
  } finally {
    rmSync(path, { force: true });
  }
}

/** Takes a free lock and returns what gives it back; undefined: somebody holds it. Never waits. */
export function takeLock(path: string): (() => void) | undefined {
  return take(path) ? () => rmSync(path, { force: true }) : undefined;
}

/** The file appears with its content at once (link is atomic), so a lock without an owner is never seen. */
function take(path: string): boolean {
  const own = `${path}.${process.pid}.${process.hrtime.bigint()}`;
  writeFileSync(
    own,
    JSON.stringify({ pid: process.pid, startTicks: processFacts(process.pid)?.startTicks ?? "" }),
    { mode: 0o600 },
  );
  try {
    linkSync(own, path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
    if (holderIsDead(path)) moveAside(path, `${own}.stale`);
    return false;
  } finally {
    rmSync(own, { force: true });
  }
}

/** By rename, which only one of two can do; what turns out to be a living holder's lock is put back. */
function moveAside(path: string, aside: string): void {
  try {
    renameSync(path, aside);
    if (!holderIsDead(aside)) linkSync(aside, path);
    rmSync(aside, { force: true });
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes((error as NodeJS.ErrnoException).code ?? "")) throw error;
  }
}

function holderIsDead(path: string): boolean {
  try {
    const holder = JSON.parse(readFileSync(path, "utf8")) as { pid: number; startTicks: string };
    return !isAlive(holder);
  } catch {
    return false; // it was released just now: the next try finds out
  }
}
