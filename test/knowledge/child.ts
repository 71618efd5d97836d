// Starts lock-holder.ts as a process of its own and listens to what it says.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./lock-holder.ts", import.meta.url));

export interface Child extends AsyncDisposable {
  pid: number;
  /** Every line said so far. */
  lines: string[];
  /** The first line. */
  first: Promise<string>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
}

export function startChild(task: "lock" | "hold" | "write", path: string): Child {
  const child = spawn(process.execPath, [program, task, path], { stdio: ["ignore", "pipe", "inherit"] });
  const lines: string[] = [];
  const said = createInterface({ input: child.stdout });
  said.on("line", (line) => lines.push(line));
  const kill = (): Promise<void> => killed(child);
  return {
    pid: child.pid ?? 0,
    lines,
    first: once(said, "line").then(([line]) => String(line)),
    kill,
    [Symbol.asyncDispose]: kill,
  };
}

async function killed(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  // "close": what it had said before is read to the end.
  const gone = once(child, "close");
  child.kill("SIGKILL");
  await gone;
}
