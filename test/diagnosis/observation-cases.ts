// Observations by example: what is in the world, and what each must see.
import { expect } from "vitest";
import type { JsonObject } from "../../domain/json.ts";
import type { Signal } from "../../domain/signal.ts";
import { finding, log, MB, metrics, MINUTE, NOW, requestLog, SECOND, type World } from "./shop-world.ts";

const change = (at: number, path = "config/app.json"): Signal => ({
  kind: "change",
  service: "checkout",
  at,
  path,
  goodVersion: "good-1",
  summary: "1 lines added",
});

/** Answers of one health check, one every 5 s up to 65 s ago: o is good, x is bad. */
const answers = (marks: string): Signal[] =>
  marks.split("").map((mark, index) => ({
    kind: "probe",
    service: "checkout",
    at: NOW - 65 * SECOND - (marks.length - 1 - index) * 5 * SECOND,
    probe: "http",
    ok: mark === "o",
  }));

const youngWith =
  (marks: string) =>
  (one: World): void => {
    one.states["checkout"] = { startedAt: NOW - 90 * SECOND };
    one.signals.push(...answers(marks));
  };

/** One that began two minutes ago, with its CPU since then, one number every 10 s; it is high for a minute now. */
const youngAndBusy =
  (...used: number[]) =>
  (one: World): void => {
    one.states["checkout"] = { startedAt: NOW - 120 * SECOND };
    one.findings = [finding("cpu", { value: 0.99, threshold: 0.9 })];
    one.signals.push(...metrics("cpu", [...used, ...Array<number>(7).fill(0.99)]));
  };

const calm = (count: number): number[] => Array.from({ length: count }, (_, at) => (at % 2 ? 0.5 : 0.51));
const sawtooth = (teeth: number): number[] =>
  Array.from({ length: teeth }, () => [0.4, 0.5, 0.6, 0.7]).flat();
/** What is known of the services, as shares of one certainty. */
const suspected =
  (...shares: [service: string, confidence: number][]) =>
  (one: World): void => {
    const suspects = shares.map(([service, confidence]) => ({ service, confidence, because: ["it ended"] }));
    one.outage = { suspects, kind: null, services: [], next: [] };
  };

export type Case = [name: string, params: JsonObject, prepare: (world: World) => void, value: unknown];

