// Starts and stops the plain processes of the configuration. They run detached: opsmedic's own end, even by
// kill -9, does not touch them, and the next opsmedic finds them again by pid and start time.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Runtime } from "../domain/service.ts";
import { openProcessFolder, type ProcessFolder, type ProcessRecord } from "./process-folder.ts";
import { SHIM } from "./process-shim.ts";
import { isAlive, processFacts } from "./process-table.ts";
import { withStartLock } from "./start-lock.ts";

export type ProcessRuntime = Extract<Runtime, { kind: "process" }>;

export interface ProcessSupervisorParts {
  /** Holds one folder a service. */
  folder: string;
  clock: Clock;
  /** What every process gets beside its own settings; never the server's secrets. */
  baseEnv: Readonly<Record<string, string>>;
  /** Between SIGTERM and SIGKILL, ms. */
  graceMs?: number;
}

const SOON_MS = 20;
const START_LIMIT_MS = 5_000;

export type ProcessSupervisor = ReturnType<typeof makeProcessSupervisor>;

export function makeProcessSupervisor({ folder, clock, baseEnv, graceMs = 5_000 }: ProcessSupervisorParts) {
  const folders = new Map<string, ProcessFolder>();
  const folderOf = (name: string): ProcessFolder => {
    const known = folders.get(name) ?? openProcessFolder(join(folder, name));
    folders.set(name, known);
    return known;
  };

  /** The running process of that name, by pid and start time. */
  function running(name: string): ProcessRecord | undefined {
    const record = folderOf(name).record();
    return record && isAlive(record) ? record : undefined;
  }

  async function start(name: string, runtime: ProcessRuntime, signal?: AbortSignal): Promise<void> {
    await withStartLock(folderOf(name).lock, clock, signal, async () => {
      if (running(name)) return;
      await startUnlocked(name, runtime, signal);
    });
  }

  async function startUnlocked(name: string, runtime: ProcessRuntime, signal?: AbortSignal): Promise<void> {
    const place = folderOf(name);
    const starts = (place.record()?.starts ?? 0) + 1;
    place.forgetExit();
    place.setWish("running");
    const shim = spawnShim(place, runtime, { ...baseEnv, ...runtime.env });
    const pid = await firstPid(name, place, shim, signal);
    const facts = processFacts(pid);
    // One that has ended already left its exit status; its record still tells the next start's number.
    place.keepRecord({
      pid,
      startTicks: facts?.startTicks ?? "0",
      groupPid: shim.pid ?? pid,
      startedAt: clock.now(),
      starts,
    });
  }

  async function firstPid(
    name: string,
    place: ProcessFolder,
    shim: ChildProcess,
    signal?: AbortSignal,
  ): Promise<number> {
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined); // only looked at through the race below
    shim.once("error", (error) => failed.reject(cannotStart(name, error)));
    const deadline = clock.now() + START_LIMIT_MS;
    for (;;) {
      const pid = place.pid();
      if (pid !== undefined) return pid;
      if (clock.now() > deadline) throw cannotStart(name, "the shell did not report the process");
      await Promise.race([clock.sleep(SOON_MS, signal), failed.promise]);
    }
  }

  /** SIGTERM to the whole group, SIGKILL to what is left of it after the grace period. */
  async function end(name: string, wish: "stopped" | "stopping"): Promise<void> {
    const place = folderOf(name);
    place.setWish(wish);
    const record = running(name);
    if (!record) return;
    place.setAsked(`${record.pid}:${record.startTicks}`);
    signalGroup(record, "SIGTERM");
    const deadline = clock.now() + graceMs;
    while (isAlive(record) && clock.now() < deadline) await clock.sleep(SOON_MS);
    if (isAlive(record)) signalGroup(record, "SIGKILL", { sparing: "shim" });
    while (isAlive(record)) await clock.sleep(SOON_MS);
  }

  return {
    folderOf,
    running,
    start,
    /** Also finishes a restart that was cut off between stop and start. */
    async restart(name: string, runtime: ProcessRuntime, signal?: AbortSignal): Promise<void> {
      signal?.throwIfAborted();
      await withStartLock(folderOf(name).lock, clock, signal, async () => {
        await end(name, "stopping");
        await startUnlocked(name, runtime, signal);
      });
    },
    /** An operator's stop: opsmedic leaves the service alone until somebody starts it. */
    stop: (name: string): Promise<void> => end(name, "stopped"),
    /** To the main process only, not to its group. */
    signal(name: string, which: NodeJS.Signals): void {
      const record = running(name);
      if (!record)
        throw new HealError(`${name} does not run, so it cannot be sent ${which}.`, { code: "not-running" });
      process.kill(record.pid, which);
    },
    pidOf: (name: string): number | undefined => running(name)?.pid,
    logSize: (name: string): number => statSync(folderOf(name).log, { throwIfNoEntry: false })?.size ?? 0,
  };
}

function spawnShim(place: ProcessFolder, runtime: ProcessRuntime, env: Record<string, string>): ChildProcess {
  const log = openSync(place.log, "a", 0o600);
  try {
    const shim = spawn("/bin/sh", ["-c", SHIM, "opsmedic", place.path, ...runtime.command], {
      cwd: runtime.cwd,
      env,
      detached: true,
      stdio: ["ignore", log, log],
    });
    shim.unref();
    return shim;
  } finally {
    closeSync(log);
  }
}

/** The group is the shim's; killing the shim would lose the exit status, so SIGKILL goes to the service alone. */
function signalGroup(
  record: ProcessRecord,
  which: NodeJS.Signals,
  { sparing }: { sparing?: "shim" } = {},
): void {
  try {
    process.kill(sparing === "shim" ? record.pid : -record.groupPid, which);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ESRCH") throw error;
  }
}

function cannotStart(name: string, cause: unknown): HealError {
  return new HealError(
    `${name} could not be started: ${cause instanceof Error ? cause.message : String(cause)}.`,
    {
      code: "cannot-start",
      hint: "Check runtime.process.command and cwd in the configuration.",
      cause,
    },
  );
}
