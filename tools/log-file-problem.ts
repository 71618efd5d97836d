// Why a log file cannot be read, and what would help.
import { HealError } from "../domain/errors.ts";
import { codeOf } from "./probe-answer.ts";

export const NO_FILE =
  "Check the path under logs in opsmedic.yaml, and whether the service still writes there.";
const FORBIDDEN = "Let the user that runs opsmedic read it: a group for both, or chmod g+r.";

export function isForbidden(error: unknown): boolean {
  return ["EACCES", "EPERM"].includes(codeOf(error) ?? "");
}

export function hintOfUnreadable(error: unknown): string | undefined {
  if (isForbidden(error)) return FORBIDDEN;
  if (codeOf(error) === "ENOENT") return NO_FILE;
  return error instanceof HealError ? error.hint : undefined;
}
