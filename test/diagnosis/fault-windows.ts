// The windows of signals and findings that the faults of the demo shop leave, with the cause and the plan that an
// engineer on call would name.
import { finding, log, MB, metrics, MINUTE, NOW, requestLog, SECOND, type World } from "./shop-world.ts";

export interface Fault {
  name: string;
  break: (world: World) => void;
  playbook: string;
  service?: string;
  /** Actions with their parameters; null: none, and the reason says so. */
  plan: [string, object][] | null;
  noPlan?: RegExp;
  cause: RegExp;
}

export const changed = (at: number) =>
  ({
    kind: "change",
    service: "checkout",
    at,
    path: "config/app.json",
    goodVersion: "good-1",
    summary: "1 lines added, 1 removed",
  }) as const;

export const faults: Fault[] = [
  {
    name: "crash: the process is killed",
    break: (world) => {
      world.states["checkout"] = {
        status: "exited",
        exitCode: 137,
        startedAt: NOW - 60 * MINUTE,
        finishedAt: NOW - 5 * SECOND,
      };
      world.failing["checkout"] = "refused";
      world.findings = [
        finding("exited", { exitCode: 137 }, { since: NOW - 5 * SECOND }),
        finding("unreachable", { probe: "http", failure: "refused" }, { since: NOW - 5 * SECOND }),
      ];
    },
    playbook: "process-crash",
    plan: [["start", {}]],
    cause: /exited with code 137/,
  },
  {
    name: "hang: the process is stopped in its tracks",
    break: (world) => {
      world.failing["checkout"] = "timeout";
      world.listening["checkout"] = true;
      world.findings = [finding("hung", { probe: "http", failures: 3 })];
    },
    playbook: "hang",
    plan: [["restart", {}]],
    cause: /answers nothing/,
  },
  {
    name: "error spike: half of the requests fail",
    break: (world) => {
      world.signals.push(...[1, 2, 3, 4].map((n) => log("TypeError: cart is undefined", NOW - n * SECOND)));
      world.findings = [
        finding("error-rate", { rate: 0.5, samples: 200 }),
        finding(
          "log-errors",
          { pattern: "TypeError: <*>", count: 4, sample: "TypeError" },
          { severity: "warning" },
        ),
      ];
    },
    playbook: "degraded-process",
    plan: [["restart", {}]],
    cause: /the process itself has gone bad/i,
  },
  {
    name: "latency spike: everything takes seconds",
    break: (world) => {
      world.failing["checkout"] = "slow";
      world.findings = [finding("latency", { p95Ms: 6_000, thresholdMs: 5_000 })];
    },
    playbook: "degraded-process",
    plan: [["restart", {}]],
    cause: /orders-db, partner answer/,
  },
  {
    name: "cpu spike: a loop without end",
    break: (world) => {
      world.use["checkout"] = { cpu: 0.99, memoryBytes: 100 * MB };
      world.signals.push(...metrics("cpu", [0.1, 0.1, 0.98, 0.99, 0.99, 0.99]));
      world.findings = [finding("cpu", { value: 0.99 })];
    },
    playbook: "cpu-runaway",
    plan: [["restart", {}]],
    cause: /CPU at 99 %/,
  },
  {
    name: "traffic: the load is real",
    break: (world) => {
      world.use["checkout"] = { cpu: 0.97, memoryBytes: 100 * MB };
      world.signals.push(...metrics("cpu", [0.3, 0.5, 0.9, 0.97]));
      world.signals.push(...requestLog("checkout", NOW - MINUTE, NOW, 90));
      world.findings = [finding("cpu", { value: 0.97 })];
    },
    playbook: "resource-saturation",
    plan: [["scale", { replicas: 2 }]],
    cause: /More work arrives/,
  },
  {
    name: "memory leak",
    break: (world) => {
      const grown = [100, 150, 210, 260, 300, 360, 420, 470].map((one) => one * MB);
      world.use["checkout"] = { cpu: 0.1, memoryBytes: 470 * MB, memoryLimitBytes: 512 * MB };
      world.signals.push(...metrics("memory-bytes", grown));
      world.findings = [finding("memory", { value: 0.92, limit: 512 * MB })];
    },
    playbook: "memory-leak",
    plan: [["restart", {}]],
    cause: /memory is growing/,
  },
  {
    name: "memory limit too low: killed soon after each start",
    break: (world) => {
      world.states["checkout"] = {
        status: "exited",
        exitCode: 137,
        oomKilled: true,
        startedAt: NOW - 40 * SECOND,
        finishedAt: NOW - 5 * SECOND,
      };
      world.signals.push({
        kind: "metric",
        service: "checkout",
        at: NOW - 10 * SECOND,
        name: "memory-bytes",
        value: 120 * MB,
        of: "service",
        limit: 128 * MB,
      });
      world.findings = [finding("oom-killed", { limitBytes: 128 * MB }, { since: NOW - 5 * SECOND })];
    },
    playbook: "oom-limit-too-low",
    plan: [
      ["set-memory-limit", { bytes: 192 * MB }],
      ["start", {}],
    ],
    cause: /limit 128 MB/,
  },
  {
    name: "bad config: the process does not start any more",
    break: (world) => {
      world.states["checkout"] = {
        status: "exited",
        exitCode: 1,
        startedAt: NOW - 20 * SECOND,
        finishedAt: NOW - 19 * SECOND,
      };
      world.failing["checkout"] = "refused";
      world.signals.push(changed(NOW - 30 * SECOND));
      world.signals.push(log("SyntaxError: Unexpected token } in config/app.json", NOW - 19 * SECOND));
      world.findings = [finding("exited", { exitCode: 1 }, { since: NOW - 19 * SECOND })];
    },
    playbook: "crash-after-bad-config",
    plan: [
      ["restore-files", { version: "good-1", paths: ["config/app.json"] }],
      ["restart", {}],
    ],
    cause: /config\/app\.json/,
  },
  {
    name: "rate limit: the partner answers 429",
    break: (world) => {
      world.signals.push(
        ...[1, 2, 3, 4, 5].map((n) =>
          log("upstream api.partner.example answered 429 Too Many Requests", NOW - n * SECOND),
        ),
      );
      world.findings = [
        finding("rate-limited", { host: "api.partner.example", count: 5 }),
        finding("error-rate", { rate: 0.3, samples: 100 }),
      ];
    },
    playbook: "rate-limited-by-upstream",
    plan: [
      ["edit-setting", { path: "config/app.json", pointer: "partner.delayMs", from: 800, to: 1_200 }],
      ["restart", {}],
    ],
    cause: /partner\.delayMs in config\/app\.json is 800, next 1200/,
  },
  {
    name: "time limit too short: calls are given up",
    break: (world) => {
      world.signals.push(
        ...[1, 2, 3, 4].map((n) => log("POST api.partner.example timed out after 1000 ms", NOW - n * SECOND)),
      );
      world.findings = [finding("error-rate", { rate: 0.4, samples: 50 })];
    },
    playbook: "timeout-too-short",
    plan: [
      ["edit-setting", { path: "config/app.json", pointer: "partner.timeoutMs", from: 1_000, to: 1_500 }],
      ["restart", {}],
    ],
    cause: /partner\.timeoutMs/,
  },
  {
    name: "pool too small: requests wait for a connection, and the database has nothing to do",
    break: (world) => {
      world.files["checkout"] = { "config/app.json": JSON.stringify({ db: { poolSize: 10, host: "db" } }) };
      world.signals.push(
        ...[1, 2, 3, 4].map((n) => log("QueuePool limit: pool exhausted after 250 ms", NOW - n * SECOND)),
      );
      world.findings = [finding("error-rate", { rate: 0.4, samples: 50 })];
    },
    playbook: "pool-too-small",
    plan: [
      ["edit-setting", { path: "config/app.json", pointer: "db.poolSize", from: 10, to: 15 }],
      ["restart", {}],
    ],
    cause: /db\.poolSize in config\/app\.json is 10, next 15/,
  },
  {
    name: "dependency killed: the database is gone",
    break: (world) => {
      world.states["orders-db"] = { status: "exited", exitCode: 137 };
      world.failing["orders-db"] = "refused";
      world.levels["orders-db"] = "critical";
      world.signals.push(
        ...[1, 2, 3].map((n) => log("connect ECONNREFUSED orders-db:5432", NOW - n * SECOND)),
      );
      world.findings = [
        finding("error-rate", { rate: 0.9, samples: 100 }),
        finding("dependency-down", { dependency: "orders-db" }),
      ];
    },
    playbook: "dependency-down",
    service: "orders-db",
    plan: null,
    noPlan: /lies with orders-db/,
    cause: /refused/,
  },
  {
    name: "partner down: nothing of ours runs there",
    break: (world) => {
      world.failing["partner"] = "timeout";
      world.levels["partner"] = "critical";
      world.signals.push(
        ...[1, 2, 3].map((n) => log("connect ETIMEDOUT api.partner.example", NOW - n * SECOND)),
      );
      world.findings = [finding("error-rate", { rate: 0.6, samples: 100 })];
    },
    playbook: "outside-service-down",
    service: "partner",
    plan: null,
    noPlan: /lies with partner/,
    cause: /not ours/,
  },
  {
    name: "container unhealthy by its own check",
    break: (world) => {
      world.states["checkout"] = { health: "unhealthy" };
      world.findings = [finding("unhealthy")];
    },
    playbook: "unhealthy-container",
    plan: [["restart", {}]],
    cause: /unhealthy/,
  },
  {
    name: "disk full",
    break: (world) => {
      world.host.disks = [{ mount: "/", used: 0.99 }];
      world.signals.push(log("ENOSPC: no space left on device, write", NOW - SECOND));
      world.findings = [finding("disk", { mount: "/", used: 0.99 })];
    },
    playbook: "disk-full",
    plan: null,
    noPlan: /human is needed: Make room/,
    cause: /\/ at 99 %/,
  },
];
