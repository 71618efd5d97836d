// Starts worker.ts, packed, as a process of its own and talks with it.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Evidence, Order, Reply } from "./orders.ts";
import { packProgram } from "./packed-program.ts";

const { program, folder } = await packProgram(new URL("./worker.ts", import.meta.url));

export type OpsmedicProcess = ReturnType<typeof startOpsmedic>;

export function startOpsmedic() {
  const child = spawn(process.execPath, [program], {
    stdio: ["pipe", "pipe", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: join(folder, "compiled") },
  });
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const gone = once(child, "close");
  const order = (one: Order): void => {
    child.stdin.write(`${JSON.stringify(one)}\n`);
  };
  const reply = async (): Promise<Reply | undefined> => {
    const { value, done } = await lines.next();
    return done === true ? undefined : (JSON.parse(value) as Reply);
  };
  return {
    order,
    reply,
    /** An order and its reply. */
    async ask(one: Order): Promise<{ evidence: Evidence; boundaries: string[] }> {
      order(one);
      const answer = await reply();
      if (answer?.did === "failed") throw new Error(answer.why);
      if (answer === undefined || !("evidence" in answer)) throw new Error(`it ended at ${one.do}`);
      return answer;
    },
    async forget(one: Extract<Order, { do: "forget" }>): Promise<void> {
      order(one);
      const answer = await reply();
      if (answer?.did !== "forget") throw new Error(JSON.stringify(answer));
    },
    /** Sends it an order in which it kills itself, and waits until it is gone. False: it never came to that boundary. */
    async diesOf(one: Order): Promise<boolean> {
      order(one);
      const answer = await reply();
      if (answer?.did === "failed") throw new Error(answer.why);
      if (answer === undefined) await gone;
      return answer === undefined;
    },
    /** Sends it an order in which it freezes itself. */
    async freezeIn(one: Order): Promise<void> {
      order(one);
      const answer = await reply();
      if (answer?.did !== "freeze") throw new Error(`it was to freeze, but: ${JSON.stringify(answer)}`);
    },
    /** Lets a frozen one go on, and hears how its order ended. */
    async goOn(): Promise<Reply | undefined> {
      child.kill("SIGCONT");
      return reply();
    },
    async [Symbol.asyncDispose](): Promise<void> {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await gone;
    },
  };
}