export const observationCases: Case[] = [
  ["exit-status", {}, (one) => (one.states["checkout"] = { status: "paused" }), "paused"],
  ["exit-code", {}, (one) => (one.states["checkout"] = { status: "exited", exitCode: 3 }), 3],
  ["exit-code", {}, () => {}, "unknown: no end with a code was seen"],
  [
    "exit-code",
    {},
    (one) => one.signals.push({ kind: "event", service: "checkout", at: NOW, event: "die", exitCode: 7 }),
    7,
  ],
  ["oom-killed", {}, () => {}, false],
  ["oom-killed", {}, (one) => (one.states["checkout"] = { oomKilled: true }), true],
  ["oom-killed", {}, (one) => (one.findings = [finding("oom-killed")]), true],
  [
    "oom-killed",
    {},
    (one) => one.signals.push({ kind: "event", service: "checkout", at: NOW, event: "oom" }),
    true,
  ],
  ["uptime", {}, () => {}, 60 * MINUTE],
  ["uptime", {}, (one) => (one.states["checkout"] = { status: "exited" }), "unknown: it does not run"],
  ["restart-count", {}, (one) => (one.states["checkout"] = { restartCount: 4 }), 4],
  ["recent-starts", {}, () => {}, 0],
  ["recent-starts", {}, (one) => (one.states["checkout"] = { startedAt: NOW - MINUTE }), 1],
  ["recent-starts", {}, (one) => (one.findings = [finding("crash-loop", { starts: 6 })]), 6],
  ["stopped-by-operator", {}, (one) => (one.states["checkout"] = { stoppedByOperator: true }), true],
  ["container-health", {}, () => {}, "unknown: it has no health check of its own"],
  ["container-health", {}, (one) => (one.states["checkout"] = { health: "unhealthy" }), "unhealthy"],
  ["instance-age", {}, () => {}, 59 * MINUTE],
  [
    "instance-age",
    {},
    (one) => (one.states["checkout"] = { status: "exited", startedAt: NOW - 3_000, finishedAt: NOW - 1_000 }),
    2_000,
  ],
  ["replicas", {}, () => {}, { value: 1, proposed: 2 }],
  ["replicas", {}, (one) => (one.states["checkout"] = { replicas: 3 }), null],
  ["reload-signal", {}, () => {}, null],
  ["cpu-now", {}, () => {}, 0.1],
  ["cpu-now", {}, (one) => one.signals.push(...metrics("cpu", [0.4, 0.8])), 0.8],
  ["memory-now", {}, () => {}, "unknown: no memory use was measured"],
  [
    "memory-now",
    {},
    (one) => (one.use["checkout"] = { cpu: 0, memoryBytes: 96 * MB, memoryLimitBytes: 128 * MB }),
    0.75,
  ],
  [
    "memory-limit",
    {},
    (one) => (one.use["checkout"] = { cpu: 0, memoryBytes: MB, memoryLimitBytes: 100 * MB }),
    { value: 100 * MB, proposed: 150 * MB },
  ],
  [
    "memory-limit",
    {},
    (one) => (one.use["checkout"] = { cpu: 0, memoryBytes: MB, memoryLimitBytes: 900 * MB }),
    { value: 900 * MB, proposed: 1_024 * MB },
  ],
  [
    "memory-limit",
    {},
    (one) => (one.use["checkout"] = { cpu: 0, memoryBytes: MB, memoryLimitBytes: 1_024 * MB }),
    null,
  ],
  [
    "memory-limit",
    {},
    (one) => {
      one.services[0]!.limits = { maxReplicas: 1 };
      one.use["checkout"] = { cpu: 0, memoryBytes: MB, memoryLimitBytes: 100 * MB };
    },
    { value: 100 * MB },
  ],
  ["memory-limit", {}, () => {}, "unknown: no memory limit is known"],
  ["host-memory", {}, () => {}, 0.4],
  ["disk-usage", {}, (one) => (one.host.disks = []), "unknown: no disk was measured"],
  ["disk-usage", {}, () => {}, { value: 0.3, mount: "/" }],
  ["probe-now", {}, () => {}, "ok"],
  ["probe-now", {}, (one) => (one.services[0]!.health = []), "unknown: it has no health check"],
  [
    "probe-now",
    {},
    (one) => (one.failing["checkout"] = "status"),
    { value: "status", probe: "http http://checkout:8080/healthz" },
  ],
  ["port-open", {}, (one) => (one.failing["checkout"] = "refused"), false],
  [
    "port-open",
    {},
    (one) => {
      one.failing["checkout"] = "timeout";
      one.listening["checkout"] = true;
    },
    true,
  ],
  ["dependency-level", {}, () => {}, { value: "healthy", dependency: "orders-db" }],
  [
    "dependency-level",
    {},
    (one) => (one.levels["partner"] = "critical"),
    { value: "critical", dependency: "partner" },
  ],
  ["dependency-level", {}, (one) => delete one.levels["partner"], "unknown: partner was not looked at yet"],
  [
    "dependency-level",
    {},
    (one) => (one.findings = [finding("dependency-down", { dependency: "orders-db" })]),
    { value: "critical", dependency: "orders-db" },
  ],
  ["dependency-probe", {}, () => {}, "ok"],
  [
    "dependency-probe",
    {},
    (one) => (one.failing["orders-db"] = "refused"),
    { value: "failed", dependency: "orders-db" },
  ],
  ["outside-service", {}, () => {}, false],
  ["healthy-neighbour", {}, () => {}, "orders-db"],
  ["upstream-probe", {}, () => {}, "unknown: the log names no host"],
  [
    "upstream-probe",
    {},
    (one) => (one.findings = [finding("rate-limited", { host: "api.partner.example" })]),
    "ok",
  ],
  ["service-level", {}, () => {}, "critical"],
  ["config-error-in-log", {}, () => {}, null],
  [
    "config-error-in-log",
    {},
    (one) => one.signals.push(log("Error: missing required setting \u001b[31mDB_URL", NOW)),
    "Error: missing required setting DB_URL",
  ],
  [
    "log-pattern",
    { pattern: "timeout" },
    (one) => one.signals.push(log("GET https://api.partner.example/a timed out after 2.5 s", NOW)),
    { value: 1, host: "api.partner.example", ms: 2_500 },
  ],
  ["log-pattern", { pattern: "timeout" }, () => {}, { value: 0, host: null, ms: null }],
  ["log-pattern", { pattern: "constructor" }, () => {}, 'unknown: there is no log pattern "constructor"'],
  ["log-pattern", { pattern: "timeout" }, (one) => (one.signals = []), "unknown: no log line was seen"],
  [
    "log-pattern",
    { pattern: "timeout" },
    (one) => (one.signals = [log("timed out", NOW - 20 * MINUTE)]),
    "unknown: no log line was seen",
  ],
  ["deadlock-statements", {}, () => {}, null],
  [
    "deadlock-statements",
    {},
    (one) =>
      one.signals.push(
        log("\tProcess 12: update stock set n = 3 where id = 4 and name = 'it''s'", NOW),
        log("\tProcess 13: update stock set n = 5 where id = 6 and name = 'other'", NOW),
        log("\tProcess 12: delete from baskets where id = 9", NOW),
      ),
    {
      value: "update stock set n = ? where id = ? and name = ? / delete from baskets where id = ?",
      statements: ["update stock set n = ? where id = ? and name = ?", "delete from baskets where id = ?"],
      tables: "stock, baskets",
    },
  ],
  [
    "log-share",
    { pattern: "timeout" },
    (one) => one.signals.push(log("call timed out", NOW), log("TypeError: no price", NOW)),
    0.5,
  ],
  ["log-share", { pattern: "constructor" }, () => {}, 'unknown: there is no log pattern "constructor"'],
  [
    "log-share",
    { pattern: "timeout" },
    (one) => (one.signals = []),
    "unknown: no line of a warning or an error was seen",
  ],
  [
    "upstream-of-log",
    { about: "refused" },
    (one) => one.signals.push(log("connect ECONNREFUSED 10.0.0.7:5432", NOW)),
    "10.0.0.7",
  ],
  ["upstream-of-log", {}, () => {}, null],
  ["changed-files", {}, () => {}, null],
  ["changed-files", {}, (one) => (one.files = {}), "unknown: the configuration names no files"],
  ["changed-files", {}, (one) => (one.knownGood = {}), "unknown: no version is known good yet"],
  [
    "changed-files",
    {},
    (one) => {
      one.files["checkout"] = { ...one.files["checkout"], ".env": "A=1" };
      one.signals.push(change(NOW - 3 * MINUTE), change(NOW - 2 * MINUTE, ".env"));
    },
    { version: "good-1", paths: ["config/app.json", ".env"] },
  ],
  // Seen changed a while ago, and as it was since: there is no such file in the good version, and none now.
  ["changed-files", {}, (one) => one.signals.push(change(NOW - 2 * MINUTE, ".env")), null],
  ["changed-files", {}, (one) => one.signals.push(change(NOW + 5 * MINUTE)), null],
  ["changed-files", { withinMinutes: 60 }, (one) => one.signals.push(change(NOW - 90 * MINUTE)), null],
  ["error-began", {}, () => {}, "in-operation"],
  ["error-began", {}, (one) => (one.states["checkout"] = { startedAt: NOW - 90 * SECOND }), "at-start"],
  ["error-began", {}, (one) => (one.states["checkout"] = { startedAt: NOW + 5 * MINUTE }), "in-operation"],
  ["error-began", {}, youngWith("xoooo"), "in-operation"],
  ["error-began", {}, youngWith("oxooo"), "at-start"],
  ["error-began", {}, youngWith("xooo"), "at-start"],
  ["error-began", {}, youngAndBusy(0.8, 0.03, 0.02, 0.03, 0.03), "in-operation"],
  // The last number before is of a time in which it was free at first.
  ["error-began", {}, youngAndBusy(0.03, 0.02, 0.03, 0.03, 0.6), "in-operation"],
  ["error-began", {}, youngAndBusy(0.03, 0.02, 0.03), "at-start"],
  ["error-began", {}, youngAndBusy(0.03, 0.6, 0.03, 0.02, 0.03), "at-start"],
  ["error-began", {}, youngAndBusy(0.6, 0.7, 0.6, 0.5, 0.7), "at-start"],
  ["error-began", {}, (one) => one.signals.push(change(NOW - 2 * MINUTE)), "after-change"],
  ["memory-trend", {}, () => {}, "unknown: only 0 measurements of its memory"],
  [
    "memory-trend",
    {},
    (one) => one.signals.push(...metrics("memory", [0.5, 0.52, 0.49, 0.51, 0.5])),
    { value: "flat", perMinute: expect.closeTo(0, 1) },
  ],
  [
    "memory-trend",
    {},
    (one) => one.signals.push(...metrics("memory", [0.5, 0.4, 0.3, 0.2])),
    { value: "falling", perMinute: expect.closeTo(-0.6) },
  ],
  [
    // An outlier upwards does not make a leak.
    "memory-trend",
    {},
    (one) => one.signals.push(...metrics("memory", [0.5, 0.5, 0.99, 0.5, 0.5, 0.5])),
    { value: "flat", perMinute: 0 },
  ],
  [
    // A leak after minutes of calm: over the whole time hardly anything happened.
    "memory-trend",
    {},
    (one) => one.signals.push(...metrics("memory", [...calm(40), 0.56, 0.62, 0.68, 0.74])),
    { value: "growing", perMinute: expect.closeTo(0.36) },
  ],
  [
    // What is filled and emptied again and again does not leak, also when it was looked at on its way up.
    "memory-trend",
    {},
    (one) => one.signals.push(...metrics("memory", [...sawtooth(5), 0.4, 0.5, 0.6, 0.7])),
    { value: "flat", perMinute: expect.any(Number) },
  ],
  ["suspected-cause", {}, () => {}, "unknown: no two services show anything that could be weighed"],
  [
    "suspected-cause",
    {},
    suspected(["checkout", 0.9]),
    "unknown: no two services show anything that could be weighed",
  ],
  ["suspected-cause", {}, suspected(["checkout", 0.4], ["orders-db", 0.3]), "unknown: no service stands out"],
  [
    "suspected-cause",
    {},
    suspected(["checkout", 0.9], ["orders-db", 0.05]),
    { value: "leading", service: "checkout", confidence: 0.9, kind: null },
  ],
  [
    "suspected-cause",
    {},
    suspected(["orders-db", 0.9], ["checkout", 0.05]),
    { value: "behind", service: "orders-db", confidence: 0.9, kind: null },
  ],
  ["request-trend", {}, () => {}, "steady"],
  [
    "request-trend",
    {},
    (one) => one.signals.push(...requestLog("checkout", NOW - MINUTE, NOW, 60)),
    "rising",
  ],
  [
    "request-trend",
    {},
    (one) => (one.signals = metrics("request-rate", [10, 10, 10, 10, 10, 10, 10, 11, 10, 9])),
    "steady",
  ],
  ["request-trend", {}, (one) => (one.signals = []), expect.stringMatching(/^unknown: neither/)],
  [
    "setting-for",
    { settings: ["delay", "batch"] },
    () => {},
    { path: "config/app.json", pointer: "partner.delayMs", from: 800, to: 1_200, setting: "delay" },
  ],
  [
    "setting-for",
    { settings: ["batch"] },
    () => {},
    { path: "config/app.json", pointer: "batchSize", from: 40, to: 27, setting: "batch" },
  ],
  ["setting-for", { settings: ["nonsense"] }, () => {}, null],
  [
    "setting-for",
    { settings: ["delay"] },
    (one) => (one.files = {}),
    expect.stringMatching(/^unknown: .*no files/),
  ],
  [
    "setting-for",
    { settings: ["delay"] },
    (one) => (one.files["checkout"] = { "a.json": '{"aDelay": 5, "bDelay": 6}' }),
    "unknown: several settings could govern it: aDelay in a.json, bDelay in a.json",
  ],
  [
    "setting-for",
    { settings: ["delay"] },
    (one) => (one.files["checkout"] = { "a.json": "{broken", "b.txt": "delay=5" }),
    null,
  ],
  [
    "setting-for",
    { settings: ["delay"] },
    (one) => (one.files["checkout"] = { "a.json": '{"requestDelayMs": 50000}' }),
    null,
  ],
  [
    "setting-for",
    { settings: ["timeout"] },
    (one) => (one.files["checkout"] = { "a.json": '{"shutdownTimeout": 5, "idleTimeout": 0}' }),
    null,
  ],
  ["timeout-matches-setting", {}, (one) => one.signals.push(log("timed out after 1000ms", NOW)), true],
  ["timeout-matches-setting", {}, (one) => one.signals.push(log("timed out after 30 s", NOW)), false],
  ["timeout-matches-setting", {}, () => {}, expect.stringMatching(/^unknown/)],
  ["symptom", { kinds: ["disk", "error-rate"] }, () => {}, "error-rate"],
  ["symptom", { kinds: ["disk"] }, () => {}, null],
  ["no-such-thing", {}, () => {}, 'unknown: there is no observation "no-such-thing"'],
];
