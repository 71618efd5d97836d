// When lines of common programs say that they were written.
import { describe, expect, it } from "vitest";
import { timeOfLine } from "../../signals/log-line-time.ts";

const at = Date.UTC(2026, 11, 1, 4, 5, 6);
const now = at + 60_000;
/** The same moment as this machine's own clock shows it: programs seldom write their zone. */
const local = new Date(2026, 11, 1, 4, 5, 6).getTime();

describe("the time that a line gives itself", () => {
  it.each([
    ["2026-12-01T04:05:06Z ERROR no stock", at],
    ["2026-12-01T05:05:06.250+01:00 WARN slow", at + 250],
    ["[2026-12-01 04:05:06,123] ERROR in app: no stock", local + 123],
    ["2026-12-01 04:05:06.789 UTC [4711] FATAL:  too many connections", at + 789],
    ["2026/12/01 04:05:06 [error] 31#31: *4 connect() failed", local],
    ['127.0.0.1 - - [01/Dec/2026:04:05:06 +0000] "GET / HTTP/1.1" 500 12', at],
    ["12:M 01 Dec 2026 04:05:06.500 # Out of memory", local + 500],
    ["Dec  1 04:05:06 web app[12]: no stock", local],
    ["Dec 31 23:59:59 web app[12]: of last year", new Date(2025, 11, 31, 23, 59, 59).getTime()],
    [`{"level":50,"time":${at},"msg":"no stock"}`, at],
    [`{"ts":${at / 1_000}.25,"msg":"no stock"}`, at + 250],
    [`{"time":"2026-12-01T04:05:06.000Z","msg":"no stock"}`, at],
    [`{"time":${at}000000,"msg":"nanoseconds"}`, at],
  ])("%s", (line, expected) => {
    expect(timeOfLine(line, now)).toBe(expected);
  });

  it.each([
    "ERROR no stock",
    "    at fetch (shop.js:1:2)",
    "retry at 2026-12-01T04:05:06Z",
    '{"msg":"no stock"}',
    "2026-99-99T04:05:06Z ERROR no such day",
    "",
  ])("none is guessed: %s", (line) => {
    expect(timeOfLine(line, now)).toBeUndefined();
  });
});
