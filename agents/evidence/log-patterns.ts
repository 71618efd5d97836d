// What log lines of common libraries look like when something specific is wrong. Fixed expressions without nested
// repetition, over bounded lines: a hostile line costs no more than a long one.

export const logPatterns = {
  timeout:
    /(?<!\block (?:wait )?)\b(?:timed? ?-?out|ETIMEDOUT|ESOCKETTIMEDOUT|deadline exceeded|request aborted after)\b/i,
  refused:
    /\b(?:ECONNREFUSED|connection refused|ECONNRESET|ENOTFOUND|EHOSTUNREACH|no route to host|socket hang up)\b/i,
  "rate-limit":
    /\b(?:429|too many requests|rate.?limit(?:ed|s)?|throttl(?:ed|ing)|quota exceeded|retry-after)\b/i,
  "out-of-memory": /\b(?:out of memory|heap limit|ENOMEM|MemoryError|OutOfMemoryError|OOM)\b/i,
  "disk-full":
    /\b(?:ENOSPC|no space left on device|disk (?:is )?full|disk quota exceeded|could not extend file|(?:errno:|Errcode:|failed with error) 28|the table '[^'\n]{1,130}' is full)\b/i,
  "pool-exhausted":
    /\b(?:too many (?:clients|connections)|pool (?:is )?exhausted|acquiring (?:a )?connection)\b/i,
  "own-pool":
    /\b(?:pool (?:is )?(?:exhausted|full|empty)|pool limit of size|acquiring (?:a )?connection|(?:cannot|unable to|could not) (?:acquire|get|obtain) (?:a )?connection|timeout exceeded when trying to connect|(?:Hikari\w{0,40}|pool) - connection is not available|no (?:free|idle|available) (?:workers?|connections?)|all (?:workers|connections) (?:are )?(?:busy|taken|in use)|max_?children setting)\b/i,
  "server-full": /\btoo many (?:clients|connections)\b/i,
  permission: /\b(?:EACCES|EPERM|permission denied|access denied|operation not permitted|PermissionError)\b/i,
  "read-only": /\b(?:EROFS|read-only file ?system)\b/i,
  "open-files": /\b(?:EMFILE|ENFILE|too many open files|no file descriptors available)\b/i,
  threads:
    /\b(?:EAGAIN|can(?:'t|not) (?:start|create|fork) (?:a )?(?:new )?(?:native )?(?:thread|process)|unable to create (?:new )?(?:native )?thread|resource temporarily unavailable|fork: retry)\b/i,
  "port-taken":
    /\b(?:EADDRINUSE|address already in use|port (?:\d{1,5} )?is already (?:allocated|in use))\b/i,
  "unknown-host":
    /\b(?:ENOTFOUND|EAI_AGAIN|no such host|name or service not known|temporary failure in name resolution|could not resolve host|UnknownHostException|nodename nor servname)\b/i,
  certificate:
    /\b(?:CERT_HAS_EXPIRED|CERT_NOT_YET_VALID|certificate (?:has|is) (?:expired|not yet valid)|certificate verify failed|x509: certificate|SSLHandshakeException|unable to verify the first certificate)\b/i,
  clock:
    /\b(?:clock (?:skew|is (?:wrong|ahead|behind))|RequestTimeTooSkewed|token (?:used before issued|is not yet valid|not valid yet)|jwt not active|timestamp (?:is )?(?:too old|in the future|outside)|not yet valid)\b/i,
  "upstream-error":
    /\b(?:50[0234]|bad gateway|service unavailable|gateway time-?out|internal server error|upstream (?:error|prematurely closed))\b/i,
  variable:
    /\b(?:env(?:ironment)? (?:variable|var)s?|KeyError|os\.environ|process\.env|is not (?:set|defined)|must be set|missing (?:required )?env\w*)\b/i,
  command:
    /\b(?:command not found|exec format error|no such file or directory|not found in \$?PATH|cannot execute|MODULE_NOT_FOUND|Cannot find module|ModuleNotFoundError|ClassNotFoundException|could not find or load main class)\b/i,
  retry: /\b(?:retry(?:ing)?|retries|re-?trying|attempt \d{1,4}(?: of \d{1,4})?|will try again|backoff)\b/i,
  heap: /\b(?:heap out of memory|heap limit|OutOfMemoryError|Java heap space|GC overhead limit|Allowed memory size|MemoryError|runtime: out of memory)\b/i,
  native:
    /\b(?:segmentation fault|SIGSEGV|SIGABRT|SIGBUS|core dumped|double free|corrupted (?:size|unsorted)|fatal error: unexpected signal)\b/i,
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
