// Runs git on opsmedic's own store. Nothing from outside reaches its command line or environment: no hooks, no user
// or system configuration, no GIT_* variables of whoever started opsmedic.
import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { HealError } from "../domain/errors.ts";

const longestRunMs = 60_000;
/** Where git is looked for unless the wiring names other folders. */
export const usualSearchPath = "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin:/opt/local/bin";

export interface Git {
  /** A running git on the store in `folder`; killed after a minute. */
  start(folder: string, args: readonly string[]): ChildProcessWithoutNullStreams;
  /** Runs git to its end. HealError "git-missing"; a failure of git itself is a value. */
  run(folder: string, args: readonly string[], input?: Buffer): Promise<GitEnd>;
}

export interface GitEnd {
  code: number | null;
  output: string;
  complaints: string;
}

export function makeGit(searchPath: string = usualSearchPath): Git {
  const start = (folder: string, args: readonly string[]) =>
    spawn("git", [`--git-dir=${folder}`, ...settings, ...args], {
      env: { ...environment, PATH: searchPath },
      stdio: "pipe",
      timeout: longestRunMs,
      killSignal: "SIGKILL",
    });
  return { start, run: (folder, args, input) => runToEnd(start(folder, args), input) };
}

// core.fsync: a backup that a power cut can lose is none. Larger limits keep one backup one pack.
const settings = ["-c", "core.fsync=all", "-c", "fastimport.unpackLimit=1", "-c", "core.hooksPath=/dev/null"];
const environment = {
  HOME: "/nonexistent",
  LC_ALL: "C",
  GIT_CONFIG_NOSYSTEM: "1",
  GIT_CONFIG_GLOBAL: "/dev/null",
  GIT_TERMINAL_PROMPT: "0",
  GIT_DEFAULT_REF_FORMAT: "files",
};

function runToEnd(child: ChildProcessWithoutNullStreams, input: Buffer | undefined): Promise<GitEnd> {
  const output: Buffer[] = [];
  const complaints: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => output.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => complaints.push(chunk));
  // A git that ends early closes its input; its exit code tells why.
  child.stdin.on("error", () => undefined);
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.on("error", (error) => reject(gitTrouble(error)));
    child.on("close", (code) =>
      resolve({
        code,
        output: Buffer.concat(output).toString("utf8"),
        complaints: Buffer.concat(complaints).toString("utf8").trim(),
      }),
    );
  });
}

export function gitTrouble(error: NodeJS.ErrnoException): HealError {
  if (error.code !== "ENOENT") {
    return new HealError(`git could not be started: ${error.message}`, {
      code: "git-failed",
      retryable: true,
      cause: error,
    });
  }
  return new HealError("git is not installed where opsmedic runs; without it there are no backups", {
    code: "git-missing",
    hint: "install git (apt-get install git), or add its folder to PATH",
    cause: error,
  });
}

export function gitFailed(what: string, end: GitEnd): HealError {
  return new HealError(`git could not ${what}: ${end.complaints.slice(0, 500) || `exit code ${end.code}`}`, {
    code: "git-failed",
    retryable: true,
  });
}
