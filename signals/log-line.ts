// One log event as a program wrote it: which level, which message. Pure; what cannot be told stays "unknown",
// and the word "error" somewhere in a sentence is no level.
import { type LogLevel, levelOfNumber, levelOfWord } from "../domain/log-level.ts";
import { readLogfmt, readJsonLine } from "./log-fields.ts";
import { cleanText } from "./log-text.ts";

export interface ReadLine {
  level: LogLevel;
  /** What a person would read: without time, level and colours; of JSON the message with its stack. */
  message: string;
  /** The whole event, cleaned and cut: what is stored. */
  text: string;
}

/** Understands JSON lines, logfmt, syslog, glog, Python, Java, nginx, Apache, PostgreSQL, MySQL, Redis, plain text. */
export function readLogLine(raw: string): ReadLine {
  const text = cleanText(raw);
  const { level, message } = readJsonLine(text) ?? readLogfmt(text) ?? readPlain(text);
  return { level, message: message.trim() === "" ? text : message.trim(), text };
}

interface Read {
  level: LogLevel;
  message: string;
}

/** A level stands at the beginning of the first line; further right it is part of the message. */
const HEADER_CHARS = 160;
/** The last words of a dying program are looked for this far. */
const CRASH_CHARS = 4_000;

const isoTime = String.raw`\d{4}[-/]\d\d[-/]\d\d[T ,]*\d{1,2}:\d\d(?::\d\d)?(?:[.,]\d+)?\s?(?:Z|[+-]\d\d:?\d\d|[A-Z]{3,4}\b)?`;
const clockTime = String.raw`\d\d:\d\d:\d\d(?:[.,]\d+)?`;
const syslogTime = String.raw`(?:[A-Z][a-z]{2} )?[A-Z][a-z]{2} [ \d]?\d \d\d:\d\d:\d\d(?:\.\d+)?(?: \d{4})?`;
const leadingTime = new RegExp(`^\\[?(?:${isoTime}|${clockTime}|${syslogTime})\\]?[\\s:,-]*`);
/** "host program[123]: " as syslog writes it (RFC 3164). */
const syslogOrigin = /^(?:[\w.-]+ )?[\w./@-]+(?:\[\d+\])?: /;

function readPlain(text: string): Read {
  const [, priority, rest = text] = /^<(\d{1,3})>(?:1 )?(.*)$/s.exec(text) ?? [];
  const timed = rest.replace(leadingTime, "");
  const found = levelInHeader(timed) ?? levelOfCrash(timed) ?? levelOfAccess(rest);
  if (found !== undefined) return found;
  const level = priority === undefined ? undefined : levelOfNumber("PRIORITY", Number(priority) % 8);
  return { level: level ?? "unknown", message: timed === rest ? rest : timed.replace(syslogOrigin, "") };
}

const words =
  "trace|trce|verbose|debug|dbug|info|information|informational|notice|note|log|warn|warning|error|err|severe|fatal|critical|crit|alert|emerg|emergency|panic";
/** [error], (WARN), <info>, [core:error], |ERROR|. */
const bracketed = new RegExp(`[[(<|]\\s*(?:\\w+:)?(${words})\\s*[\\])>|]:?\\s*`, "i");
/** ERROR something, WARN: something: in capitals, a word of its own. */
const capitals = new RegExp(`(?:^|[\\s:|.\\]])(${words.toUpperCase()})(?=$|[\\s:|\\][(-])[\\s:|-]*`);
/** error: something, Warning - something, npm ERR! something: at the very beginning. */
const leading = new RegExp(`^(?:npm )?(${words}|fail|ERR!)(?::| -|(?<=!))\\s*`, "i");
/** I0102 15:04:05.678901 123 file.go:12] something (glog, klog). */
const glog = /^([IWEF])\d{4} \d\d:\d\d:\d\d\.\d+\s+\d+ [^\]]{1,80}\] /;
/** 123:M 01 Jan 2024 12:00:00.123 # something (Redis). */
const redis = /^\d+:[XCSM] \d\d [A-Z][a-z]{2} (?:\d{4} )?\d\d:\d\d:\d\d\.\d+ ([.*#-]) /;

/** Of several words that could be the level, the leftmost is. */
function levelInHeader(text: string): Read | undefined {
  const header = text.slice(0, HEADER_CHARS).split("\n", 1)[0] ?? "";
  const matches = [glog, redis, leading, bracketed, capitals]
    .map((pattern) => pattern.exec(header))
    .filter((match) => match !== null);
  const first = matches.sort((a, b) => a.index - b.index)[0];
  const level = levelOfWord(first?.[1] ?? "");
  if (first === undefined || level === undefined) return undefined;
  return { level, message: text.slice(first.index + first[0].length) };
}

/** How runtimes announce that the program ends: Go, Rust, .NET, Java, C, Node, PHP, the kernel. */
const fatalWords =
  /^(?:panic: |fatal error: |thread '[^'\n]{1,80}' (?:\(\d+\) )?panicked at|Unhandled exception[.:]|Exception in thread |Segmentation fault|terminate called|FATAL ERROR: |Uncaught |PHP Fatal error|Node\.js v\d)|Out of memory: Killed process/im;
/** The first line of a stack trace: Python, Java, .NET, Node, Ruby. */
const errorWords =
  /^(?:Traceback \(most recent call last\)|(?:[\w$]+\.){0,20}[A-Z]\w{0,80}(?:Error|Exception|Failure)\b(?:: |$| \[|\()|Caused by: |Error: |\S{1,200}\.rb:\d+:in .{1,500}\(\w+\)$)/m;

function levelOfCrash(text: string): Read | undefined {
  const start = text.slice(0, CRASH_CHARS);
  if (fatalWords.test(start)) return { level: "fatal", message: text };
  return errorWords.test(start) ? { level: "error", message: text } : undefined;
}

/** A line of an access log is information whatever its status: error rates are counted elsewhere. */
function levelOfAccess(text: string): Read | undefined {
  const request = /"(?:GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS|CONNECT) [^\s"]+ HTTP\/[\d.]+" \d{3}\b/;
  return request.test(text.slice(0, CRASH_CHARS)) ? { level: "info", message: text } : undefined;
}
