// What went wrong, for a person: what was tried, why it failed, what to do next. As JSON where --json is set.
import { HealError, messageOf } from "../../domain/errors.ts";
import type { GlobalOptions } from "./context.ts";
import { EXIT, type ExitCode, exitCodeOf } from "./exit-codes.ts";
import { harmlessText } from "./render/harmless.ts";
import type { Terminal } from "./terminal.ts";

export function reportFailure(
  error: unknown,
  terminal: Terminal,
  { json, verbose }: Pick<GlobalOptions, "json" | "verbose">,
): ExitCode {
  const known = error instanceof HealError ? error : undefined;
  const code = known ? exitCodeOf(known.code) : EXIT.error;
  if (json) terminal.out(`${JSON.stringify(document(error, known))}\n`);
  else terminal.err(`${words(error, known, verbose)}\n`);
  return code;
}

function document(error: unknown, known: HealError | undefined): object {
  const details = known && "complaints" in known ? { complaints: known.complaints } : {};
  return {
    error: {
      code: known?.code ?? "unexpected",
      message: messageOf(error),
      hint: known?.hint ?? null,
      ...details,
    },
  };
}

function words(error: unknown, known: HealError | undefined, verbose: boolean): string {
  const hint = known?.hint === undefined ? [] : [`→ ${known.hint}`];
  const more = verbose ? [stackOf(error)] : known ? [] : ["→ Again with --verbose shows where."];
  return harmlessText([messageOf(error), ...hint, ...more].join("\n"));
}

function stackOf(error: unknown): string {
  if (!(error instanceof Error)) return "";
  const cause =
    error.cause === undefined ? "" : `\ncaused by ${stackOf(error.cause) || messageOf(error.cause)}`;
  return `${error.stack ?? ""}${cause}`;
}
