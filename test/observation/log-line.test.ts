// Levels and messages of log lines as real programs write them.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readLogLine } from "../../signals/log-line.ts";

const ESC = String.fromCharCode(27);

/** Line, level, message. */
const lines: [string, string, string][] = [
  // JSON: pino, winston, zap, structlog, Serilog, OpenTelemetry, journald, Docker
  ['{"level":50,"time":1,"pid":1,"msg":"db down"}', "error", "db down"],
  ['{"level":30,"msg":"listening on 8080"}', "info", "listening on 8080"],
  ['{"level":"warn","message":"slow query","ms":900}', "warn", "slow query"],
  ['{"severity":"CRITICAL","message":"disk full"}', "fatal", "disk full"],
  ['{"levelname":"ERROR","levelno":40,"message":"boom"}', "error", "boom"],
  ['{"levelno":30,"message":"careful"}', "warn", "careful"],
  ['{"severityNumber":17,"body":"otel error"}', "error", "otel error"],
  ['{"PRIORITY":"3","MESSAGE":"unit failed"}', "error", "unit failed"],
  ['{"@t":"2024-01-01","@mt":"Started {X}"}', "info", "Started {X}"],
  ['{"@l":"Error","@mt":"Failed","@x":"System.Exception: x"}', "error", "Failed\nSystem.Exception: x"],
  [
    '{"level":50,"err":{"type":"Error","message":"boom","stack":"Error: boom\\n    at f"},"msg":"failed"}',
    "error",
    "failed\nError: boom\n    at f",
  ],
  ['{"status":500,"path":"/"}', "unknown", '{"status":500,"path":"/"}'],
  // logfmt
  ['time=2024-01-01T00:00:00Z level=error msg="cannot \\"connect\\"" port=5432', "error", 'cannot "connect"'],
  ["level=info component=http msg=started", "info", "started"],
  // servers
  [
    '2024-01-01 12:00:00.000 UTC [12] ERROR:  relation "x" does not exist',
    "error",
    'relation "x" does not exist',
  ],
  [
    "2024-01-01 12:00:00 UTC [12] FATAL:  sorry, too many clients already",
    "fatal",
    "sorry, too many clients already",
  ],
  ["2024-01-01 12:00:00 UTC [1] LOG:  database system is ready", "info", "database system is ready"],
  ["2024-01-01 12:00:00 0 [ERROR] InnoDB: Cannot allocate memory", "error", "InnoDB: Cannot allocate memory"],
  ["2024-01-01  9:00:00 3 [Warning] Aborted connection 3", "warn", "Aborted connection 3"],
  ["2024-01-01T00:00:00.123Z 8 [Note] ready", "info", "ready"],
  [
    "12:M 01 Jan 2024 12:00:00.123 # Can't save in background: fork",
    "warn",
    "Can't save in background: fork",
  ],
  ["12:M 01 Jan 2024 12:00:00.123 * Ready to accept connections", "info", "Ready to accept connections"],
  ["2024/01/01 12:00:00 [error] 7#7: *1 connect() failed (111)", "error", "7#7: *1 connect() failed (111)"],
  ["[Mon Jan 01 12:00:00.123456 2024] [core:error] [pid 1] AH00124: loop", "error", "[pid 1] AH00124: loop"],
  [
    '1.2.3.4 - - [01/Jan/2024:12:00:00 +0000] "GET /error HTTP/1.1" 500 12',
    "info",
    '1.2.3.4 - - [01/Jan/2024:12:00:00 +0000] "GET /error HTTP/1.1" 500 12',
  ],
  // libraries
  ["2024-01-01 12:00:00,123 ERROR [main] c.x.Shop - order failed", "error", "[main] c.x.Shop - order failed"],
  [
    "2024-01-01T00:00:00.000Z  WARN 1 --- [main] c.x.Shop : pool is small",
    "warn",
    "1 --- [main] c.x.Shop : pool is small",
  ],
  ["ERROR:root:no route", "error", "root:no route"],
  ["E0102 15:04:05.678901   123 file.go:12] no leader", "error", "no leader"],
  ["fail: Shop.Orders[0]", "error", "Shop.Orders[0]"],
  ["[2024-01-01 12:00:00] local.ERROR: SQLSTATE[HY000]", "error", "SQLSTATE[HY000]"],
  ["npm ERR! code ELIFECYCLE", "error", "code ELIFECYCLE"],
  ["[12:00:00.123] INFO (7): started after an ERROR", "info", "(7): started after an ERROR"],
  ["INFO: the job [error] was cleared", "info", "the job [error] was cleared"],
  // syslog
  ["<11>Jan  1 12:00:00 web1 shop[12]: out of stock", "error", "out of stock"],
  ["Jan  1 12:00:00 web1 shop[12]: out of stock", "unknown", "out of stock"],
  ["<27>1 2024-01-01T12:00:00Z web1 shop - - - down", "error", "web1 shop - - - down"],
  // crashes
  ["panic: runtime error: index out of range", "fatal", "runtime error: index out of range"],
  [
    "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'",
    "error",
    "Traceback (most recent call last):\n  File \"a.py\", line 1\nKeyError: 'x'",
  ],
  ["java.lang.IllegalStateException: closed", "error", "java.lang.IllegalStateException: closed"],
  ["TypeError: x is not a function", "error", "TypeError: x is not a function"],
  ["PHP Fatal error:  Uncaught Exception: x", "fatal", "PHP Fatal error:  Uncaught Exception: x"],
  [
    "kernel: Out of memory: Killed process 12 (node)",
    "fatal",
    "kernel: Out of memory: Killed process 12 (node)",
  ],
  ["thread 'main' panicked at src/main.rs:2:5:", "fatal", "thread 'main' panicked at src/main.rs:2:5:"],
  // no level
  ["0 errors found, all warnings fixed", "unknown", "0 errors found, all warnings fixed"],
  ["the error page was served", "unknown", "the error page was served"],
  ["", "unknown", ""],
  ["{not json}", "unknown", "{not json}"],
  // colours
  [`${ESC}[31mERROR${ESC}[0m it ${ESC}]0;title${String.fromCharCode(7)}broke`, "error", "it broke"],
];

