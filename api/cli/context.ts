// What a command of the command line is given, and what it answers.
import type { Clock } from "../../domain/clock.ts";
import type { Actor, Operations } from "../operations.ts";
import type { CheckResult } from "./doctor/check.ts";
import type { ExitCode } from "./exit-codes.ts";
import type { Lab } from "../../lab/trials/lab-command.ts";
import type { Found } from "./init/found.ts";
import type { Terminal } from "./terminal.ts";

export interface GlobalOptions {
  config?: string;
  server?: string;
  json: boolean;
  quiet: boolean;
  verbose: boolean;
  color: boolean;
  exitZero: boolean;
  /** Milliseconds after which a command gives up, with exit code 8. */
  timeoutMs?: number;
}

export interface Connection {
  operations: Operations;
  close(): Promise<void>;
  via: "server" | "embedded";
}

export interface ConnectOptions {
  /** -c */
  config?: string;
  /** --server */
  server?: string;
  signal: AbortSignal;
}

export type BenchRequest =
  | { verb: "templates" | "errors" | "anomalies" | "forecast" | "crossing"; input: string; output: string }
  | { verb: "rca"; incident: string; normal: string; output: string };

export type DemoVerb = "up" | "break" | "mend" | "down" | "faults";

/** Everything that the command line reaches beyond itself; api/main.ts passes the real ones. */
export interface CliDependencies {
  terminal: Terminal;
  clock: Clock;
  version: () => string;
  /** Folder in which relative paths start. */
  cwd: string;
  /** Who runs the command, for the audit log. */
  user: () => string;
  connect: (options: ConnectOptions) => Promise<Connection>;
  /** Resolves when the server has stopped, after `signal`. */
  serve: (options: { config?: string; signal: AbortSignal; terminal: Terminal }) => Promise<ExitCode>;
  demo: (
    request: { verb: DemoVerb; fault?: string; json: boolean },
    options: { signal: AbortSignal; terminal: Terminal },
  ) => Promise<ExitCode>;
  /** Runs every check of the surroundings; never throws. */
  doctor: (options: { config?: string; signal: AbortSignal }) => Promise<CheckResult[]>;
  /** Runs one of the readers of logs and numbers over files, see lab/public-data/. */
  bench: (request: BenchRequest) => Promise<void>;
  /** Breaks things for real, see lab/trials/. */
  lab: Lab;
  /** What runs here: containers and well-known local ports. */
  findServices: (signal: AbortSignal) => Promise<Found>;
}

export interface CliContext extends CliDependencies {
  options: GlobalOptions;
  /** Aborted by Ctrl-C, SIGTERM and --timeout. */
  signal: AbortSignal;
  actor: Actor;
  /** Opens the server or the store, hands it over, and closes it. */
  withOperations<T>(work: (operations: Operations, via: Connection["via"]) => Promise<T>): Promise<T>;
  /** For people, on stderr; silent with --quiet and --json. */
  progress(text: string): void;
}

/** `data` is the one document of --json; `text` what a person reads. */
export interface Answer<Data = unknown> {
  data: Data;
  text: (data: Data) => string;
  code?: ExitCode;
}

export type CommandOptions = Readonly<Record<string, unknown>>;
/** undefined: the command has written its own output (streams), and ended well. */
export type Command = (
  context: CliContext,
  args: readonly string[],
  options: CommandOptions,
) => Promise<Answer | ExitCode>;

/** Keeps the type of `data` between a command's answer and its text. */
export function answer<Data>(data: Data, text: (data: Data) => string, code?: ExitCode): Answer {
  return { data, text: (given) => text(given as Data), ...(code !== undefined && { code }) };
}

export function textOption(options: CommandOptions, name: string): string | undefined {
  const value = options[name];
  return typeof value === "string" ? value : undefined;
}

export function isSet(options: CommandOptions, name: string): boolean {
  return options[name] === true;
}
