// Health checks by a command of the configuration: exit code 0 is well. No shell, a clean environment, and when
// the time is over the whole process group is killed, so that nothing of a hanging check is left behind.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { HealError, messageOf } from "../domain/errors.ts";
import type { Probe } from "../domain/service.ts";
import { askOnce, type ProbeAnswer, WrongAnswer } from "./probe-answer.ts";

type ExecProbe = Extract<Probe, { kind: "exec" }>;

export interface ExecSurroundings {
  cwd?: string | undefined;
  /** All that the command gets; nothing of opsmedic's own environment (tokens, database addresses). */
  env: Readonly<Record<string, string>>;
}

/** Fits into what an answer keeps of an error. */
const OUTPUT_LIMIT = 400;
/** How long a command's children may hold its output open after it has ended. */
const STRAY_MS = 100;

/**
 * The end of what the command printed is in `error` when it failed. Throws only HealError "probe-not-started": a
 * command that cannot be run says nothing about the service, and nobody may be restarted for it.
 */
export async function probeExec(
  probe: ExecProbe,
  surroundings: ExecSurroundings,
  signal?: AbortSignal,
): Promise<ProbeAnswer> {
  const limits = { timeoutMs: probe.timeoutMs, maxMs: probe.expect.maxMs };
  let notStarted: HealError | undefined;
  const answer = await askOnce(limits, signal, (stop) =>
    run(probe.command, surroundings, stop).catch((error: unknown) => {
      if (!(error instanceof WrongAnswer)) notStarted = cannotRun(probe.command, error);
      throw error;
    }),
  );
  if (notStarted) throw notStarted;
  return answer;
}

function cannotRun([program = ""]: readonly string[], cause: unknown): HealError {
  return new HealError(`The check ${JSON.stringify(program)} could not be run: ${messageOf(cause)}.`, {
    code: "probe-not-started",
    hint: "Correct the command under health (exec) in opsmedic.yaml, or install it where opsmedic runs.",
    cause,
  });
}

async function run(command: readonly string[], { cwd, env }: ExecSurroundings, stop: AbortSignal) {
  const [program, ...args] = command;
  if (program === undefined) throw new Error("the command is empty");
  // detached: a process group of its own, which can be killed as a whole.
  const child = spawn(program, args, { cwd, env, detached: true, stdio: ["ignore", "pipe", "pipe"] });
  const output = keepEnd(child);
  const kill = () => killGroup(child);
  stop.addEventListener("abort", kill, { once: true });
  try {
    // once() rejects when the program cannot be started.
    const [code, killedBy] = (await once(child, "exit")) as [number | null, string | null];
    await closed(child);
    if (code !== 0) throw new WrongAnswer("exit", `${ending(code, killedBy)}${output()}`);
  } finally {
    stop.removeEventListener("abort", kill);
  }
}

function ending(code: number | null, killedBy: string | null): string {
  return code === null ? `was killed by ${killedBy}` : `exited with ${code}`;
}

/** The last words of both outputs, as the part of a sentence. */
function keepEnd(child: ChildProcess): () => string {
  let text = "";
  const add = (chunk: string) => {
    text = (text + chunk).slice(-OUTPUT_LIMIT);
  };
  for (const stream of [child.stdout, child.stderr]) stream?.setEncoding("utf8").on("data", add);
  return () => (text.trim() === "" ? "" : `: ${text.trim()}`);
}

/** Whoever still holds the output open after the command has ended is a stray child of it. */
async function closed(child: ChildProcess): Promise<void> {
  const open = [child.stdout, child.stderr].filter((one) => one !== null).filter((one) => !one.closed);
  if (open.length === 0) return;
  const timer = setTimeout(() => {
    killGroup(child);
    for (const stream of open) stream.destroy();
  }, STRAY_MS);
  await Promise.all(open.map((stream) => once(stream, "close")));
  clearTimeout(timer);
}

function killGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, "SIGKILL");
  } catch {
    // ESRCH: the group is gone already, which is what was wanted.
  }
}
