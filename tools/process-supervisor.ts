// Starts and stops the plain processes of the configuration. They run detached: opsmedic's own end, even by
// kill -9, does not touch them, and the next opsmedic finds them again by pid and start time.
import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";
import type { Runtime } from "../domain/service.ts";
import { openProcessFolder, type ProcessFolder, type ProcessRecord } from "./process-folder.ts";
import { signalGroup, signalStrays } from "./process-group.ts";
import { RUN_MARK, SHIM } from "./process-shim.ts";
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
/** A process killed with -9 is gone within milliseconds, unless it hangs in the kernel. */
const KILL_LIMIT_MS = 10_000;
const SETTLE_LIMIT_MS = 1_000;

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

  const locked = (name: string, signal: AbortSignal | undefined, work: () => Promise<void>): Promise<void> =>
    withStartLock(folderOf(name).lock, clock, signal, work);

  async function startUnlocked(name: string, runtime: ProcessRuntime, signal?: AbortSignal): Promise<void> {
    const place = folderOf(name);
    place.setWish("running");
    if (await cutOffStart(place, signal)) return;
    const before = place.record();
    if (before) signalStrays(before, markOf(place, before.starts));
    place.prune();
    const run = place.lastClaim() + 1;
    unlessItCannotBeWritten(() => place.commands.note(run, runtime, clock.now()));
    await begin(name, runtime, run, signal).catch((error: unknown) => {
      if (error instanceof HealError)
        unlessItCannotBeWritten(() => place.commands.setFailed(run, error.message));
      throw error;
    });
  }

  async function begin(
    name: string,
    runtime: ProcessRuntime,
    run: number,
    signal?: AbortSignal,
  ): Promise<void> {
    const place = folderOf(name);
    const mark = markOf(place, run);
    const shim = spawnShim(place, run, runtime, { ...baseEnv, ...runtime.env, [RUN_MARK]: mark });
    const failed = Promise.withResolvers<never>();
    failed.promise.catch(() => undefined); // only looked at through the race
    shim.once("error", (error) => failed.reject(cannotStart(name, withoutFolder(runtime) ?? error)));
    const begun = await Promise.race([recordOf(place, run, signal), failed.promise]);
    if (!begun) throw cannotStart(name, "the shell did not report the process");
  }

  /** An opsmedic that was killed while starting has left a claim: its shim may report in a moment. */
  async function cutOffStart(place: ProcessFolder, signal?: AbortSignal): Promise<boolean> {
    const run = place.lastClaim();
    if (run === 0 || place.recordOf(run)) return false;
    const record = await recordOf(place, run, signal);
    return record !== undefined && isAlive(record);
  }

  async function recordOf(place: ProcessFolder, run: number, signal?: AbortSignal) {
    const deadline = clock.now() + START_LIMIT_MS;
    for (;;) {
      const record = place.recordOf(run);
      if (record || clock.now() > deadline) return record;
      await clock.sleep(SOON_MS, signal);
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
    await gone(record, graceMs);
    // Also what the main process has left behind: the next start needs its ports.
    signalGroup(record, "SIGKILL", { sparing: "shim" });
    if (await gone(record, KILL_LIMIT_MS)) return settled(name);
    throw new HealError(`${name} (process ${record.pid}) does not end, not even by SIGKILL.`, {
      code: "cannot-stop",
      retryable: true,
      hint: "It hangs in the kernel (state D in ps), often on a disk or network mount that does not answer.",
    });
  }

  /** The shim writes the exit status a moment after the end: waits for it, unless the shim is gone too. */
  async function settled(name: string): Promise<void> {
    const place = folderOf(name);
    const deadline = clock.now() + SETTLE_LIMIT_MS;
    for (let record = place.record(); record && !isAlive(record); record = place.record()) {
      const shim = processFacts(record.groupPid);
      if (place.exit() || !shim?.alive || shim.group !== record.groupPid || clock.now() > deadline) return;
      await clock.sleep(SOON_MS);
    }
  }

  async function gone(record: ProcessRecord, limitMs: number): Promise<boolean> {
    const deadline = clock.now() + limitMs;
    while (isAlive(record) && clock.now() < deadline) await clock.sleep(SOON_MS);
    return !isAlive(record);
  }

  return {
    folderOf,
    running,
    /** Names of what its environment holds when it is started. */
    variablesOf: ({ env }: Pick<ProcessRuntime, "env">): string[] =>
      [...new Set([...Object.keys(baseEnv), ...Object.keys(env)])].sort(),
    settled,
    start: (name: string, runtime: ProcessRuntime, signal?: AbortSignal): Promise<void> =>
      locked(name, signal, async () => {
        if (!running(name)) await startUnlocked(name, runtime, signal);
      }),
    /** Also finishes a restart that was cut off between stop and start. */
    async restart(name: string, runtime: ProcessRuntime, signal?: AbortSignal): Promise<void> {
      signal?.throwIfAborted();
      await locked(name, signal, async () => {
        await end(name, "stopping");
        await startUnlocked(name, runtime, signal);
      });
    },
    /** Ends it as it would end by itself: nobody has wished that it stays down. */
    halt: (name: string, signal?: AbortSignal): Promise<void> =>
      locked(name, signal, () => end(name, "stopping")),
    /** An operator's stop: opsmedic leaves the service alone until somebody starts it. */
    stop: (name: string, signal?: AbortSignal): Promise<void> =>
      locked(name, signal, () => end(name, "stopped")),
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

/** What is only noted, on a disk that may be full, keeps nothing from being started. */
function unlessItCannotBeWritten(note: () => void): void {
  try {
    note();
  } catch {
    // with which command it was started is not known then
  }
}

const markOf = (place: ProcessFolder, run: number): string => `${place.path}#${run}`;

function spawnShim(
  place: ProcessFolder,
  run: number,
  runtime: ProcessRuntime,
  env: Record<string, string>,
): ChildProcess {
  const log = openSync(place.log, "a", 0o600);
  try {
    const shim = spawn("/bin/sh", ["-c", SHIM, "opsmedic", place.path, String(run), ...runtime.command], {
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

/** What Node then says is that there is no /bin/sh. */
function withoutFolder({ cwd }: ProcessRuntime): string | undefined {
  return statSync(cwd, { throwIfNoEntry: false })?.isDirectory() === true
    ? undefined
    : `there is no folder ${cwd}`;
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
