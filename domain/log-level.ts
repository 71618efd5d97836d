// Names and numbers of log levels, as the common libraries, shippers and stores write them.
import type { LogSignal } from "./signal.ts";

export type LogLevel = LogSignal["level"];

const names: Record<Exclude<LogLevel, "unknown">, readonly string[]> = {
  debug: ["trace", "trce", "verbose", "silly", "finest", "finer", "fine", "debug", "dbug", "dbg", "d"],
  info: ["info", "inf", "information", "informational", "notice", "note", "log", "http", "default", "i"],
  warn: ["warn", "warning", "wrn", "w"],
  error: ["error", "err", "err!", "eror", "fail", "failure", "severe", "e"],
  fatal: ["fatal", "ftl", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic", "f"],
};
/** Redis' signs. As a field's whole value they mean that there is none. */
const signs: Readonly<Record<string, LogLevel>> = { ".": "debug", "-": "debug", "*": "info", "#": "warn" };

const byWord = new Map<string, LogLevel>();
for (const [level, words] of Object.entries(names)) {
  for (const word of words) byWord.set(word, level as LogLevel);
}

/** Of a word, or a sign, at the beginning of a line; undefined for what is no level. */
export function levelOfWord(word: string): LogLevel | undefined {
  const plain = word.trim().toLowerCase();
  return byWord.get(plain) ?? signs[plain];
}

/** Of what a field of its own says: a word, or a number on the scale of RFC 5424 or of pino. */
export function levelOfField(given: string | number | undefined): LogLevel {
  if (given === undefined) return "unknown";
  const word = String(given).trim().toLowerCase();
  const number = /^\d{1,2}$/.test(word) ? levelOfNumber("level", Number(word)) : undefined;
  return byWord.get(word) ?? number ?? "unknown";
}

/** RFC 5424, section 6.2.1: 0 (emergency) to 7 (debug); journald's PRIORITY is the same. */
const syslog: readonly LogLevel[] = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"];

/** Where info, warn, error and fatal begin. */
const openTelemetry = [9, 13, 17, 21] as const;
const python = [20, 30, 40, 50] as const;
const pino = [30, 40, 50, 60] as const;

/** What a number means depends on who writes it; the field's name tells. */
export function levelOfNumber(key: string, value: number): LogLevel | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  if (key === "severityNumber") return levelOfSeverityNumber(value);
  if (key === "levelno") return reached(value, python);
  return value <= 7 ? syslog[Math.trunc(value)] : reached(value, pino);
}

/** OpenTelemetry's SeverityNumber: opentelemetry.io/docs/specs/otel/logs/data-model/#field-severitynumber */
export function levelOfSeverityNumber(value: number): LogLevel | undefined {
  return value >= 1 && value <= 24 ? reached(value, openTelemetry) : undefined;
}

const rising: readonly LogLevel[] = ["debug", "info", "warn", "error", "fatal"];

function reached(value: number, begins: readonly number[]): LogLevel | undefined {
  return rising[begins.filter((one) => value >= one).length];
}

const gravities: Record<LogLevel, number> = { unknown: 0, debug: 1, info: 2, warn: 3, error: 4, fatal: 5 };

/** For comparing: the higher, the graver. */
export function gravityOf(level: LogLevel): number {
  return gravities[level];
}
