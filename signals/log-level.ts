// Names and numbers of log levels, as the common libraries write them.
import type { LogSignal } from "../domain/signal.ts";

export type LogLevel = LogSignal["level"];

const names: Record<Exclude<LogLevel, "unknown">, readonly string[]> = {
  // The signs and single letters are Redis' and glog's.
  debug: [
    "trace",
    "trce",
    "verbose",
    "silly",
    "finest",
    "finer",
    "fine",
    "debug",
    "dbug",
    "dbg",
    "d",
    ".",
    "-",
  ],
  info: ["info", "inf", "information", "informational", "notice", "note", "log", "http", "i", "*"],
  warn: ["warn", "warning", "wrn", "w", "#"],
  error: ["error", "err", "err!", "eror", "fail", "severe", "e"],
  fatal: ["fatal", "ftl", "critical", "crit", "alert", "emerg", "emergency", "panic", "dpanic", "f"],
};

const byWord = new Map<string, LogLevel>();
for (const [level, words] of Object.entries(names)) {
  for (const word of words) byWord.set(word, level as LogLevel);
}

/** undefined for a word that is no level. */
export function levelOfWord(word: string): LogLevel | undefined {
  return byWord.get(word.trim().toLowerCase());
}

/** RFC 5424: 0 (emergency) to 7 (debug); journald's PRIORITY is the same. */
const syslog: readonly LogLevel[] = ["fatal", "fatal", "fatal", "error", "warn", "info", "info", "debug"];

/** Where info, warn, error and fatal begin. */
const openTelemetry = [9, 13, 17, 21] as const;
const python = [20, 30, 40, 50] as const;
const pino = [30, 40, 50, 60] as const;

/** What a number means depends on who writes it; the field's name tells. */
export function levelOfNumber(key: string, value: number): LogLevel | undefined {
  if (!Number.isFinite(value) || value < 0) return undefined;
  if (key === "severityNumber") return reached(value, openTelemetry);
  if (key === "levelno") return reached(value, python);
  return value <= 7 ? syslog[Math.trunc(value)] : reached(value, pino);
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
