// Options that several commands read, checked: what is wrong is a usage error (exit code 2).
import { HealError } from "../../../domain/errors.ts";
import { parseDuration } from "../../config/units.ts";
import { type CommandOptions, textOption } from "../context.ts";

const MOST = 500;

export function usageError(message: string, hint: string): HealError {
  return new HealError(message, { code: "usage", hint });
}

/** --limit, 1 to 500; 20 where it is not given. */
export function limitOption(options: CommandOptions): number {
  const text = textOption(options, "limit") ?? "20";
  const limit = Number(text);
  if (Number.isInteger(limit) && limit >= 1 && limit <= MOST) return limit;
  throw usageError(`--limit ${text} is not a number from 1 to ${MOST}`, "Write for example --limit 50.");
}

/** Milliseconds of a duration such as 10m. */
export function durationArgument(text: string, name: string): number {
  const ms = parseDuration(text);
  if (ms !== undefined && ms > 0) return ms;
  throw usageError(`${name} ${text} is not a duration`, "Write for example 30s, 10m or 1h.");
}

/** --since 7d: the moment that long ago; undefined where it is not given. */
export function sinceOption(options: CommandOptions, now: number): number | undefined {
  const text = textOption(options, "since");
  return text === undefined ? undefined : now - durationArgument(text, "--since");
}

/** One of these words, in any case; undefined where it is not given. */
export function choiceOption<T extends string>(
  options: CommandOptions,
  name: string,
  choices: readonly T[],
): T | undefined {
  const text = textOption(options, name);
  const choice = choices.find((one) => one.toLowerCase() === text?.toLowerCase());
  if (text === undefined || choice !== undefined) return choice;
  throw usageError(`--${name} ${text} is not known`, `Write one of ${choices.join(", ").toLowerCase()}.`);
}

/** Decisions are explained: the reason is kept in the audit log. */
export function reasonOption(options: CommandOptions): string {
  const reason = textOption(options, "reason")?.trim() ?? "";
  if (reason !== "") return reason;
  throw usageError("A decision needs a reason", 'Add --reason "why".');
}
