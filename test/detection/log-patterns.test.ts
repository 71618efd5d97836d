// Known troubles of common languages and systems are recognised; everyday lines are not; no line takes long.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type LogPatternName, patternIn, troubleIn } from "../../signals/log-patterns.ts";
import { accessOf } from "../../signals/rates.ts";
import { normalise } from "../../signals/signature.ts";

const known: [LogPatternName, string][] = [
  [
    "exception",
    "TypeError: Cannot read properties of undefined (reading 'id')\n    at charge (/srv/app/pay.js:12:7)",
  ],
  [
    "exception",
    "node:internal/process/promises:394\n      triggerUncaughtException(err, true);\n      ^\n\nError: boom\n    at main (/srv/app.js:3:9)",
  ],
  [
    "exception",
    'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\nZeroDivisionError: division by zero',
  ],
  ["exception", 'Exception in thread "main" java.lang.NullPointerException\n\tat Shop.main(Shop.java:5)'],
  ["exception", "org.springframework.beans.factory.BeanCreationException: Error creating bean"],
  ["exception", "panic: runtime error: index out of range [5] with length 3\n\ngoroutine 1 [running]:"],
  ["exception", "thread 'main' panicked at src/main.rs:4:5:\nindex out of bounds"],
  ["exception", "app.rb:3:in `<main>': undefined method `charge' for nil:NilClass (NoMethodError)"],
  ["exception", "PHP Fatal error:  Uncaught TypeError: charge() in /srv/pay.php:3"],
  ["exception", "Unhandled exception. System.NullReferenceException: Object reference not set"],
  ["database", 'FATAL:  password authentication failed for user "shop"'],
  ["database", "sorry, too many clients already"],
  ["database", "ERROR 1213 (40001): Deadlock found when trying to get lock"],
  ["database", "SQLSTATE[42S02]: Base table or view not found"],
  ["database", "Lock wait timeout exceeded; try restarting transaction"],
  ["rate-limit", "AxiosError: Request failed with status code 429"],
  ["rate-limit", "upstream api.example.com answered 429 Too Many Requests"],
  ["refused", "Error: connect ECONNREFUSED 127.0.0.1:5432"],
  ["refused", "dial tcp 10.0.0.5:6379: connect: connection refused"],
  ["refused", "getaddrinfo ENOTFOUND orders-db"],
  ["out-of-memory", "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory"],
  ["out-of-memory", "java.lang.OutOfMemoryError: Java heap space"],
  ["out-of-memory", "PHP Fatal error:  Allowed memory size of 134217728 bytes exhausted"],
  ["disk-full", "Error: ENOSPC: no space left on device, write"],
  ["configuration", "Cannot parse config/web.json: Expected ',' at line 4"],
  ["configuration", "config error: invalid value for cacheTtlMs: -1"],
  ["configuration", "missing required environment variable DATABASE_URL"],
  ["configuration", "YAMLParseError: Map keys must be unique at line 3"],
  ["configuration", "SyntaxError: Unexpected token } in JSON at position 41"],
  ["configuration", 'SyntaxError: "{ bad" is not valid JSON'],
  ["configuration", 'nginx: [emerg] unknown directive "sever_name" in /etc/nginx/nginx.conf:3'],
  ["timeout", "AxiosError: timeout of 800ms exceeded"],
  ["timeout", "context deadline exceeded"],
  ["timeout", "read ETIMEDOUT"],
  ["permission", "EACCES: permission denied, open '/etc/shop.conf'"],
  ["http-answer", "Request failed with status code 503"],
  ["http-answer", "unexpected HTTP status: 502"],
];

describe("known trouble", () => {
  it.each(known)("%s: %s", (pattern, text) => {
    expect(patternIn(text)?.pattern).toBe(pattern);
    expect(troubleIn({ level: "error", text })?.pattern).toBe(pattern);
    expect(troubleIn({ level: "unknown", text })?.pattern, "strong enough without a level").toBe(pattern);
    expect(troubleIn({ level: "info", text }), "said as information").toBeUndefined();
  });
});

it.each([
  "error handler registered",
  "0 errors",
  "no error",
  "errors: 0, warnings: 3",
  "listening on http://0.0.0.0:8080, timeout 500 ms",
  "rate limit is 100 requests a second",
  "connected to postgres in 31 ms",
  "processed 429 orders",
  "reading config/web.json",
  "GET /exceptions 200 4ms",
  "permissions are checked",
])("everyday words are no trouble: %s", (text) => {
  expect(troubleIn({ level: "unknown", text })).toBeUndefined();
  expect(troubleIn({ level: "info", text })).toBeUndefined();
});

