// The windows that failures of the machine, the network, roll-outs and settings leave, with the cause that an engineer on
// call would name. test/diagnosis/real-faults.test.ts makes those for real that can be made cheaply.
import type { FindingKind } from "../../domain/finding.ts";
import type { Signal } from "../../domain/signal.ts";
import type { ServiceState } from "../../tools/target.ts";
import { answered, askedAt } from "./machine-observation-cases.ts";
import { finding, log, metrics, MINUTE, NOW, outside, requestLog, SECOND, type World } from "./shop-world.ts";

export interface MachineFault {
  playbook: string;
  service?: string;
  break: (world: World) => void;
  /** Actions with their parameters; null: a human is told. */
  plan: [string, object][] | null;
  cause: RegExp;
}

const DAY = 86_400_000;
const CODE = (state: Partial<ServiceState>) => (world: World) => {
  world.states["checkout"] = {
    status: "exited",
    startedAt: NOW - 12 * SECOND,
    finishedAt: NOW - 10 * SECOND,
    ...state,
  };
  world.failing["checkout"] = "refused";
};
const diedAtStart = CODE({ exitCode: 1 });
const diedLater = (exitCode: number) =>
  CODE({ exitCode, startedAt: NOW - 60 * MINUTE, finishedAt: NOW - 5 * SECOND });

function found(world: World, kind: FindingKind, ...lines: string[]): void {
  world.signals.push(...lines.flatMap((text) => [1, 2, 3].map((n) => log(text, NOW - n * 3 * SECOND))));
  world.findings = [finding(kind, {}, { since: NOW - 10 * SECOND })];
}

const hostMetric = (value: number): Signal => ({
  ...(metrics("cpu", [value])[0] as Signal & { kind: "metric" }),
  of: "host",
});

const neverAnswered = answered("checkout", 4, SECOND, { ok: false });

/** What the machine lacks, all that runs on it lacks. */
const everybodySuffers = (world: World): void => {
  for (const { name } of world.services) world.levels[name] = "warning";
};