describe("a log line", () => {
  it.each(lines)("%s", (line, level, message) => {
    const read = readLogLine(line);
    expect({ level: read.level, message: read.message }).toEqual({ level, message });
  });

  it("keeps the whole text, cleaned", () => {
    expect(readLogLine(`${ESC}[1m[warn]${ESC}[0m low\u0000 space \r`).text).toBe("[warn] low space");
  });

  it("finds the level of a crash inside its event", () => {
    const crash =
      "/app/x.js:1\nthrow new Error('boom')\n^\n\nError: boom\n    at f (/app/x.js:1:7)\n\nNode.js v24.0.0";
    expect(readLogLine(crash).level).toBe("fatal");
  });

  it("is cut at 32,000 characters and says so", () => {
    const { text } = readLogLine(`ERROR ${"x".repeat(100_000)}`);
    expect(text.length).toBeLessThan(32_100);
    expect(text).toMatch(/\[68006 more characters\]$/);
  });

  it("never throws and never grows, whatever comes", () => {
    const anything = fc.oneof(fc.string({ unit: "binary", maxLength: 2_000 }), fc.json(), fc.string());
    fc.assert(
      fc.property(anything, (line) => {
        const read = readLogLine(line);
        expect(read.text.length).toBeLessThanOrEqual(line.length);
        expect(read.text).not.toContain(ESC);
      }),
    );
  });

  it.each([
    ["A".repeat(200_000)],
    ["a.".repeat(100_000)],
    [`level=${'k="'.repeat(50_000)}`],
    [`${"[".repeat(100_000)}error`],
    [`"GET ${'"GET '.repeat(40_000)}`],
    ["thread 'x".repeat(20_000)],
    ["x.rb:1:in (".repeat(20_000)],
    [`{"a":${"[".repeat(30_000)}`],
  ])("takes no long time over a line that was made to be slow (%#)", (line) => {
    // Quadratic time would run into the time limit of the test.
    expect(readLogLine(line).text.length).toBeGreaterThan(30_000);
  });
});
