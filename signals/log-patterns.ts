// Known patterns of trouble in log lines. The word "error" alone is none: "error handler registered", "0 errors" and
// "no error" are written by programs that are well. All expressions have bounded repetitions and no nested ones, and
// look at a bounded piece of the line, so that a hostile line costs no more than a long one.
import type { LogSignal } from "../domain/signal.ts";

export const logPatternNames = [
  "out-of-memory",
  "disk-full",
  "configuration",
  "rate-limit",
  "refused",
  "timeout",
  "database",
  "permission",
  "exception",
  "http-answer",
] as const;
export type LogPatternName = (typeof logPatternNames)[number];

export interface LogMatch {
  pattern: LogPatternName;
  /** So particular that it counts even where the line has no level. */
  strong: boolean;
  /** The line of the event that says it, at most 300 characters. */
  headline: string;
  /** The other side, where the line names it: "127.0.0.1", "db.internal". Never an address to connect to. */
  host?: string;
  port?: number;
  /** The duration that a timeout names. */
  ms?: number;
  /** The HTTP status that was met as a client. */
  status?: number;
}

const EVENT_LIMIT = 8_000;
const HEADLINE_LIMIT = 300;

interface Pattern {
  strong?: RegExp;
  weak?: RegExp;
}

// Most particular first: an exception that says ECONNREFUSED is a refused connection.
const patterns: Record<LogPatternName, Pattern> = {
  "out-of-memory": {
    strong:
      /JavaScript heap out of memory|\bOutOfMemoryError\b|\bOutOfMemoryException\b|^MemoryError\b|\bCannot allocate memory\b|\bENOMEM\b|runtime: out of memory|Allowed memory size of \d{1,20} bytes exhausted|memory allocation of \d{1,20} bytes failed/m,
    weak: /\bout of memory\b/i,
  },
  "disk-full": {
    strong:
      /\bENOSPC\b|no space left on device|disk quota exceeded|could not extend file|\bEDQUOT\b|\b(?:errno:|Errcode:|failed with error) 28\b|\bSQLSTATE\W{0,4}53100\b/i,
    weak: /\bdisk (?:is )?full\b|\bthe table '[^'\n]{1,130}' is full\b/i,
  },
  configuration: {
    strong:
      /\b(?:config(?:uration)? error|invalid config(?:uration)?|bad config(?:uration)?|YAML(?:Exception|ParseError|SyntaxError)|JSONDecodeError|TOMLDecodeError|is not valid JSON)\b|\bUnexpected (?:token|end of|non-whitespace)[^\n]{0,60} JSON\b|\byaml: (?:line \d|unmarshal)|\binvalid value for\b|\bmissing required (?:config\w{0,20}|setting|option|key|field|env\w{0,20}|variable|parameter|property)\b|\[emerg\] [^\n]{0,200} in \/|\b(?:cannot|could not|failed to|unable to) (?:parse|load|read) [^\n]{0,60}(?:config|settings|\.json|\.ya?ml|\.toml|\.ini|\.env)\b/i,
    weak: /\bcannot parse\b|\bunknown (?:directive|option|setting|key)\b|\bmissing required\b|\bsyntax error\b/i,
  },
  "rate-limit": {
    strong:
      /\btoo many requests\b|\brate.?limit(?:ed)? (?:exceeded|reached|hit)\b|\b(?:was|been|being|were|got) (?:rate.?limited|throttled)\b|\b(?:status|code|answered|answer|returned|got|HTTP(?:\/[\d.]{1,4})?)[ :="']{1,4}429\b|\bquota exceeded\b|\bThrottlingException\b/i,
    weak: /\brate.?limited\b|\bthrottled\b/i,
  },
  refused: {
    strong:
      /\bECONNREFUSED\b|\bconnection refused\b|\bEHOSTUNREACH\b|\bno route to host\b|\bECONNRESET\b|\bgetaddrinfo (?:ENOTFOUND|EAI_AGAIN)\b|\bno such host\b/i,
    weak: /\bconnection reset\b|\bsocket hang up\b|\bbroken pipe\b|\bEPIPE\b/i,
  },
  // A lock that was waited for in vain is the database's own trouble.
  timeout: {
    strong:
      /\btimed out\b|\bETIMEDOUT\b|\bdeadline exceeded\b|(?<!\block wait )\btimeout (?:of \d{1,9} ?m?s )?exceeded\b|\bTimeoutE(?:rror|xception)\b/i,
    weak: /(?<!\block wait )\btime-?out\b/i,
  },
  database: {
    strong:
      /\btoo many clients already\b|\bremaining connection slots\b|\btoo many connections\b|\bdeadlock (?:detected|found)\b|\block wait timeout exceeded\b|\bSQLSTATE\b|\bORA-\d{5}\b|\bpassword authentication failed\b|\bduplicate key value violates\b|\brelation "[^"\n]{1,100}" does not exist\b|\bcould not serialize access\b|\bterminating connection due to\b|\bMongo(?:Server|Network)Error\b|\bMISCONF Redis\b|\bREADONLY You can't write\b|\bOOM command not allowed\b|\bdatabase is locked\b/i,
    weak: /\bpool (?:is )?exhausted\b|\bER_[A-Z_]{3,60}\b/,
  },
  permission: {
    strong: /\bEACCES\b|\bEPERM\b|\bpermission denied\b|\bUnauthorizedAccessException\b|^PermissionError\b/im,
    weak: /\baccess denied\b|\boperation not permitted\b/i,
  },
  exception: {
    strong: new RegExp(
      [
        String.raw`^Traceback \(most recent call last\):`, // Python
        String.raw`\bException in thread "|^Caused by: |\b[a-z]\w{0,40}\.[a-z]\w{0,40}\.[\w.]{0,120}(?:Exception|Error)\b`, // Java
        String.raw`^panic: |\bgoroutine \d{1,9} \[running\]`, // Go
        String.raw`\bthread '[^'\n]{0,100}' (?:\(\d{1,12}\) )?panicked at\b`, // Rust
        String.raw`\bPHP (?:Fatal|Parse|Recoverable fatal) error: |\bPHP message: `, // PHP
        String.raw`\((?:[A-Z]\w{0,60}::){0,4}[A-Z]\w{0,60}(?:Error|Exception)\)`, // Ruby
        String.raw`\bUnhandled exception\b|\bSystem\.[A-Z][\w.]{0,100}Exception\b`, // .NET
        String.raw`\b(?:Uncaught|Unhandled) (?:[A-Z]\w{0,60}(?:Error|Exception)|exception|promise rejection)|\bunhandledRejection\b|\bUnhandledPromiseRejection\b`, // Node
        String.raw`^(?:[A-Z]\w{0,60})?(?:Error|Exception)(?: \[[A-Z_]{1,40}\])?: [^\n]{0,500}\n\s{1,8}at `, // Node with its stack
      ].join("|"),
      "m",
    ),
    weak: /(?:^|[\s"'])[A-Z]\w{0,60}(?:Error|Exception)\b|(?:^|[\s"'])Error: /m,
  },
  "http-answer": {
    strong: /\b(?:failed|error|unexpected)[^\n\d]{0,40}\b(?:status(?: code)?|HTTP)[ :="']{1,4}([45]\d\d)\b/i,
    weak: /\b(?:status(?: code)?|answered|returned|responded with|HTTP\/[\d.]{1,3})[ :="']{1,4}([45]\d\d)\b/i,
  },
};

/** Said of trouble that is over, absent or provided for; outweighs a pattern where the line has no level. */
const harmless =
  /\b(?:recovered|reconnected|succeeded|success|no (?:errors?|timeouts?|exceptions?)|0 (?:errors?|timeouts?|exceptions?|failures?)|without (?:errors?|problems?)|registered|enabled|configured|initiali[sz]ed|handler|simulated)\b/i;

/** What an event says, whatever its level. At most 8,000 characters are read. */
export function patternIn(text: string): LogMatch | undefined {
  const event = text.slice(0, EVENT_LIMIT);
  for (const name of logPatternNames) {
    const { strong, weak } = patterns[name];
    const hard = strong?.exec(event);
    const match = hard ?? weak?.exec(event);
    if (match) return describe(name, Boolean(hard), event, match);
  }
  return undefined;
}

/** The trouble that a line reports; undefined for chatter. Counts: level error or fatal, or no level and a strong pattern. */
export function troubleIn({ level, text }: Pick<LogSignal, "level" | "text">): LogMatch | undefined {
  if (level !== "error" && level !== "fatal" && level !== "unknown") return undefined;
  const match = patternIn(text);
  if (match === undefined || level !== "unknown") return match;
  return match.strong && !harmless.test(match.headline) ? match : undefined;
}

function describe(pattern: LogPatternName, strong: boolean, event: string, match: RegExpExecArray): LogMatch {
  const headline = lineAround(event, match.index);
  const near = event.slice(Math.max(0, match.index - 300), match.index + match[0].length + 300);
  const side = otherSide(near);
  const ms = pattern === "timeout" ? durationIn(near) : undefined;
  const status = pattern === "http-answer" ? Number(match[1]) : pattern === "rate-limit" ? 429 : undefined;
  return {
    pattern,
    strong,
    headline,
    ...side,
    ...(ms === undefined ? {} : { ms }),
    ...(status === undefined ? {} : { status }),
  };
}

/** Of an exception's trace the sentence with the pattern, or the first one when that is bare. */
function lineAround(event: string, at: number): string {
  const from = event.lastIndexOf("\n", at - 1) + 1;
  const end = event.indexOf("\n", from);
  const line = event.slice(from, end === -1 ? undefined : end).trim();
  return (messageOfJson(event) ?? line.replace(header, "")).slice(0, HEADLINE_LIMIT);
}

/** Time and level before the words. */
const header =
  /^\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d[.,\d]{0,10}(?:Z|[+-]\d\d:?\d\d)?\]?[ :-]{0,3}(?:\[?(?:FATAL|ERROR|WARN|WARNING|INFO|CRITICAL)\]?[ :-]{1,3})?/;

function messageOfJson(event: string): string | undefined {
  if (!event.startsWith("{")) return undefined;
  try {
    const { msg, message = msg } = JSON.parse(event) as { msg?: unknown; message?: unknown };
    return typeof message === "string" ? message.split("\n", 1)[0] : undefined;
  } catch {
    return undefined; // cut off, or no JSON after all
  }
}

const url =
  /\b[a-z][a-z0-9+]{1,20}:\/\/(?:[^\s/@"']{1,100}@)?(\[[0-9a-f:]{2,45}\]|[a-z0-9][a-z0-9.-]{0,200})(?::(\d{1,5}))?/i;
const address =
  /(?<![\w.:-])(\[[0-9a-f:]{2,45}\]|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}|[a-z0-9][a-z0-9-]{0,60}(?:\.[a-z0-9-]{1,60}){0,6}):(\d{2,5})(?!\d|:\d)/gi;
const ipv4 = /(?<![\w.])(\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3})(?![\w.])/;
const namedHost =
  /\b(?:ENOTFOUND|EAI_AGAIN|lookup|host|upstream)[ :="']{1,4}([a-z0-9][a-z0-9.-]{1,200}[a-z0-9])\b/i;
/** "worker.ts:12" is a place in a program. */
const sourceFile = /\.(?:[cm]?[jt]sx?|py|java|go|rb|php|cs|rs|kt|c|cc|cpp|h)$/i;

function otherSide(text: string): { host?: string; port?: number } {
  const [, urlHost, urlPort] = url.exec(text) ?? [];
  if (urlHost !== undefined) return { host: bare(urlHost), ...(urlPort ? { port: Number(urlPort) } : {}) };
  for (const [, host = "", port] of text.matchAll(address)) {
    if (/[a-z.:]/i.test(host) && !sourceFile.test(host)) return { host: bare(host), port: Number(port) };
  }
  const host = ipv4.exec(text)?.[1] ?? namedHost.exec(text)?.[1];
  return host === undefined ? {} : { host: bare(host) };
}

function bare(host: string): string {
  return host.replace(/^\[|\]$/g, "").toLowerCase();
}

/** The duration that a text names, in milliseconds. */
function durationIn(text: string): number | undefined {
  const [, amount, unit = ""] =
    /\b(\d{1,7}(?:\.\d{1,3})?) ?(ms|milliseconds?|s|secs?|seconds?|m|minutes?)\b/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const factor = /^(?:ms|milli)/i.test(unit) ? 1 : /^s/i.test(unit) ? 1_000 : 60_000;
  return Number(amount) * factor;
}
