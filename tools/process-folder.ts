// One folder a process: what a supervisor must know of it after its own restart. Every file is written whole.
// Each start is a run with a number of its own: command-N, written before it; claim-N (a folder), process-N and exit-N,
// written by the shim.
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openProcessCommands } from "./process-commands.ts";

export interface ProcessRecord {
  pid: number;
  /** With the pid it names a process for good; a reused pid has another. */
  startTicks: string;
  /** The shim's, whose process group the service is in. */
  groupPid: number;
  startedAt: number;
  /** Number of this run: how often the service was started. */
  starts: number;
  /** The kernel's count of OOM kills on this machine when it was started. */
  oomKills: number;
}

export interface ProcessExit {
  code: number;
  at: number;
  oomKills: number;
  /** SIGTERM or SIGINT to the whole group. */
  told: string;
}

export type ProcessFolder = ReturnType<typeof openProcessFolder>;

/** Replicas are processes of their own: NAME, NAME.2, NAME.3 … They are told apart by OPSMEDIC_REPLICA. */
export const replicaName = (name: string, replica: number): string =>
  replica === 1 ? name : `${name}.${replica}`;

const KEPT_RUNS = 3;
/** No process has it. */
const ANOTHER_BOOT = "another-boot";

function thisBoot(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return "";
  }
}

export function openProcessFolder(path: string) {
  mkdirSync(path, { recursive: true, mode: 0o700 });
  const file = (name: string): string => join(path, name);

  const names = (): string[] => {
    try {
      return readdirSync(path);
    } catch {
      return []; // somebody has removed the folder
    }
  };
  const writeWhole = (name: string, text: string): void => {
    writeFileSync(file(`${name}.new`), text, { mode: 0o600 });
    renameSync(file(`${name}.new`), file(name));
  };
  const lastClaim = (): number =>
    names().reduce((last, name) => Math.max(last, Number(/^claim-(\d+)$/.exec(name)?.[1] ?? 0)), 0);

  function recordOf(run: number): ProcessRecord | undefined {
    const found = readWithTime(file(`process-${run}`));
    const [pid, startTicks, groupPid, oomKills, boot = thisBoot()] = found?.text.trim().split(" ") ?? [];
    if (!found || !startTicks || !(Number(pid) > 1) || !(Number(groupPid) > 1)) return undefined;
    return {
      pid: Number(pid),
      // Ticks begin anew with each boot: then another process may have the number and the time of this one.
      startTicks: boot === thisBoot() ? startTicks : ANOTHER_BOOT,
      groupPid: Number(groupPid),
      startedAt: found.at,
      starts: run,
      oomKills: Number(oomKills ?? 0),
    };
  }

  function exitOf(run: number): ProcessExit | undefined {
    const found = readWithTime(file(`exit-${run}`));
    const [code, oomKills, told = "none"] = found?.text.trim().split(" ") ?? [];
    if (!found || code === undefined || Number.isNaN(Number(code))) return undefined;
    return { code: Number(code), at: found.at, oomKills: Number(oomKills ?? 0), told };
  }

  /** Of the last run that came to a process: a claim without one is a start that failed, or is just going on. */
  function record(): ProcessRecord | undefined {
    for (let run = lastClaim(); run > 0; run -= 1) {
      const found = recordOf(run);
      if (found) return found;
      if (readWithTime(file(`claim-${run}`), "folder") === undefined) return undefined; // older ones are pruned
    }
    return undefined;
  }

  function exit(): ProcessExit | undefined {
    const last = record();
    return last && exitOf(last.starts);
  }

  return {
    path,
    log: file("output.log"),
    /** Held while the log is rotated. */
    logLock: file("output.lock"),
    lock: file("start.lock"),
    commands: openProcessCommands(path),
    lastClaim,
    recordOf,
    record,
    exit,
    exitStatus: (): number | undefined => exit()?.code,
    /** Forgets runs that nobody asks about any more. */
    prune(): void {
      const oldest = lastClaim() - KEPT_RUNS;
      for (const name of names()) {
        const run = /^(?:claim|process|exit|command)-(\d+)(?:\.new)?$/.exec(name)?.[1];
        if (run !== undefined && Number(run) <= oldest) {
          rmSync(file(name), { recursive: true, force: true });
        }
      }
    },
    /** The instance whose end we asked for: its end is no fault. */
    asked: (): string | undefined => readWithTime(file("asked"))?.text,
    setAsked: (instance: string): void => writeWhole("asked", instance),
    /** "stopped": an operator wants it down. "stopping": we are in the middle of a restart. */
    wish: (): string => readWithTime(file("wish"))?.text ?? "running",
    setWish: (wish: "running" | "stopped" | "stopping"): void => writeWhole("wish", wish),
  };
}

function readWithTime(
  path: string,
  kind: "file" | "folder" = "file",
): { text: string; at: number } | undefined {
  try {
    const at = Math.round(statSync(path).mtimeMs);
    return { text: kind === "file" ? readFileSync(path, "utf8") : "", at };
  } catch {
    return undefined;
  }
}
