// What log lines of common libraries look like when something specific is wrong. Fixed expressions without nested
// repetition, over bounded lines: a hostile line costs no more than a long one.

export const logPatterns = {
  timeout: /\b(?:timed? ?-?out|ETIMEDOUT|ESOCKETTIMEDOUT|deadline exceeded|request aborted after)\b/i,
  refused:
    /\b(?:ECONNREFUSED|connection refused|ECONNRESET|ENOTFOUND|EHOSTUNREACH|no route to host|socket hang up)\b/i,
  "rate-limit":
    /\b(?:429|too many requests|rate.?limit(?:ed|s)?|throttl(?:ed|ing)|quota exceeded|retry-after)\b/i,
  "out-of-memory": /\b(?:out of memory|heap limit|ENOMEM|MemoryError|OutOfMemoryError|OOM)\b/i,
  "disk-full": /\b(?:ENOSPC|no space left on device|disk (?:is )?full|disk quota exceeded)\b/i,
  "pool-exhausted":
    /\b(?:too many (?:clients|connections)|pool (?:is )?exhausted|acquiring (?:a )?connection)\b/i,
  exception: /\b(?:exception|traceback|panic|unhandled|TypeError|ReferenceError)\b/i,
} as const;
export type LogPattern = keyof typeof logPatterns;

/** Words with which programs refuse their configuration. */
export const configError =
  /\b(?:invalid (?:config\w*|setting|option|value for)|config\w* (?:error|invalid|is invalid|not found)|(?:cannot|could not|failed to|unable to) (?:load|parse|read) \w* ?(?:config\w*|settings|\.env)|missing (?:required )?(?:config\w*|setting|env\w*|key|option|variable)|unknown (?:option|key|setting|directive)|unexpected token|SyntaxError|YAMLException|YAMLParseError|TOMLDecodeError|JSONDecodeError|must be (?:set|a number|a string|a positive)|is not set|is required)\b/i;

const HOST =
  /\b(?:https?:\/\/|host[=: "']+|upstream[=: "']+|to |from |by )([a-z0-9][a-z0-9.-]{1,252}[a-z0-9])(?::\d{1,5})?\b/i;
const BARE_HOST =
  /\b([a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63}){0,5}\.[a-z]{2,24}|(?:\d{1,3}\.){3}\d{1,3})(?::\d{1,5})?\b/i;
const MILLISECONDS = /\b(\d{1,7}(?:\.\d{1,3})?) ?(ms|milliseconds|s|sec|seconds)\b/i;

/** The host that a line names, where it does; never used as an address to connect to. */
export function hostIn(line: string): string | undefined {
  const named = HOST.exec(line)?.[1];
  const host = named?.includes(".") || named === "localhost" ? named : BARE_HOST.exec(line)?.[1];
  return (host ?? (named && /https?:\/\//i.test(line) ? named : undefined))?.toLowerCase();
}

/** The duration that a line names, in milliseconds. */
export function millisecondsIn(line: string): number | undefined {
  const match = MILLISECONDS.exec(line);
  if (!match?.[1] || !match[2]) return undefined;
  return Number(match[1]) * (match[2].toLowerCase().startsWith("m") ? 1 : 1_000);
}
