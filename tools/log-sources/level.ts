// Levels as sources name them, in the words of a signal. What a message itself says about its level is read by the
// signals, which know many more spellings; here a source's own field speaks.
import type { LogLevel } from "./log-source.ts";

const words: Record<Exclude<LogLevel, "unknown">, readonly string[]> = {
  debug: ["trace", "verbose", "debug", "fine", "finer", "finest", "silly"],
  info: ["info", "information", "informational", "notice", "log", "http", "default"],
  warn: ["warn", "warning", "wrn"],
  error: ["error", "err", "severe", "failure"],
  fatal: ["fatal", "critical", "crit", "alert", "emergency", "emerg", "panic"],
};
const byWord = new Map(
  Object.entries(words).flatMap(([level, names]) => names.map((name) => [name, level as LogLevel])),
);

/** RFC 5424, section 6.2.1: 0 emergency, 3 error, 4 warning, 5 notice, 6 informational, 7 debug. */
const severities: readonly LogLevel[] = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"];

/** Where info, warn, error and fatal begin in pino, bunyan and Python's tens. */
const pino: readonly [number, LogLevel][] = [
  [60, "fatal"],
  [50, "error"],
  [40, "warn"],
  [30, "info"],
  [8, "debug"],
];

export function levelOf(given: string | number | undefined): LogLevel {
  if (given === undefined || given === "") return "unknown";
  if (typeof given === "number") return levelOfNumber(given);
  return (
    byWord.get(given.trim().toLowerCase()) ??
    (/^\d{1,2}$/.test(given) ? levelOfNumber(Number(given)) : "unknown")
  );
}

function levelOfNumber(value: number): LogLevel {
  return severities[value] ?? pino.find(([from]) => value >= from)?.[1] ?? "unknown";
}

/** OpenTelemetry's SeverityNumber: opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
export function levelOfSeverityNumber(value: number): LogLevel {
  if (!(value >= 1 && value <= 24)) return "unknown";
  if (value < 9) return "debug";
  return (["info", "warn", "error", "fatal"] as const)[Math.floor((value - 9) / 4)] ?? "unknown";
}
