// Structured log lines: JSON objects and logfmt. The names of fields are those of pino, bunyan, winston, zap,
// logrus, structlog, python-json-logger, Serilog (compact), log4j, OpenTelemetry and journald.
import { type LogLevel, levelOfNumber, levelOfWord } from "../domain/log-level.ts";

type Fields = Record<string, unknown>;

const levelKeys = [
  "level",
  "severity",
  "lvl",
  "loglevel",
  "levelname",
  "log.level",
  "@l",
  "severity_text",
  "severityText",
  "Level",
  "LogLevel",
  "Severity",
  "levelno",
  "severityNumber",
  "PRIORITY",
];
const messageKeys = [
  "msg",
  "message",
  "@m",
  "@mt",
  "event",
  "body",
  "MESSAGE",
  "Message",
  "text",
  "log",
  "error",
  "err",
];
const stackKeys = [
  "stack",
  "stack_trace",
  "stackTrace",
  "error.stack_trace",
  "exception",
  "@x",
  "exc_info",
  "err",
  "error",
];

/** undefined when the text is no JSON object. */
export function readJsonLine(text: string): { level: LogLevel; message: string } | undefined {
  if (!text.startsWith("{") || !text.endsWith("}")) return undefined;
  const fields = parseObject(text);
  if (fields === undefined) return undefined;
  const message = firstText(fields, messageKeys) ?? text;
  const stack = firstText(fields, stackKeys);
  const whole = stack === undefined || message.includes(stack) ? message : `${message}\n${stack}`;
  return { level: levelIn(fields) ?? "unknown", message: whole };
}

function parseObject(text: string): Fields | undefined {
  try {
    return JSON.parse(text) as Fields;
  } catch {
    return undefined;
  }
}

const logfmtPair = /(?:^|\s)([\w.@-]+)=("(?:[^"\\]|\\.)*"|[^\s"]*)/g;

const logfmtMessageKeys = ["msg", "message", "error", "err"];
/** What is asked of most lines; the other values need not be read. */
const logfmtKeys = new Set([...levelKeys, ...logfmtMessageKeys, "@m", "@mt"]);

/** logfmt (brandur.org/logfmt): undefined unless one of the pairs is a level. */
export function readLogfmt(text: string): { level: LogLevel; message: string } | undefined {
  const fields = pairsIn(text, (key) => logfmtKeys.has(key));
  const level = fields && levelIn(fields);
  return level && { level, message: firstText(fields, logfmtMessageKeys) ?? text };
}

function pairsIn(text: string, isWanted: (key: string) => boolean): Fields | undefined {
  if (!/(?:^|\s)(?:level|lvl|severity)=/.test(text.slice(0, 400))) return undefined;
  const fields: Fields = {};
  for (const [, key = "", value = ""] of text.matchAll(logfmtPair)) {
    if (isWanted(key)) fields[key] ??= unquote(value);
  }
  return fields;
}

const timeKeys = ["time", "timestamp", "ts", "@timestamp", "@t", "date", "datetime", "asctime", "t"];
/** Of the program, its machine or its place in the source: the same in every line, until it is started anew. */
const originKeys = ["v", "pid", "hostname", "name", "logger", "caller", "source", "msg_id"];
const knownKeys = new Set([...levelKeys, ...messageKeys, ...stackKeys, ...timeKeys, ...originKeys]);
const isNews = (key: string): boolean => !knownKeys.has(key);

/**
 * What a structured line says beside time, level and message, as text: numbers and words of its fields, and of those
 * one level below ("res.statusCode"). Empty for other lines.
 */
export function readFields(text: string): [name: string, value: string][] {
  const json = text.startsWith("{") && text.endsWith("}");
  const fields = (json ? parseObject(text) : pairsIn(text, isNews)) ?? {};
  return Object.entries(fields)
    .filter(([key]) => isNews(key))
    .flatMap(([key, value]): [string, unknown][] =>
      typeof value === "object" && value !== null && !Array.isArray(value)
        ? Object.entries(value).map(([inner, one]): [string, unknown] => [`${key}.${inner}`, one])
        : [[key, value]],
    )
    .filter(([, value]) => typeof value === "string" || typeof value === "number")
    .map(([key, value]) => [key, String(value)]);
}

function unquote(value: string): string {
  if (!value.startsWith('"')) return value;
  return value.slice(1, -1).replace(/\\(.)/g, (_, one: string) => (one === "n" ? "\n" : one));
}

function levelIn(fields: Fields): LogLevel | undefined {
  for (const key of levelKeys) {
    const level = levelOf(key, fields[key]);
    if (level !== undefined) return level;
  }
  // Compact log events leave out the level "Information".
  return "@m" in fields || "@mt" in fields ? "info" : undefined;
}

function levelOf(key: string, value: unknown): LogLevel | undefined {
  if (typeof value === "number") return levelOfNumber(key, value);
  if (typeof value !== "string") return undefined;
  return /^\d{1,2}$/.test(value) ? levelOfNumber(key, Number(value)) : levelOfWord(value);
}

/** The first field that has words: a text, or an error object with its stack or message. */
function firstText(fields: Fields, keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = fields[key];
    if (typeof value === "string" && value.trim() !== "") return value;
    if (typeof value === "object" && value !== null) {
      const { stack, message } = value as Fields;
      const inner = [stack, message].find((one) => typeof one === "string" && one !== "");
      if (typeof inner === "string") return inner;
    }
  }
  return undefined;
}
