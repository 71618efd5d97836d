// What the exit code of the command line means. Scripts rely on these: never change one.
import type { RunRecord } from "../../knowledge/records.ts";

export const EXIT = {
  ok: 0,
  error: 1,
  usage: 2,
  problems: 3,
  auth: 4,
  waiting: 5,
  rolledBack: 6,
  escalated: 7,
  timeout: 8,
  interrupted: 130,
  terminated: 143,
} as const;
/** For the help and the reference. */
export const exitMeanings: readonly (readonly [code: number, text: string])[] = [
  [EXIT.ok, "ok"],
  [EXIT.error, "error"],
  [EXIT.usage, "usage or configuration"],
  [EXIT.problems, "problems found"],
  [EXIT.auth, "not allowed"],
  [EXIT.waiting, "waits for approval"],
  [EXIT.rolledBack, "fix failed, rolled back"],
  [EXIT.escalated, "escalated"],
  [EXIT.timeout, "timeout"],
  [EXIT.interrupted, "interrupted"],
];

export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** Codes that report a finding rather than a failure of the command itself: what --exit-zero turns into 0. */
const FINDINGS: readonly ExitCode[] = [EXIT.problems, EXIT.waiting, EXIT.rolledBack, EXIT.escalated];

export function withExitZero(code: ExitCode, exitZero: boolean): ExitCode {
  return exitZero && FINDINGS.includes(code) ? EXIT.ok : code;
}

/** What was written on the command line makes no sense. */
const USAGE: readonly string[] = ["usage", "bad-cursor", "unknown-service", "unknown-fault"];

/** A server is there, and refuses us. */
export function isAuth(errorCode: string): boolean {
  return ["auth-missing", "auth-refused", "unauthorized", "forbidden", "unauthenticated"].includes(errorCode);
}

/** Of a HealError's code, whoever threw it. */
export function exitCodeOf(errorCode: string): ExitCode {
  if (errorCode.startsWith("config-") || USAGE.includes(errorCode)) return EXIT.usage;
  if (isAuth(errorCode)) return EXIT.auth;
  return errorCode === "timeout" ? EXIT.timeout : EXIT.error;
}

/** How runs ended that were waited for: the worst of them, failures first. */
export function exitCodeOfRuns(runs: readonly Pick<RunRecord, "status" | "outcome">[]): ExitCode {
  const codes = runs.map(exitCodeOfRun);
  const order: ExitCode[] = [EXIT.error, EXIT.rolledBack, EXIT.escalated, EXIT.waiting, EXIT.problems];
  return order.find((code) => codes.includes(code)) ?? EXIT.ok;
}

function exitCodeOfRun({ status, outcome }: Pick<RunRecord, "status" | "outcome">): ExitCode {
  if (status === "waiting") return EXIT.waiting;
  switch (outcome) {
    case "healthy":
    case "healed":
    case "no-longer-needed":
      return EXIT.ok;
    case "rolled-back":
      return EXIT.rolledBack;
    case "escalated":
    case "rejected":
      return EXIT.escalated;
    case "dry-run":
    case "observed":
    case "deferred":
      return EXIT.problems;
    case "failed":
    case "cancelled":
      return EXIT.error;
    case null:
      return EXIT.waiting;
  }
}
