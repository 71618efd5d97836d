// Observations of the machine, the network and the services around, by example.
import { expect } from "vitest";
import type { Signal } from "../../domain/signal.ts";
import type { PresentCommand } from "../../tools/target.ts";
import { MAIN_PID } from "./shop-machine.ts";
import type { Case } from "./observation-cases.ts";
import { finding, log, metrics, MINUTE, NOW, outside, SECOND, type World } from "./shop-world.ts";

const PORT = 8_080;
const DAY = 86_400_000;
/** That of the shop's world. */
const COMMAND = "sha256:command";
const UNKNOWN = expect.stringMatching(/^unknown/);

export function askedAt(world: World, url: string): void {
  const [checkout] = world.services;
  if (checkout === undefined) throw new Error("no checkout");
  world.services[0] = {
    ...checkout,
    health: [{ kind: "http", url, everyMs: 5_000, timeoutMs: 2_000, expect: {} }],
  };
}

const here = (world: World): void => askedAt(world, `http://127.0.0.1:${PORT}/`);

/** Answers of a service's health check, the last one `ageMs` ago. */
export function answered(
  service: string,
  count: number,
  ageMs: number,
  seen: { ok: boolean; latencyMs?: number; clockOffsetMs?: number; probe?: string },
): Signal[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: "probe",
    service,
    at: NOW - ageMs - (count - 1 - index) * 5 * SECOND,
    probe: "http",
    ...seen,
  }));
}

const requests = (service: string, before: number, after: number): Signal[] =>
  [before, before, before, after, after].map((value, index) => ({
    kind: "metric",
    service,
    at: NOW - 3 * MINUTE + index * 40 * SECOND,
    name: "request-rate",
    value,
    of: "service",
  }));

const young = (world: World): void => {
  world.states["checkout"] = {
    status: "exited",
    startedAt: NOW - 20 * SECOND,
    finishedAt: NOW - 10 * SECOND,
  };
};

const mayClear = (used: number) => (world: World) => {
  const [checkout] = world.services;
  if (checkout === undefined) throw new Error("no checkout");
  const rule = { kind: "logs" as const, root: "/srv/logs", glob: "*", olderThanMs: DAY };
  world.services[0] = { ...checkout, cleanUp: [rule] };
  world.clearable = {
    at: NOW,
    fileSystem: { dev: 1, bytes: 1_000_000, used, entries: 100, entriesUsed: 0.2 },
    items: [{ path: "/srv/logs/a.log", does: "empty", files: 1, bytes: 250_000 }],
    files: 1,
    inUse: { files: 0, bytes: 0 },
    space: 0.25,
    entries: 0,
  };
};

/**
 * A container with a full disk of its own, which it has under another name, and an owner who gives up what lies there. In
 * its tree of mounts everything else is its image's, and so is whatever has the name of a folder of this machine.
 */
const inContainer = (change: (world: World) => void) => (world: World) => {
  const [checkout] = world.services;
  if (checkout === undefined) throw new Error("no checkout");
  const cleanUp = [{ kind: "temporary" as const, root: "/mnt/shop/tmp", glob: "**", olderThanMs: DAY }];
  world.services[0] = { ...checkout, runtime: { kind: "docker", container: "checkout" }, cleanUp };
  world.mounts = [
    { Type: "bind", Source: "/mnt/shop", Destination: "/data", RW: true },
    { Type: "bind", Source: "/mnt/read", Destination: "/read", RW: false },
    { Type: "tmpfs", Source: "", Destination: "/run", RW: true },
  ];
  world.machine.volumes = [
    { mount: "/mnt/shop", readOnly: false, used: 1, inodes: 0.2, device: "7:1" },
    { mount: "/mnt/read", readOnly: true, used: 0.9, device: "7:2" },
    { mount: "/", readOnly: false, used: 0.4, inodes: 0.1, device: "8:1" },
  ];
  world.machine.inside = [
    { mount: "/data", readOnly: false, used: 1, inodes: 0.2, device: "7:1" },
    { mount: "/read", readOnly: true, used: 0.9, device: "7:2" },
    { mount: "/run", readOnly: false, used: 0.1, device: "0:9" },
    { mount: "/", readOnly: false, used: 0.4, inodes: 0.1, device: "0:7" },
  ];
  change(world);
};

