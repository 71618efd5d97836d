// The command line: reads the words, gives a command what it needs, prints its answer, and says by the exit code
// how it went. Everything it reaches comes in as a parameter.
import { CommanderError, type Command as Program } from "commander";
import { HealError } from "../domain/errors.ts";
import { parseDuration } from "./config/units.ts";
import type { Answer, CliContext, CliDependencies, Connection, GlobalOptions } from "./cli/context.ts";
import { EXIT, type ExitCode, withExitZero } from "./cli/exit-codes.ts";
import { reportFailure } from "./cli/failure.ts";
import { makeProgram } from "./cli/program.ts";
import { harmless } from "./cli/render/harmless.ts";
import { plain } from "./cli/terminal.ts";
import type { CommandSpec } from "./cli/tree/spec.ts";

export interface Cli {
  /** Never rejects. `signal` is Ctrl-C or SIGTERM; its reason may be an exit code. */
  run(words: readonly string[], signal?: AbortSignal): Promise<ExitCode>;
}

/** `extend` adds commands of other parts to the program. */
export function makeCli(dependencies: CliDependencies, extend?: (program: Program) => void): Cli {
  return {
    async run(words, signal = new AbortController().signal) {
      let code: ExitCode = EXIT.ok;
      const program = makeProgram(
        dependencies,
        async (spec, args, command) => {
          code = await runCommand(dependencies, spec, args, command, signal);
        },
        extend,
      );
      try {
        await program.parseAsync(words.length === 0 ? ["--help"] : [...words], { from: "user" });
        return code;
      } catch (error) {
        if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.ok : EXIT.usage;
        return reportFailure(error, dependencies.terminal, {
          json: words.includes("--json"),
          verbose: false,
        });
      }
    },
  };
}

async function runCommand(
  dependencies: CliDependencies,
  spec: CommandSpec,
  args: readonly string[],
  program: Program,
  outside: AbortSignal,
): Promise<ExitCode> {
  const given: Record<string, unknown> = program.optsWithGlobals();
  const shown = { json: given["json"] === true, verbose: given["verbose"] === true };
  const open = new Set<Connection>();
  try {
    const options = globalOptions(given);
    const limit = new AbortController();
    const context = makeContext(dependencies, options, AbortSignal.any([outside, limit.signal]), open);
    const command = await spec.load();
    const result = await withinTime(
      () => command(context, args, given),
      context,
      limit,
      spec.endless === true,
    );
    if (typeof result === "number") return withExitZero(result, options.exitZero);
    print(result, context);
    return withExitZero(result.code ?? EXIT.ok, options.exitZero);
  } catch (error) {
    if (outside.aborted) return outside.reason === EXIT.terminated ? EXIT.terminated : EXIT.interrupted;
    return reportFailure(error, dependencies.terminal, shown);
  } finally {
    await closeAll(open, dependencies);
  }
}

/** What an interrupted command left open is closed, but not waited for longer than this. */
const CLOSE_MS = 2_000;

async function closeAll(
  open: ReadonlySet<Connection>,
  { clock }: Pick<CliDependencies, "clock">,
): Promise<void> {
  if (open.size === 0) return;
  const waited = new AbortController();
  const closing = Promise.allSettled([...open].map((one) => one.close()));
  await Promise.race([closing, clock.sleep(CLOSE_MS, waited.signal)]);
  waited.abort();
}

function globalOptions(given: Record<string, unknown>): GlobalOptions {
  const text = (name: string) => (typeof given[name] === "string" ? given[name] : undefined);
  const config = text("config");
  const server = text("server");
  const timeout = text("timeout");
  const timeoutMs = timeout === undefined ? undefined : parseDuration(timeout);
  if (timeout !== undefined && !timeoutMs) {
    throw new HealError(`--timeout ${timeout} is not a duration`, {
      code: "usage",
      hint: "Write for example --timeout 30s.",
    });
  }
  return {
    ...(config !== undefined && { config }),
    ...(server !== undefined && { server }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    json: given["json"] === true,
    quiet: given["quiet"] === true,
    verbose: given["verbose"] === true,
    color: given["color"] !== false,
    exitZero: given["exitZero"] === true,
  };
}

function makeContext(
  dependencies: CliDependencies,
  options: GlobalOptions,
  signal: AbortSignal,
  open: Set<Connection>,
): CliContext {
  const { connect, user } = dependencies;
  const terminal = options.color ? dependencies.terminal : { ...dependencies.terminal, paint: plain };
  const progress = (text: string) => {
    if (!options.quiet && !options.json) terminal.err(`${text}\n`);
  };
  return {
    ...dependencies,
    terminal,
    options,
    signal,
    actor: { name: user(), role: "admin", door: "cli" },
    progress,
    async withOperations(work) {
      const where = {
        ...(options.config !== undefined && { config: options.config }),
        ...(options.server !== undefined && { server: options.server }),
      };
      const connection = await connect({ ...where, signal });
      open.add(connection);
      if (options.verbose) progress(`via ${connection.via}`);
      try {
        return await work(connection.operations, connection.via);
      } finally {
        if (open.delete(connection)) await connection.close();
      }
    },
  };
}

/** Ends with the command, or when its time is over or somebody interrupts, whichever comes first. */
async function withinTime<T>(
  work: () => Promise<T>,
  { options, signal, clock }: CliContext,
  limit: AbortController,
  endless: boolean,
): Promise<T> {
  const { timeoutMs } = options;
  const done = new AbortController();
  if (timeoutMs !== undefined && !endless) {
    void clock.sleep(timeoutMs, done.signal).then(
      () => limit.abort(timeoutError(timeoutMs)),
      () => undefined,
    );
  }
  const stopped = Promise.withResolvers<never>();
  const stop = () =>
    stopped.reject(signal.reason instanceof Error ? signal.reason : new Error("interrupted"));
  if (!endless) signal.addEventListener("abort", stop, { once: true });
  try {
    return await Promise.race([work(), stopped.promise]);
  } finally {
    done.abort();
    signal.removeEventListener("abort", stop);
  }
}

function timeoutError(ms: number): HealError {
  return new HealError(`Not done after ${ms / 1_000} s`, {
    code: "timeout",
    hint: "What was started goes on where a server runs it; a longer --timeout waits longer.",
  });
}

function print({ data, text }: Answer, { options, terminal }: CliContext): void {
  if (options.json) return terminal.out(`${JSON.stringify(data, null, 2)}\n`);
  const words = text(harmless(data));
  if (words !== "") terminal.out(`${words}\n`);
}
