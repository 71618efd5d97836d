// Runs the command line with known surroundings, and keeps what it printed.
import { type Cli, makeCli } from "../../api/cli.ts";
import type { CliDependencies } from "../../api/cli/context.ts";
import { plain } from "../../api/cli/terminal.ts";
import type { Operations } from "../../api/operations.ts";
import { start } from "./story.ts";

export interface Printed {
  code: Awaited<ReturnType<Cli["run"]>>;
  out: string;
  err: string;
}

/** A clock that stands still; sleeping takes no time, but yields. */
export const stoppedClock = {
  now: () => start,
  sleep: (_ms: number, signal?: AbortSignal) =>
    new Promise<void>((resolve, reject) => {
      setImmediate(() => (signal?.aborted ? reject(signal.reason as Error) : resolve()));
    }),
};

export function surroundings(operations: Operations, change: Partial<CliDependencies> = {}) {
  const printed = { out: "", err: "", closed: 0 };
  const dependencies: CliDependencies = {
    terminal: {
      out: (text) => void (printed.out += text),
      err: (text) => void (printed.err += text),
      paint: plain,
      interactive: false,
      ask: () => Promise.reject(new Error("nobody is here")),
    },
    clock: stoppedClock,
    version: () => "1.2.3",
    cwd: "/nowhere",
    user: () => "ada",
    connect: async () => ({
      operations,
      via: "server",
      close: async () => void (printed.closed += 1),
    }),
    serve: () => Promise.reject(new Error("not planned")),
    demo: () => Promise.reject(new Error("not planned")),
    doctor: () => Promise.reject(new Error("not planned")),
    bench: () => Promise.reject(new Error("not planned")),
    lab: {
      list: () => Promise.reject(new Error("not planned")),
      run: () => Promise.reject(new Error("not planned")),
    },
    findServices: () => Promise.reject(new Error("not planned")),
    ...change,
  };
  return { dependencies, printed };
}

export async function runCli(
  words: string[],
  operations: Operations,
  change: Partial<CliDependencies> = {},
): Promise<Printed & { closed: number }> {
  const { dependencies, printed } = surroundings(operations, change);
  const code = await makeCli(dependencies).run(words);
  return { code, ...printed };
}