const [GOOD, BAD] = [`sha256:${"a".repeat(64)}`, `sha256:${"b".repeat(64)}`];
const mayRemove = (used: number) => (world: World) => {
  const [checkout] = world.services;
  if (checkout === undefined) throw new Error("no checkout");
  world.services[0] = { ...checkout, cleanUpImages: { olderThanMs: DAY } };
  world.unusedImages = {
    list: () => Promise.resolve([{ id: BAD, tags: ["shop:0"], bytes: 300_000 }]),
    root: () => Promise.resolve(undefined),
    fileSystem: () => Promise.resolve({ dev: 1, bytes: 1_000_000, used, entries: 100, entriesUsed: 0.2 }),
  };
};
const ENDED = "c".repeat(64);
const mayRemoveContainers = (used: number) => (world: World) => {
  const [checkout] = world.services;
  if (checkout === undefined) throw new Error("no checkout");
  world.services[0] = { ...checkout, cleanUpContainers: { olderThanMs: DAY } };
  world.stoppedContainers = {
    list: () =>
      Promise.resolve({
        due: [{ id: ENDED, name: "import-1", endedAt: NOW - 2 * DAY, bytes: 200_000 }],
        stay: [{ name: "import-2", why: "files of its image were removed in it" }],
      }),
    fileSystem: () => Promise.resolve({ dev: 1, bytes: 1_000_000, used, entries: 100, entriesUsed: 0.2 }),
  };
};
const rolledOut = (now: string, there: string[]) => (world: World) => {
  world.images = { good: { id: GOOD, name: "shop:1", at: NOW - DAY }, now, there };
};

const startedBy =
  (now: Partial<PresentCommand>, known: string[] = []) =>
  (world: World) => {
    world.commands = { good: { id: GOOD, shown: "node shop.js", at: NOW - DAY }, now, known };
  };
const NO_FILE = "unknown: no file of its command can be seen";

