// Starts opsmedic.ts, packed, as a process of its own; the next one comes up while the one before it is still alive, so
// that a killed one's work is gone on with at once.
import { type ChildProcessByStdio, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable, Writable } from "node:stream";
import { packProgram } from "../crash/packed-program.ts";
import type { Order, Reply } from "./orders.ts";

export interface OpsmedicProcesses {
  /** An order to the present process, and its answer. */
  ask(order: Order): Promise<Reply>;
  /** An order in which the present process is killed: by itself, or by `kill` meanwhile. The next one takes its place. */
  dieOf(order: Order): Promise<void>;
  /** SIGKILL, now. */
  kill(): void;
  stop(): Promise<void>;
}

/** Call it in the file's top level or in beforeAll, once. */
export async function openProcesses(storeUrl: string, dataDir: string): Promise<OpsmedicProcesses> {
  const { program, folder } = await packProgram(new URL("./opsmedic.ts", import.meta.url));
  const start = (): Started => {
    const child = spawn(process.execPath, [program, storeUrl, dataDir], {
      stdio: ["pipe", "pipe", "inherit"],
      env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") },
    });
    child.stdin.on("error", () => undefined); // it is gone, and told by its output's end
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    return { child, lines, gone: once(child, "close") };
  };
  let present = start();
  let next = start();

  async function told(order: Order): Promise<(Reply & { failed?: string }) | undefined> {
    present.child.stdin.write(`${JSON.stringify(order)}\n`);
    const { value, done } = await present.lines.next();
    return done === true ? undefined : (JSON.parse(value) as Reply);
  }
  return {
    async ask(order) {
      const reply = await told(order);
      if (reply === undefined) throw new Error(`it ended at ${order.do}`);
      if (reply.failed !== undefined) throw new Error(reply.failed);
      return reply;
    },
    async dieOf(order) {
      const reply = await told(order);
      if (reply !== undefined) throw new Error(`it was to be killed, but: ${JSON.stringify(reply)}`);
      await present.gone;
      present = next;
      next = start();
    },
    kill: () => void present.child.kill("SIGKILL"),
    async stop() {
      for (const { child, gone } of [present, next]) {
        child.kill("SIGKILL");
        await gone;
      }
    },
  };
}

interface Started {
  child: ChildProcessByStdio<Writable, Readable, null>;
  lines: AsyncIterator<string>;
  gone: Promise<unknown>;
}
