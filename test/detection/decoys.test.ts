// What must not be taken for a symptom. Healing what is well is worse than finding nothing.
import { expect, it } from "vitest";
import { detect, failed, kinds, log, metric, now, ok, series, state, status500 } from "./view.ts";

const well = [state(0), ...series(6, 5_000, (ago) => ok(ago))];

it("finds nothing without signals, and nothing in a quiet service", () => {
  expect(detect([])).toEqual([]);
  expect(detect(well)).toEqual([]);
});

it("does not read the word error as an error", () => {
  const chatter = [
    "error handler registered",
    "0 errors, 0 warnings",
    "no error found in 431 orders",
    "GET /error 200 3ms",
    "INFO errors_total=0 timeout=500ms",
    "request timeout is configured as 2000 ms",
    "connected to errors-db in 12ms",
    "loaded config/error-pages.json",
    "rate limiter enabled: 100 requests a second",
    "retrying is enabled for ECONNREFUSED",
    "user searched for 'NullPointerException'",
    "429 orders were shipped",
    "panic button test passed",
  ];
  for (const level of ["info", "unknown", "debug"] as const) {
    const lines = series(60, 500, (ago, index) => log(ago, chatter[index % chatter.length] ?? "", level));
    expect([level, ...kinds([...lines, ...well])]).toEqual([level]);
  }
});

it("takes no trouble from what a database writes of sessions that were ended on purpose", () => {
  const text = "UTC [5271] shop@orders FATAL:  terminating connection due to administrator command";
  const lines = [...series(80, 100, (ago) => log(ago, text, "fatal")), ...well];
  const database = { kind: "postgres", url: "postgres://medic@127.0.0.1/orders", protectRoles: [] } as const;
  expect(kinds(lines, { service: { database } })).toEqual([]);
  // Whose own connections are ended has a trouble.
  expect(kinds(lines)).toEqual(["log-errors critical"]);
});

it("does not take errors that a program reports as handled for trouble", () => {
  const lines = series(20, 1_000, (ago) =>
    log(ago, "no errors since the last reconnect, deadline exceeded 0 times", "unknown"),
  );
  expect(kinds([...lines, ...well])).toEqual([]);
});

it("waits for more than one bad check of any kind", () => {
  for (const failure of ["timeout", "refused", "status", "slow", "exit", "dns", "other"]) {
    const one = failed(0, failure, { status: 500 });
    expect([failure, ...kinds([...series(5, 5_000, (ago) => ok(ago, 9), 5_000), one, state(0)])]).toEqual([
      failure,
    ]);
  }
});

it("does not count checks that opsmedic itself gave up", () => {
  expect(kinds([...series(9, 1_000, (ago) => failed(ago, "aborted")), state(0)])).toEqual([]);
});

it("takes one peak of CPU or memory for what it is", () => {
  for (const name of ["cpu", "memory"] as const) {
    const peak = series(9, 5_000, (ago, index) => metric(ago, name, index === 8 ? 1 : 0.2));
    expect([name, ...kinds([...peak, ...well])]).toEqual([name]);
    const doubled = [...peak.slice(0, 8), metric(900, name, 1), metric(500, name, 1), metric(0, name, 1)];
    // Looked at three times within a second.
    expect([name, ...kinds([...doubled, ...well])]).toEqual([name]);
  }
});

it("does not blame a service for the machine it is on", () => {
  const host = series(6, 5_000, (ago) => [
    metric(ago, "cpu", 1, "host"),
    metric(ago, "memory", 1, "host"),
  ]).flat();
  expect(kinds([...host, ...well])).toEqual([]);
});

it("gives a service time to start", () => {
  const young = state(0, { startedAt: now - 8_000 });
  expect(kinds([...series(4, 2_000, (ago) => failed(ago, "refused")), young])).toEqual([]);
  expect(kinds([...series(4, 2_000, (ago) => failed(ago, "timeout")), young])).toEqual([]);
  const slowStart = state(0, { startedAt: now - 60_000, health: "starting" });
  expect(kinds([...series(4, 5_000, (ago) => failed(ago, "timeout")), slowStart])).toEqual([]);
});

it("lets a service be slow within its limits, and once beyond them", () => {
  expect(kinds([...series(9, 5_000, (ago) => ok(ago, 3_900)), state(0)])).toEqual([]);
  expect(kinds([...series(5, 5_000, (ago) => ok(ago, 20), 5_000), ok(0, 9_000), state(0)])).toEqual([]);
  const reports = series(30, 900, (ago, index) =>
    log(ago, `GET /report 200 ${index % 10 === 0 ? 9_000 : 40}ms`, "info"),
  );
  expect(kinds([...reports, ...well])).toEqual([]);
});

it("lets clients be wrong", () => {
  const lines = series(40, 500, (ago) => log(ago, '10.0.0.7 - - "GET /nothing HTTP/1.1" 404 153', "warn"));
  expect(kinds([...lines, ...well])).toEqual([]);
});

it("does not take a few errors among many for a rate", () => {
  const mixed = series(12, 3_000, (ago, index) => (index === 4 ? status500(ago) : ok(ago)));
  expect(kinds([...mixed, state(0)])).toEqual([]);
});

it("lets a healthy service beside a broken one be", () => {
  const broken = { dependencies: [{ name: "orders-db", level: "critical" as const }] };
  expect(kinds([...well, log(900, "GET / 200 4ms", "info")], broken)).toEqual([]);
});

it("forgets the errors of the instance before", () => {
  const old = series(20, 500, (ago) => log(ago + 20_000, "TypeError: Cannot read properties of undefined"));
  expect(kinds([...old, ok(0), state(0, { startedAt: now - 15_000, instance: "two" })])).toEqual([]);
});

it("looks at a flood within a moment, and keeps the finding small", () => {
  const flood = series(4_000, 10, (ago) =>
    log(ago, `Error: connect ECONNREFUSED 127.0.0.1:5432 ${"x".repeat(2_000)}`),
  );
  const [finding] = detect([...flood, state(0)]);
  expect(finding?.kind).toBe("log-errors");
  expect(finding?.signals).toHaveLength(20);
  expect(finding?.summary.length).toBeLessThan(500);
});
