// Checks of the machine: Node, git, the clock, free disk space.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { statfs } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import type { Check } from "./check.ts";

const OLDEST_NODE: readonly [number, number] = [22, 18];
const OLDEST_GIT: readonly [number, number] = [2, 30];
const MIB = 1_048_576;
const LEAST_FREE = 200 * MIB;
const LITTLE_FREE = 1_024 * MIB;
/** Leases and approvals compare times of several machines. */
const MOST_SKEW_MS = 5_000;

export function nodeCheck(version: string): Check {
  return {
    name: "node",
    run: async () =>
      isAtLeast(version, OLDEST_NODE)
        ? { status: "ok", text: version }
        : { status: "fail", text: version, advice: `opsmedic needs Node ${OLDEST_NODE.join(".")} or newer` },
  };
}

/** Backups are commits in opsmedic's own git store. */
export function gitCheck(command: string, variables: Readonly<Record<string, string | undefined>>): Check {
  return {
    name: "git",
    async run(signal) {
      try {
        const { stdout } = await promisify(execFile)(command, ["--version"], {
          signal,
          env: { ...variables },
        });
        const version = /\d+\.\d+[.\d]*/.exec(stdout)?.[0] ?? "";
        if (isAtLeast(version, OLDEST_GIT)) return { status: "ok", text: version };
        return {
          status: "warn",
          text: stdout.trim(),
          advice: `git ${OLDEST_GIT.join(".")} or newer is what is tested`,
        };
      } catch {
        return {
          status: "fail",
          text: "not found",
          advice: "Install git: without it there is no backup, and without a backup no fix.",
        };
      }
    },
  };
}

function isAtLeast(version: string, [major, minor]: readonly [number, number]): boolean {
  const [haveMajor = 0, haveMinor = 0] = version.replace(/^v/, "").split(".").map(Number);
  return haveMajor > major || (haveMajor === major && haveMinor >= minor);
}

/** Somebody else's idea of the time: a database, the Docker engine. */
export interface TimeReference {
  name: string;
  /** Unix ms; undefined when it cannot be asked. */
  now(signal: AbortSignal): Promise<number | undefined>;
}

export function clockCheck(now: () => number, references: readonly TimeReference[]): Check {
  return {
    name: "clock",
    async run(signal) {
      for (const reference of references) {
        const theirs = await reference.now(signal).catch(() => undefined);
        if (theirs === undefined) continue;
        const skew = now() - theirs;
        const text = `${Math.abs(skew) < 1_000 ? "agrees with" : `${Math.abs(skew / 1_000).toFixed(0)} s ${skew > 0 ? "ahead of" : "behind"}`} ${reference.name}`;
        if (Math.abs(skew) <= MOST_SKEW_MS) return { status: "ok", text };
        return { status: "fail", text, advice: "Let both keep time by NTP (timedatectl set-ntp true)." };
      }
      return {
        status: "ok",
        text: `${new Date(now()).toISOString().slice(0, 19)}Z, nothing to compare with`,
      };
    },
  };
}

export function diskCheck(folder: string, free: (existing: string) => Promise<number> = freeBytes): Check {
  return {
    name: "disk space",
    async run() {
      const bytes = await free(firstExisting(folder));
      const text = `${(bytes / (1_024 * MIB)).toFixed(1)} GiB free for ${folder}`;
      if (bytes >= LITTLE_FREE) return { status: "ok", text };
      return {
        status: bytes < LEAST_FREE ? "fail" : "warn",
        text,
        advice: "Free some space: backups and the store need it.",
      };
    },
  };
}

async function freeBytes(folder: string): Promise<number> {
  const { bavail, bsize } = await statfs(folder);
  return bavail * bsize;
}

export function firstExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : firstExisting(dirname(folder));
}