describe("what a line names", () => {
  it.each([
    ["Error: connect ECONNREFUSED 127.0.0.1:5432", { host: "127.0.0.1", port: 5432 }],
    ["dial tcp [::1]:6379: connection refused", { host: "::1", port: 6379 }],
    ["getaddrinfo ENOTFOUND orders-db", { host: "orders-db" }],
    [
      "12:30:11 worker.ts:12 GET http://Partner.example.com/v1 answered 429",
      { host: "partner.example.com", status: 429 },
    ],
    ["GET https://user:pw@api.example.com:8443/v1 answered 429", { host: "api.example.com", port: 8443 }],
    ["request to orders:9000 timed out after 1.5 s", { host: "orders", port: 9000, ms: 1_500 }],
    ["timeout of 800ms exceeded", { ms: 800 }],
    ["Request failed with status code 503", { status: 503 }],
  ])("%s", (text, names) => {
    expect(patternIn(text)).toMatchObject(names);
  });

  it.each([
    [
      '{"time":"2026-11-21T09:11:12Z","level":"fatal","msg":"config error: invalid value for x"}',
      "config error: invalid value for x",
    ],
    ["2026-11-21T09:11:52.594Z ERROR upstream answered 429", "upstream answered 429"],
    ["at start\nTypeError: boom\n    at main (a.js:1:2)", "TypeError: boom"],
  ])("the words without time and level: %s", (text, headline) => {
    expect(patternIn(text)?.headline).toBe(headline);
  });

  it("never shows the password of an address as host", () => {
    expect(
      JSON.stringify(patternIn("connect postgres://shop:s3cret@db:5432/x connection refused")?.host),
    ).toBe('"db"');
  });
});

describe("access logs", () => {
  it.each([
    ['10.0.0.7 - - [10/Oct/2026:13:55:36 +0000] "GET /a?x=1 HTTP/1.1" 502 2326', { path: "/a", status: 502 }],
    ["GET /checkout 500 12ms", { status: 500, durationMs: 12 }],
    ["POST /pay 201 3.5 ms - 120", { method: "POST", status: 201, durationMs: 3.5 }],
    ['{"level":"info","method":"GET","path":"/","status":200,"ms":4}', { status: 200, durationMs: 4 }],
    [
      '{"req":{"method":"GET","url":"/x"},"res":{"statusCode":500},"responseTime":81}',
      { status: 500, durationMs: 81 },
    ],
    ['{"level":"info","msg":"GET /checkout 503 9ms"}', { status: 503, durationMs: 9 }],
    ["level=info method=GET path=/x status=200 duration=1.2s", { status: 200, durationMs: 1_200 }],
  ])("%s", (line, access) => {
    expect(accessOf(line)).toMatchObject(access);
  });

  it.each([
    "GET http://127.0.0.1:8082/orders answered 429",
    "listening on 8080",
    '{"status":"ok"}',
    "{ not json GET",
  ])("is none: %s", (line) => {
    expect(accessOf(line)).toBeUndefined();
  });
});

function time(line: string): number {
  const start = performance.now();
  patternIn(line);
  troubleIn({ level: "unknown", text: line });
  accessOf(line.slice(0, 8_000));
  normalise(line);
  return performance.now() - start;
}

describe("hostile lines", () => {
  const size = 32_000;
  const fill = (piece: string) => piece.repeat(Math.ceil(size / piece.length)).slice(0, size);
  const pieces = [
    "a",
    "1",
    " ",
    "\n",
    ".",
    ":",
    "-",
    "a.",
    "a1",
    "1:",
    "f:",
    "::",
    '"',
    "'",
    "`",
    "a'",
    "0x",
    "1.1.",
    "1-1-",
    "\\",
    "[1",
    "Error",
    "Error: ",
    "Error:\n ",
    "Error: x\n   ",
    "timeout ",
    "status ",
    "GET / ",
    "at ",
    "java.lang.",
    "A::",
    "(A",
    "thread '",
    "http://",
    "http://a@",
    "cannot parse ",
    "failed to load ",
    "2026-01-01 ",
    "Jan  1 ",
    "_",
    "a-",
    "é",
    '="',
    "method=",
    "<*>",
  ];
  /** Far above what linear work over a bounded line takes, far below what backtracking over 32 kB does (minutes). */
  const limitMs = 1_000;

  it.each(pieces)("32 kB of %j", (piece) => {
    expect(time(fill(piece))).toBeLessThan(limitMs);
    expect(time(`${fill(piece)}!`)).toBeLessThan(limitMs);
  });

  it("32 kB of any mixture", () => {
    fc.assert(
      fc.property(fc.array(fc.constantFrom(...pieces), { minLength: 1, maxLength: 4 }), (some) => {
        expect(time(fill(some.join("")))).toBeLessThan(limitMs);
      }),
      { numRuns: 60 },
    );
  });

  it("are read only so far", () => {
    expect(patternIn(`${"x ".repeat(4_000)} ECONNREFUSED`)).toBeUndefined();
  });
});