export const machineCases: Case[] = [
  ["clearable-space", {}, () => {}, "unknown: cleanUp of the service gives nothing up"],
  [
    "clearable-space",
    {},
    mayClear(0.98),
    {
      value: 0.25,
      at: NOW,
      items: [{ path: "/srv/logs/a.log", does: "empty", files: 1, bytes: 250_000 }],
    },
  ],
  ["clearable-space", {}, mayClear(0.5), 0],
  ["clearable-space", { of: "entries" }, mayClear(0.98), 0],
  ["removable-images", {}, () => {}, "unknown: cleanUp of the service gives no images up"],
  ["removable-images", {}, mayRemove(0.5), 0],
  [
    "removable-images",
    {},
    mayRemove(0.97),
    { value: 0.3, at: NOW, images: [{ id: BAD, name: "shop:0", bytes: 300_000 }] },
  ],
  ["removable-containers", {}, () => {}, "unknown: cleanUp of the service gives no containers up"],
  ["removable-containers", {}, mayRemoveContainers(0.5), 0],
  [
    "removable-containers",
    {},
    mayRemoveContainers(0.97),
    { value: 0.2, at: NOW, containers: [{ id: ENDED, name: "import-1", bytes: 200_000 }] },
  ],
  ["good-image", {}, () => {}, UNKNOWN],
  ["good-image", {}, rolledOut(GOOD, [GOOD]), null],
  ["good-image", {}, rolledOut(BAD, [BAD]), null],
  [
    "good-image",
    {},
    rolledOut(BAD, [GOOD, BAD]),
    { value: "shop:1", from: BAD, to: GOOD, fromCommand: COMMAND, toCommand: COMMAND },
  ],
  ["good-command", {}, () => {}, "unknown: no command is known with which it was well"],
  ["good-command", {}, startedBy({ id: GOOD }, [GOOD]), null],
  ["good-command", {}, startedBy({ id: BAD }, [BAD]), null],
  ["good-command", {}, startedBy({ id: BAD }, [GOOD, BAD]), { value: "node shop.js", from: BAD, to: GOOD }],
  [
    "deployed",
    {},
    startedBy({ id: BAD, shown: "node shop.js -x", since: NOW - MINUTE, replaced: GOOD }),
    { value: "command", command: "node shop.js -x", at: NOW - MINUTE },
  ],
  ["deployed", {}, startedBy({ id: BAD, since: NOW - MINUTE }), NO_FILE],
  ["deployed", {}, startedBy({ id: BAD, since: NOW - 60 * MINUTE, replaced: GOOD }), NO_FILE],
  ["deployed", {}, startedBy({ id: GOOD, since: NOW - MINUTE, replaced: BAD }), NO_FILE],
  ["port-holder", {}, () => {}, "unknown: it is not asked at an address of this machine"],
  ["port-holder", {}, here, "nobody"],
  [
    "port-holder",
    {},
    (one) => {
      here(one);
      one.machine.listeners[PORT] = { pid: MAIN_PID, program: "node" };
    },
    expect.objectContaining({ value: "own" }),
  ],
  [
    "port-holder",
    {},
    (one) => {
      here(one);
      one.machine.listeners[PORT] = { pid: 99, program: "nginx" };
    },
    { value: "other", pid: 99, program: "nginx", port: PORT },
  ],
  [
    "port-holder",
    {},
    (one) => {
      here(one);
      one.states["checkout"] = { status: "exited" };
      one.machine.listeners[PORT] = {};
    },
    expect.objectContaining({ value: "other", pid: null }),
  ],
  ["open-files-now", {}, () => {}, expect.objectContaining({ used: 40, limit: 1_024 })],
  [
    "open-files-now",
    {},
    (one) => {
      one.states["checkout"] = { status: "exited" };
      one.signals.push({ ...(metrics("cpu", [0.97])[0] as Signal & { kind: "metric" }), name: "open-files" });
    },
    0.97,
  ],
  ["threads-now", {}, () => {}, expect.objectContaining({ used: 12 })],
  ["zombies-now", {}, (one) => (one.machine.allowances.zombies = 70), 70],
  ["zombies-now", {}, (one) => (one.states["checkout"] = { status: "exited" }), UNKNOWN],
  [
    "half-closed",
    {},
    (one) => (one.machine.sockets = { established: 9, halfClosed: 80 }),
    { value: 80, established: 9 },
  ],
  ["half-closed", {}, (one) => (one.states["checkout"] = { status: "exited" }), UNKNOWN],
  ["volume-use", {}, () => {}, { value: 0.3, mount: "/srv" }],
  ["volume-inodes", {}, () => {}, { value: 0.1, mount: "/srv" }],
  ["volume-read-only", {}, () => {}, null],
  [
    "volume-read-only",
    {},
    (one) => (one.machine.volumes = [{ mount: "/srv/shop", readOnly: true, used: 0.2 }]),
    "/srv/shop",
  ],
  ["volume-use", {}, inContainer(() => {}), { value: 1, mount: "/mnt/shop" }],
  ["volume-inodes", {}, inContainer(() => {}), { value: 0.2, mount: "/mnt/shop" }],
  ["volume-read-only", {}, inContainer(() => {}), null],
  [
    "volume-read-only",
    {},
    inContainer(({ machine }) => {
      for (const one of machine.inside ?? []) one.readOnly = true;
    }),
    "/mnt/shop",
  ],
  [
    "volume-use",
    {},
    inContainer((one) => (one.states["checkout"] = { status: "exited" })),
    { value: 1, mount: "/mnt/shop" },
  ],
  // Its own folder in memory is no folder of this machine; what somebody else keeps under its name here is not its disk.
  [
    "volume-use",
    {},
    inContainer(({ machine }) => {
      for (const one of machine.inside ?? []) one.used = one.mount === "/run" ? 0.99 : 0.3;
      for (const one of machine.volumes) one.used = 0.3;
      machine.volumes.unshift({ mount: "/data", readOnly: false, used: 1, device: "9:9" });
    }),
    { value: 0.99, mount: "/run" },
  ],
  ["files-denied", {}, () => {}, null],
  [
    "files-denied",
    {},
    (one) => (one.machine.denied = ["/srv/shop/config/app.json"]),
    { value: "/srv/shop/config/app.json", what: "read" },
  ],
  ["files-denied", {}, (one) => (one.states["checkout"] = { status: "exited" }), UNKNOWN],
  ["names-resolve", {}, () => {}, "ok"],
  [
    "names-resolve",
    {},
    (one) => (one.machine.lost["api.partner.example"] = "unknown"),
    { value: "unknown", host: "api.partner.example" },
  ],
  ["certificate-days", {}, () => {}, "unknown: it is not asked over https"],
  [
    "certificate-days",
    {},
    (one) => {
      askedAt(one, "https://checkout.example/");
      one.machine.certificate = { startsAt: NOW - 90 * DAY, endsAt: NOW - 2 * DAY };
    },
    expect.objectContaining({ value: -2 }),
  ],
  [
    "certificate-refused",
    {},
    (one) => {
      askedAt(one, "https://checkout.example/");
      one.machine.certificate = { startsAt: 0, endsAt: NOW + DAY, refused: "self-signed certificate" };
    },
    "self-signed certificate",
  ],
  ["clock-offset", {}, () => {}, "unknown: no answer told the time"],
  [
    "clock-offset",
    {},
    (one) => one.signals.push(...answered("checkout", 1, SECOND, { ok: true, clockOffsetMs: -90_000 })),
    90_000,
  ],
  [
    "own-clock-offset",
    {},
    (one) =>
      one.signals.push(
        ...["orders-db", "search"].flatMap((name) =>
          answered(name, 1, SECOND, { ok: true, clockOffsetMs: 400 }),
        ),
      ),
    400,
  ],
  ["deployed", {}, (one) => (one.machine.changedAt["/srv/shop/shop.js"] = NOW - 60 * MINUTE), null],
  [
    "deployed",
    {},
    (one) => (one.machine.changedAt["/srv/shop/shop.js"] = NOW - 5 * MINUTE),
    expect.objectContaining({ value: "program", path: "/srv/shop/shop.js" }),
  ],
  // A file that the program is given may be one that it writes; its interpreter is many programs' own.
  [
    "deployed",
    {},
    (one) => {
      const [shop] = one.services;
      if (shop?.runtime?.kind !== "process") throw new Error("the shop is a process");
      one.services[0] = {
        ...shop,
        runtime: { ...shop.runtime, command: ["/bin/node", "shop.js", "/srv/orders"] },
      };
      const times = { "/bin/node": NOW, "/srv/orders": NOW, "/srv/shop/shop.js": NOW - 60 * MINUTE };
      Object.assign(one.machine.changedAt, times);
    },
    null,
  ],
  ["deployed", {}, () => {}, NO_FILE],
  [
    "deployed",
    {},
    (one) => {
      const [shop] = one.services;
      if (shop?.runtime?.kind !== "process") throw new Error("the shop is a process");
      one.services[0] = {
        ...shop,
        runtime: { ...shop.runtime, command: ["/opt/node/bin/node", "-e", "setInterval(() => {}, 1)"] },
      };
      one.machine.changedAt["/opt/node/bin/node"] = NOW - 5 * MINUTE;
    },
    null,
  ],
  ["never-well", {}, () => {}, false],
  // It ran for ten seconds, and nobody asked it meanwhile; that it does not answer afterwards says nothing.
  ["never-well", {}, young, "unknown: it was not asked while it ran"],
  [
    "never-well",
    {},
    (one) => {
      young(one);
      one.signals.push(...answered("checkout", 1, 5 * SECOND, { ok: false }));
    },
    "unknown: it was not asked while it ran",
  ],
  [
    "never-well",
    {},
    (one) => {
      young(one);
      one.signals.push(...answered("checkout", 1, 15 * SECOND, { ok: false }));
    },
    true,
  ],
  [
    "never-well",
    {},
    (one) => {
      one.states["checkout"] = {
        status: "exited",
        startedAt: NOW - 20 * SECOND,
        finishedAt: NOW - 19 * SECOND,
        exitCode: 1,
      };
    },
    true,
  ],
  [
    "never-well",
    {},
    (one) => {
      one.states["checkout"] = {
        status: "exited",
        startedAt: NOW - 20 * SECOND,
        finishedAt: NOW - 19 * SECOND,
        exitCode: 137,
      };
    },
    "unknown: it was not asked while it ran",
  ],
  [
    "never-well",
    {},
    (one) => {
      young(one);
      one.signals.push(...answered("checkout", 1, 15 * SECOND, { ok: true }));
    },
    false,
  ],
  ["start-error", {}, () => {}, null],
  [
    "start-error",
    {},
    (one) => (one.states["checkout"] = { status: "exited", exitCode: 127 }),
    { value: "command", exitCode: 127 },
  ],
  [
    "start-error",
    {},
    (one) =>
      (one.states["checkout"] = {
        status: "created",
        startError: "driver failed: Bind for 0.0.0.0:80 failed: port is already allocated",
      }),
    { value: "port" },
  ],
  [
    "start-error",
    {},
    (one) =>
      (one.states["checkout"] = {
        status: "created",
        startError: 'exec: "shopp": executable file not found',
      }),
    { value: "command" },
  ],
  ["same-instance", {}, () => {}, "unknown: no instance was seen"],
  [
    "same-instance",
    {},
    (one) =>
      one.signals.push({
        kind: "state",
        service: "checkout",
        at: NOW,
        status: "running",
        health: "none",
        instance: "0",
        oomKilled: false,
        restartCount: 0,
        stoppedByOperator: false,
        replicas: 1,
      }),
    false,
  ],
  ["missing-variable", {}, () => {}, null],
  [
    "missing-variable",
    {},
    (one) => one.signals.push(log("Error: environment variable SHOP_KEY is not set", NOW)),
    { value: "SHOP_KEY", missing: true },
  ],
  [
    "missing-variable",
    {},
    (one) => {
      one.files["checkout"] = { ".env": "SHOP_KEY=1\n" };
      one.signals.push(log("environment variable SHOP_KEY is not set", NOW));
    },
    null,
  ],
  ["settings-readable", {}, () => {}, null],
  [
    "settings-readable",
    {},
    (one) => (one.files["checkout"] = { "config/app.json": '{"port": 8080,, }' }),
    { value: "config/app.json" },
  ],
  ["setting-addresses", {}, () => {}, "unknown: its settings hold no address"],
  [
    "setting-addresses",
    {},
    (one) => (one.files["checkout"] = { "app.json": '{"api": "http://127.0.0.1:9/x"}' }),
    "ok",
  ],
  [
    "setting-addresses",
    {},
    (one) => {
      one.files["checkout"] = { "app.json": '{"db": {"host": "nowhere.example", "port": 5432}}' };
      one.machine.lost["nowhere.example"] = "unknown";
    },
    { value: "unknown-host", path: "app.json", pointer: "db.host", host: "nowhere.example", port: 5_432 },
  ],
  ["host-cpu", {}, () => {}, "unknown: no machine is watched"],
  [
    "host-cpu",
    {},
    (one) => one.signals.push({ ...(metrics("cpu", [0.95])[0] as Signal & { kind: "metric" }), of: "host" }),
    0.95,
  ],
  ["memory-pressure", {}, (one) => (one.machine.pressure = { memory: 0.4 }), 0.4],
  ["io-pressure", {}, (one) => (one.machine.pressure = {}), UNKNOWN],
  ["swap-use", {}, (one) => (one.machine.pressure = { swap: 0.5 }), 0.5],
  ["answer-status", {}, () => {}, "unknown: no HTTP status was answered"],
  ["answer-status", {}, (one) => (one.machine.answers["checkout"] = { status: 503 }), 503],
  ["slower-than-before", {}, () => {}, "unknown: it was not asked often enough before"],
  [
    "slower-than-before",
    {},
    (one) => {
      one.machine.answers["checkout"] = { latencyMs: 900 };
      const probe = "http http://checkout:8080/healthz";
      one.signals.push(...answered("checkout", 8, 2 * MINUTE, { ok: true, latencyMs: 150, probe }));
    },
    6,
  ],
  // Four times as long as before, and still nothing that anybody waits for.
  [
    "slower-than-before",
    {},
    (one) => {
      one.machine.answers["checkout"] = { latencyMs: 60 };
      const probe = "http http://checkout:8080/healthz";
      one.signals.push(...answered("checkout", 8, 2 * MINUTE, { ok: true, latencyMs: 14, probe }));
    },
    0.6,
  ],
  ["dependency-slower", {}, () => {}, "unknown: none was asked before"],
  [
    "deployed",
    { unlessWell: true },
    (one) => (one.machine.changedAt["/srv/shop/shop.js"] = NOW - 5 * MINUTE),
    null,
  ],
  ["outside-failing", {}, () => {}, "unknown: fewer than two services outside are watched"],
  [
    "outside-failing",
    {},
    (one) => {
      one.services.push(outside("mail"));
      one.failing["mail"] = "timeout";
    },
    { value: 0.5, caller: "checkout" },
  ],
  ["calls-per-request", {}, () => {}, UNKNOWN],
  [
    "calls-per-request",
    {},
    (one) => {
      one.findings = [finding("error-rate", {}, { since: NOW - 90 * SECOND })];
      one.signals.push(...requests("checkout", 10, 10), ...requests("partner", 10, 45));
    },
    4.5,
  ],
];
