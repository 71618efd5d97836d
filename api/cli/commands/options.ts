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

/** Decisions are explained: the reason is kept in the audit log. */
export function reasonOption(options: CommandOptions): string {
  const reason = textOption(options, "reason")?.trim() ?? "";
  if (reason !== "") return reason;
  throw usageError("A decision needs a reason", 'Add --reason "why".');
}