export const machineFaults: MachineFault[] = [
  {
    playbook: "bad-command",
    break: (world) => {
      CODE({ exitCode: 127 })(world);
      found(world, "exited", "sh: 1: shopp: command not found");
    },
    plan: null,
    cause: /was not found \(code 127\)/,
  },
  {
    playbook: "image-missing",
    break: (world) => {
      world.states["checkout"] = { status: "created", startError: "No such image: shop/checkout:2.1" };
      found(world, "exited");
    },
    plan: null,
    cause: /No such image: shop\/checkout:2\.1/,
  },
  {
    playbook: "container-missing",
    break: (world) => {
      world.states["checkout"] = { status: "absent", instance: "", replicas: 0 };
      found(world, "exited");
    },
    plan: null,
    cause: /nothing of its name/,
  },
  {
    playbook: "port-taken",
    break: (world) => {
      diedAtStart(world);
      askedAt(world, "http://127.0.0.1:8080/");
      world.machine.listeners[8_080] = { pid: 77, program: "nginx" };
      found(world, "exited", "Error: listen EADDRINUSE: address already in use 127.0.0.1:8080");
    },
    plan: null,
    cause: /held by nginx \(process 77\)/,
  },
  {
    playbook: "missing-variable",
    break: (world) => {
      diedAtStart(world);
      found(world, "exited", "environment variable SHOP_KEY is not set");
    },
    plan: null,
    cause: /SHOP_KEY is asked for and not set/,
  },
  {
    playbook: "crash-after-deploy",
    break: (world) => {
      diedAtStart(world);
      world.machine.changedAt["/srv/shop/shop.js"] = NOW - 2 * MINUTE;
      found(world, "exited", "TypeError: cart.total is not a function");
    },
    plan: null,
    cause: /shop\.js was written/,
  },
  {
    playbook: "native-crash",
    break: (world) => {
      diedLater(139)(world);
      found(world, "exited", "Segmentation fault (core dumped)");
    },
    plan: [["start", {}]],
    cause: /code 139/,
  },
  {
    playbook: "heap-exhausted",
    break: (world) => {
      diedLater(134)(world);
      found(
        world,
        "exited",
        "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory",
      );
    },
    plan: [["start", {}]],
    cause: /lines of heap/,
  },
  {
    playbook: "permission-denied",
    break: (world) => {
      world.machine.denied = ["/srv/shop/config/app.json"];
      found(world, "log-errors", "EACCES: permission denied, open '/srv/shop/config/app.json'");
    },
    plan: null,
    cause: /may not read \/srv\/shop\/config\/app\.json/,
  },
  {
    playbook: "read-only-file-system",
    break: (world) => {
      world.machine.volumes = [{ mount: "/srv", readOnly: true, used: 0.4, inodes: 0.1 }];
      found(world, "log-errors", "EROFS: read-only file system, open '/srv/shop/orders.log'");
    },
    plan: null,
    cause: /\/srv can only be read/,
  },
  {
    playbook: "volume-full",
    break: (world) => {
      world.machine.volumes = [{ mount: "/srv", readOnly: false, used: 1, inodes: 0.1 }];
      found(world, "log-errors", "ENOSPC: no space left on device, write");
    },
    plan: null,
    cause: /\/srv at 100 %/,
  },
  {
    playbook: "inodes-exhausted",
    break: (world) => {
      world.machine.volumes = [{ mount: "/srv", readOnly: false, used: 0.5, inodes: 1 }];
      found(world, "log-errors", "ENOSPC: no space left on device, open");
    },
    plan: null,
    cause: /100 % of the file entries of \/srv/,
  },
  {
    playbook: "file-descriptors-exhausted",
    break: (world) => {
      world.machine.allowances.openFiles = { used: 1_020, limit: 1_024 };
      found(world, "open-files", "accept: EMFILE: too many open files");
    },
    plan: [["restart", {}]],
    cause: /1020 of 1024 files and connections open/,
  },
  {
    playbook: "connection-leak",
    break: (world) => {
      world.machine.sockets = { established: 3, halfClosed: 240 };
      found(world, "error-rate");
    },
    plan: [["restart", {}]],
    cause: /240 connections closed by the other side only/,
  },
  {
    playbook: "threads-exhausted",
    break: (world) => {
      world.machine.allowances.threads = { used: 508, limit: 512 };
      found(world, "threads", "pthread_create: Resource temporarily unavailable (EAGAIN)");
    },
    plan: [["restart", {}]],
    cause: /508 of 512 threads/,
  },
  {
    playbook: "child-leak",
    break: (world) => {
      world.machine.allowances.zombies = 900;
      found(world, "zombies");
    },
    plan: [["restart", {}]],
    cause: /900 ended children/,
  },
  {
    playbook: "dns-failure",
    break: (world) => {
      world.machine.lost["api.partner.example"] = "unanswered";
      world.failing["partner"] = "dns";
      found(world, "error-rate", "getaddrinfo EAI_AGAIN api.partner.example");
    },
    plan: null,
    cause: /no name server answers/,
  },
  {
    playbook: "certificate-expired",
    break: (world) => {
      askedAt(world, "https://checkout.example/");
      world.failing["checkout"] = "tls";
      world.listening["checkout"] = true;
      world.machine.certificate = { startsAt: NOW - 90 * DAY, endsAt: NOW - DAY, refused: "expired" };
      found(world, "unreachable");
    },
    plan: null,
    cause: /its certificate ended 2026-03-10/,
  },
  {
    playbook: "certificate-refused",
    break: (world) => {
      askedAt(world, "https://checkout.example/");
      world.failing["checkout"] = "tls";
      world.listening["checkout"] = true;
      world.machine.certificate = { startsAt: 0, endsAt: NOW + 80 * DAY, refused: "self-signed certificate" };
      found(world, "unreachable");
    },
    plan: null,
    cause: /self-signed certificate/,
  },
  {
    playbook: "clock-skew",
    break: (world) => {
      world.signals.push(...answered("checkout", 4, SECOND, { ok: true, clockOffsetMs: 400_000 }));
      found(world, "error-rate", "jwt not active: token used before issued");
    },
    plan: null,
    cause: /its clock is 7 min from ours/,
  },
  {
    playbook: "unhealthy-after-deploy",
    break: (world) => {
      world.states["checkout"] = { startedAt: NOW - 90 * SECOND };
      world.machine.changedAt["/srv/shop/shop.js"] = NOW - 3 * MINUTE;
      world.failing["checkout"] = "status";
      world.signals.push(...neverAnswered);
      found(world, "error-rate", "TypeError: cart.total is not a function");
    },
    plan: null,
    cause: /rolled out shortly before/,
  },
  {
    playbook: "unreadable-settings",
    break: (world) => {
      diedAtStart(world);
      world.knownGood = {};
      world.files["checkout"] = { "config/app.json": '{"port": 8080,, }' };
      found(world, "exited", "SyntaxError: Unexpected token , in JSON at position 14");
    },
    plan: null,
    cause: /config\/app\.json: /,
  },
  {
    playbook: "missing-setting",
    break: (world) => {
      diedAtStart(world);
      world.knownGood = {};
      found(world, "exited", "invalid config: missing required setting partner.url");
    },
    plan: null,
    cause: /missing required setting partner\.url/,
  },
  {
    playbook: "wrong-address",
    break: (world) => {
      world.files["checkout"] = { "config/app.json": '{"mail": {"host": "mial.internal", "port": 25}}' };
      world.machine.lost["mial.internal"] = "unknown";
      found(world, "log-errors", "getaddrinfo ENOTFOUND mial.internal");
    },
    plan: null,
    cause: /mail\.host in config\/app\.json names mial\.internal:25/,
  },
  {
    playbook: "upstream-errors",
    service: "partner",
    break: (world) => {
      world.failing["partner"] = "status";
      world.machine.answers["partner"] = { status: 503 };
      world.levels["partner"] = "critical";
      found(world, "error-rate", "api.partner.example answered 503 Service Unavailable");
    },
    plan: null,
    cause: /answers 503/,
  },
  {
    playbook: "upstream-timeout",
    service: "partner",
    break: (world) => {
      world.failing["partner"] = "timeout";
      world.listening["partner"] = true;
      world.levels["partner"] = "critical";
      found(world, "error-rate", "POST api.partner.example timed out");
    },
    plan: null,
    cause: /does not answer in time/,
  },
  {
    playbook: "slow-dependency",
    service: "orders-db",
    break: (world) => {
      world.machine.answers["orders-db"] = { latencyMs: 1_400 };
      const probe = "http http://orders-db:8080/healthz";
      world.signals.push(...answered("orders-db", 10, 2 * MINUTE, { ok: true, latencyMs: 40, probe }));
      found(world, "latency");
    },
    plan: null,
    cause: /usually 40 ms/,
  },
  {
    playbook: "retry-storm",
    break: (world) => {
      world.files["checkout"] = { "config/app.json": '{"partner": {"maxRetries": 9}}' };
      world.signals.push(
        ...["checkout", "partner"].flatMap((service) =>
          [4, 3, 2, 1, 0].map(
            (n): Signal => ({
              kind: "metric",
              service,
              at: NOW - n * 20 * SECOND,
              name: "request-rate",
              value: service === "partner" && n < 2 ? 90 : 10,
              of: "service",
            }),
          ),
        ),
      );
      found(world, "error-rate", "retrying (attempt 7 of 9)", "retrying (attempt 8 of 9)");
      world.findings = [finding("error-rate", {}, { since: NOW - 30 * SECOND })];
    },
    plan: [
      ["edit-setting", { path: "config/app.json", pointer: "partner.maxRetries", from: 9, to: 6 }],
      ["restart", {}],
    ],
    cause: /9 times as many requests/,
  },
  {
    playbook: "network-down",
    break: (world) => {
      world.services.push(outside("mail"));
      world.failing["mail"] = "timeout";
      world.failing["partner"] = "timeout";
      world.levels["partner"] = "critical";
      found(world, "error-rate", "connect ENETUNREACH api.partner.example");
    },
    plan: null,
    cause: /100 % of what is outside fails/,
  },
  {
    playbook: "host-memory-short",
    break: (world) => {
      everybodySuffers(world);
      world.host.memory = 0.98;
      world.machine.pressure = { memory: 0.6 };
      world.signals.push(...metrics("memory-bytes", [100, 100, 101, 100, 100, 100, 101, 100]));
      found(world, "hung");
    },
    plan: null,
    cause: /memory at 98 %/,
  },
  {
    playbook: "host-cpu-short",
    break: (world) => {
      everybodySuffers(world);
      world.signals.push(hostMetric(0.99));
      found(world, "hung");
    },
    plan: null,
    cause: /CPU at 99 %/,
  },
  {
    playbook: "host-io-short",
    break: (world) => {
      everybodySuffers(world);
      world.machine.pressure = { io: 0.8 };
      found(world, "hung");
    },
    plan: null,
    cause: /80 % of the time/,
  },
  {
    playbook: "container-paused",
    break: (world) => {
      world.states["checkout"] = { status: "paused" };
      world.failing["checkout"] = "timeout";
      world.listening["checkout"] = true;
      found(world, "hung");
    },
    plan: null,
    cause: /paused/,
  },
  {
    playbook: "health-check-wrong",
    break: (world) => {
      world.states["checkout"] = { startedAt: NOW - 60 * SECOND };
      world.machine.answers["checkout"] = { status: 404 };
      world.failing["checkout"] = "status";
      world.signals.push(...neverAnswered, ...requestLog("checkout", NOW - MINUTE, NOW, 10));
      found(world, "error-rate");
    },
    plan: null,
    cause: /answers 404/,
  },
];
