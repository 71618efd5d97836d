// Each symptom is found, by the detector and through all the rules between them.
import { describe, expect, it } from "vitest";
import { findingSchema } from "../../domain/finding.ts";
import {
  detect,
  event,
  failed,
  kinds,
  log,
  metric,
  now,
  ok,
  page,
  series,
  state,
  status500,
} from "./view.ts";

const down = { status: "exited", exitCode: 1, finishedAt: now - 2_000 } as const;

const sign = (code: number, text: string) =>
  detect([log(2_500, text), state(0, { ...down, exitCode: code })])[0]?.signature;

const made = (agoMs: number) =>
  state(0, { status: "created", stoppedByOperator: true, createdAt: now - agoMs });
const paused = (ago: number) => state(ago, { status: "paused" });

const scraped = (rate: number, perSecond: number) =>
  series(4, 5_000, (ago) => [metric(ago, "request-rate", perSecond), metric(ago, "error-rate", rate)]).flat();

describe("a service that does not run", () => {
  it("has exited, with its code and last words", () => {
    const words = "Error: Cannot read config/web.json: invalid value for cacheTtlMs";
    const [finding, ...rest] = detect([
      log(2_500, words),
      failed(500, "refused"),
      failed(100, "refused"),
      state(0, down),
    ]);
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      kind: "exited",
      severity: "critical",
      since: now - 2_000,
      facts: {
        exitCode: 1,
        status: "exited",
        pattern: "configuration",
        lastWords: words,
      },
    });
    expect(findingSchema.parse(finding)).toEqual(finding);
  });

  it("has exited when its end was announced after the last look", () => {
    expect(kinds([state(1_000), event(200, "die", { exitCode: 139 })])).toEqual(["exited critical"]);
    expect(kinds([state(1_000), event(200, "die"), event(100, "start")])).toEqual([]);
  });

  it.each(["absent", "created", "restarting"] as const)("is missed when it is %s", (status) => {
    expect(kinds([state(0, { status })])).toEqual(["exited critical"]);
  });

  it("is only a warning where a program without checks ended well", () => {
    expect(kinds([state(0, { status: "exited", exitCode: 0 })], { service: { health: [] } })).toEqual([
      "exited warning",
    ]);
    expect(kinds([state(0, { status: "exited", exitCode: 0 })])).toEqual(["exited critical"]);
  });

  it("is left alone where its operator stopped it", () => {
    const stopped = state(0, { ...down, stoppedByOperator: true });
    expect(kinds([failed(500, "refused"), failed(100, "refused"), stopped])).toEqual([
      "stopped-by-operator info",
    ]);
  });

  it("is told after a while where it was made and never started", () => {
    expect(kinds([made(60_000)])).toEqual(["stopped-by-operator info"]);
    expect(kinds([failed(100, "refused"), made(400_000)])).toEqual(["stopped-by-operator warning"]);
    expect(detect([made(400_000)])[0]?.summary).toBe(
      "shop was made 400 s ago and was never started; it is left alone.",
    );
  });

  it("is told where it stays paused, though nobody asks it anything", () => {
    const unasked = { service: { health: [] } };
    expect(kinds([paused(12_000), paused(0)], unasked)).toEqual(["hung critical"]);
    expect(kinds([paused(4_000), paused(0)], unasked), "a backup pauses it for a moment").toEqual([]);
    expect(kinds([paused(12_000), state(6_000), paused(0)], unasked)).toEqual([]);
  });

  it("has one signature for each exit code, whether its last words have arrived or not", () => {
    const first = sign(1, "TypeError: cannot charge order 81 of 10.0.0.7");
    expect(sign(1, "TypeError: cannot charge order 4711 of 10.0.0.9")).toBe(first);
    expect(sign(1, "nothing to tell")).toBe(first);
    expect(sign(2, "TypeError: cannot charge order 81 of 10.0.0.7")).not.toBe(first);
  });

  it("was killed for its memory only where the runtime says so", () => {
    const killed = { ...down, exitCode: 137 };
    expect(kinds([state(0, { ...killed, oomKilled: true })])).toEqual(["oom-killed critical"]);
    expect(kinds([state(0, killed)])).toEqual(["exited critical"]);
    expect(kinds([event(20_000, "oom"), state(0)])).toEqual(["oom-killed warning"]);
  });
});

describe("a crash loop", () => {
  it("is three ends in two minutes, also while it is up for a moment", () => {
    const ends = series(3, 15_000, (ago) => event(ago + 3_000, "die", { exitCode: 1 }));
    const [finding] = detect([...ends, state(0, { startedAt: now - 2_000 })]);
    expect(finding).toMatchObject({
      kind: "crash-loop",
      severity: "critical",
      facts: { starts: 3, exitCode: 1 },
    });
    expect(kinds([...ends, state(0, down)])).toEqual(["crash-loop critical"]);
  });

  it("is seen in the runtime's restart count, and in instances that follow each other", () => {
    const counted = series(4, 10_000, (ago, index) =>
      state(ago, { restartCount: 5 + index, startedAt: now - ago - 900 }),
    );
    expect(kinds(counted)).toEqual(["crash-loop critical"]);
    const instances = series(4, 8_000, (ago, index) =>
      state(ago, { instance: `${index}`, startedAt: now - ago - 900 }),
    );
    expect(kinds(instances)).toEqual(["crash-loop critical"]);
  });

  it("is none when somebody asked for the restarts, when it is long ago, or when the service lives on", () => {
    const asked = series(3, 20_000, (ago) => [
      event(ago + 1_100, "kill"),
      event(ago + 1_000, "die", { exitCode: 137 }),
      event(ago + 900, "start"),
    ]).flat();
    expect(kinds([...asked, state(0, { startedAt: now - 900 })])).toEqual([]);
    const supervised = series(3, 20_000, (ago, index) => [
      event(ago + 1_000, "stop", { instance: `${index}` }),
      event(ago + 900, "start", { instance: `${index + 1}` }),
      state(ago + 800, { restartCount: index + 1, instance: `${index + 1}`, startedAt: now - ago - 900 }),
    ]).flat();
    expect(kinds([...supervised, state(0, { restartCount: 3, startedAt: now - 900 })])).toEqual([]);
    const announcedTwice = [61_000, 60_500, 21_000, 20_500].map((ago) =>
      event(ago, "die", { exitCode: 78, instance: ago > 30_000 ? "a" : "b" }),
    );
    const young = state(0, { startedAt: now - 9_100 });
    expect(kinds([...announcedTwice, event(60_000, "start", { instance: "b" }), young])).toEqual([]);
    const sameContainer = [30_000, 20_000, 10_000].flatMap((ago) => [
      event(ago, "die", { exitCode: 1, instance: "a" }),
      event(ago - 900, "start", { instance: "a" }),
    ]);
    expect(kinds([...sameContainer, young])).toEqual(["crash-loop critical"]);
    // Healed twice by a restart, one of them by force: as plain processes announce it.
    const healed = [
      event(61_000, "die", { exitCode: 1 }),
      event(60_000, "start"),
      event(21_000, "die", { exitCode: 137 }),
      event(20_900, "start"),
    ];
    const counted = series(4, 20_000, (ago, index) =>
      state(ago, { restartCount: index, instance: `${index}`, startedAt: now - ago - 900 }),
    );
    const process = { kind: "process", command: ["shop"], cwd: "/", env: {} } as const;
    expect(kinds([...healed, ...counted], { service: { runtime: process } })).toEqual([]);
    const old = series(4, 10_000, (ago) => event(ago + 130_000, "die", { exitCode: 1 }));
    expect(kinds([...old, state(0)])).toEqual([]);
    const early = series(4, 2_000, (ago) => event(ago + 60_000, "die", { exitCode: 1 }));
    expect(kinds([...early, state(0, { startedAt: now - 59_000 })])).toEqual([]);
  });
});

describe("a service that runs but does not answer", () => {
  const silent = [failed(4_000, "timeout"), failed(0, "timeout"), state(0)];

  it("hangs after two silent checks in a row", () => {
    expect(kinds(silent)).toEqual(["hung critical"]);
  });

  it("hangs even where the kernel still accepts connections, or it is paused", () => {
    const accepted = { ...ok(100), probe: "tcp 127.0.0.1:8081" };
    expect(kinds([...silent, accepted])).toEqual(["hung critical"]);
    expect(kinds([...silent, state(0, { status: "paused" })])).toEqual(["hung critical"]);
  });

  it("hides what follows from it", () => {
    const spinning = series(4, 5_000, (ago) => metric(ago, "cpu", 1));
    const [finding, ...rest] = detect([...silent, ...spinning, state(0, { health: "unhealthy" })]);
    expect(rest).toEqual([]);
    expect(finding?.facts["standsFor"]).toEqual(["unhealthy", "cpu"]);
  });

  it("is late rather than stuck where another check is answered", () => {
    const late = series(3, 2_000, (ago) =>
      failed(ago, "timeout", { probe: "http http://127.0.0.1:8081/checkout" }),
    );
    expect(kinds([...late, ok(0), state(0)])).toEqual(["latency critical"]);
  });

  it("cannot be reached where nothing listens, or where it is not ours", () => {
    const refused = [failed(4_000, "refused"), failed(0, "refused")];
    expect(detect([...refused, state(0)])[0]).toMatchObject({
      kind: "unreachable",
      facts: { running: true },
    });
    const { runtime: _ours, ...elsewhere } = { runtime: undefined, dependsOn: [] };
    const outside = { service: elsewhere as object };
    expect(kinds([failed(4_000, "timeout"), failed(0, "timeout")], outside)).toEqual([
      "unreachable critical",
    ]);
    expect(kinds(refused, outside)).toEqual(["unreachable critical"]);
  });

  it("is a database that refuses us", () => {
    const database = { kind: "postgres", url: "postgres://127.0.0.1/shop", protectRoles: [] } as const;
    const full = series(2, 5_000, (ago) =>
      failed(ago, "too-many-connections", { probe: "postgres 127.0.0.1/shop" }),
    );
    expect(kinds([...full, state(0)], { service: { database, health: [] } })).toEqual([
      "connections critical",
    ]);
    const loading = series(3, 5_000, (ago) => failed(ago, "loading", { probe: "redis 127.0.0.1:6379" }));
    expect(kinds([...loading, state(0)], { service: { database, health: [] } })).toEqual([
      "unreachable info",
    ]);
  });

  it("is unhealthy by its container's word, or by a command of the configuration", () => {
    expect(kinds([ok(0), state(0, { health: "unhealthy" })])).toEqual(["unhealthy critical"]);
    expect(kinds([ok(100), state(50), event(10, "unhealthy")])).toEqual(["unhealthy critical"]);
    expect(
      kinds([state(0), ...series(3, 5_000, (ago) => failed(ago, "exit", { probe: "exec check" }))]),
    ).toEqual(["unhealthy critical"]);
  });
});

describe("a service that answers badly", () => {
  const checkout = "http http://127.0.0.1:8081/checkout";

  it("has an error rate by its checks, though another check is fine", () => {
    const mixed = series(10, 2_000, (ago, index) =>
      index % 5 < 3 ? status500(ago, checkout) : ok(ago, 9, checkout),
    );
    const [finding, ...rest] = detect([...mixed, ...series(10, 2_000, (ago) => ok(ago)), state(0)]);
    expect(rest).toEqual([]);
    expect(finding).toMatchObject({
      kind: "error-rate",
      severity: "critical",
      facts: { rate: 0.6, source: "checks" },
    });
  });

  it("needs no statistics where every answer is an error", () => {
    expect(kinds([...series(3, 2_000, (ago) => status500(ago)), state(0)])).toEqual(["error-rate critical"]);
    const wellBefore = series(30, 1_000, (ago) => ok(ago + 3_000));
    expect(kinds([...wellBefore, ...series(3, 1_000, (ago) => status500(ago)), state(0)])).toEqual([
      "error-rate critical",
    ]);
    expect(kinds([...wellBefore, ...series(3, 200, (ago) => status500(ago)), state(0)])).toEqual([]);
  });

  it("has an error rate by its access log", () => {
    const lines = series(20, 1_000, (ago, index) =>
      log(ago, `GET /checkout ${index % 4 === 0 ? 500 : 200} 12ms`, "info"),
    );
    expect(kinds([...lines, state(0)])).toEqual(["error-rate critical"]);
    const few = series(20, 1_000, (ago, index) =>
      log(ago, `GET /checkout ${index === 15 ? 500 : 200} 12ms`, "info"),
    );
    expect(kinds([...few, state(0)])).toEqual([]);
  });

  it("has an error rate by its metrics, weighted by its requests", () => {
    expect(kinds([...scraped(0.5, 10), state(0)])).toEqual(["error-rate critical"]);
    expect(kinds([...scraped(0.17, 10), state(0)])).toEqual(["error-rate warning"]);
    expect(kinds([...scraped(0.5, 0.1), state(0)])).toEqual([]);
  });

  it("is over when the latest answers are good, and forgotten after a restart", () => {
    const bad = series(6, 2_000, (ago) => status500(ago + 12_000));
    expect(kinds([...bad, ...series(5, 2_000, (ago) => ok(ago)), state(0)])).toEqual([]);
    const restarted = state(0, { startedAt: now - 11_000, instance: "two" });
    expect(kinds([...series(6, 2_000, (ago) => status500(ago + 12_000)), ok(500), restarted])).toEqual([]);
  });

  it("is slow when several answers in a row are, by checks and by log", () => {
    expect(kinds([...series(3, 5_000, (ago) => ok(ago, 5_600)), state(0)])).toEqual(["latency critical"]);
    expect(kinds([...series(3, 5_000, (ago) => ok(ago, 4_200)), state(0)])).toEqual(["latency warning"]);
    const own = {
      service: {
        health: [
          {
            kind: "http",
            url: "http://127.0.0.1:8081/healthz",
            everyMs: 1,
            timeoutMs: 2_000,
            expect: { maxMs: 500 },
          },
        ] as const,
      },
    };
    expect(
      kinds([...series(3, 5_000, (ago) => failed(ago, "slow", { latencyMs: 900 })), state(0)], own),
    ).toEqual(["latency critical"]);
    const lines = series(12, 1_000, (ago) => log(ago, "GET /report 200 6100ms", "info"));
    expect(kinds([...lines, state(0)])).toEqual(["latency critical"]);
  });
});

describe("a service that uses too much", () => {
  it("is seen in its CPU and memory when it lasts", () => {
    expect(kinds([...series(3, 5_000, (ago) => metric(ago, "cpu", 0.97)), state(0)])).toEqual([
      "cpu critical",
    ]);
    expect(kinds([...series(2, 12_000, (ago) => metric(ago, "cpu", 0.97)), state(0)])).toEqual([
      "cpu critical",
    ]);
    expect(kinds([...series(3, 5_000, (ago) => metric(ago, "cpu", 0.75)), state(0)])).toEqual([
      "cpu warning",
    ]);
    expect(kinds([...series(3, 5_000, (ago) => metric(ago, "memory", 0.93)), state(0)])).toEqual([
      "memory critical",
    ]);
  });

  it("is warned of memory that grows, and merely noted when it stays", () => {
    const growing = series(7, 5_000, (ago, index) => metric(ago, "memory", 0.55 + index * 0.05));
    expect(kinds([...growing, state(0)])).toEqual(["memory warning"]);
    expect(kinds([...series(6, 5_000, (ago) => metric(ago, "memory", 0.75)), state(0)])).toEqual([
      "memory info",
    ]);
  });

  it("has a full disk only where it keeps something there", () => {
    const full = series(3, 5_000, (ago) => metric(ago, "disk", 0.97, "/"));
    const files = { root: "/srv/shop", editable: ["config/**"], afterEdit: "restart" } as const;
    expect(kinds([...full, state(0)], { service: { files } })).toEqual(["disk critical"]);
    expect(kinds([...full, state(0)])).toEqual([]);
  });
});

describe("a service whose log tells", () => {
  it("has a burst of known errors", () => {
    const lines = series(8, 2_000, (ago) => log(ago, "TypeError: Cannot read properties of undefined"));
    expect(detect([...lines, state(0)])[0]).toMatchObject({
      kind: "log-errors",
      severity: "warning",
      facts: { pattern: "exception", count: 8 },
    });
    expect(kinds([...lines.slice(0, 7), state(0)])).toEqual([]);
    const full = series(2, 2_000, (ago) => log(ago, "write failed: No space left on device"));
    expect(kinds([...full, state(0)])).toEqual(["log-errors critical"]);
  });

  it("is rate limited by the host that its own lines name", () => {
    const lines = series(4, 3_000, (ago) =>
      log(ago, "GET http://partner.example.com:8443/v1/orders answered 429 Too Many Requests", "warn"),
    );
    expect(detect([...lines, state(0)])[0]).toMatchObject({
      kind: "rate-limited",
      severity: "warning",
      facts: { host: "partner.example.com", port: 8443, count: 4 },
    });
    const served = series(9, 3_000, (ago) => log(ago, "GET /v1/orders 429 1ms", "warn"));
    expect(kinds([...served, state(0)])).toEqual([]);
  });

  it("suffers from a dependency where its errors point there", () => {
    const lines = series(9, 2_000, (ago) => log(ago, "Error: connect ECONNREFUSED 127.0.0.1:5432"));
    const errors = series(5, 2_000, (ago) => status500(ago));
    const critical = { dependencies: [{ name: "orders-db", level: "critical" as const }] };
    expect(detect([...lines, ...errors, state(0)], critical)).toMatchObject([
      {
        kind: "dependency-down",
        severity: "warning",
        facts: { dependency: "orders-db", standsFor: ["error-rate", "log-errors"] },
      },
    ]);
    const healthy = { dependencies: [{ name: "orders-db", level: "healthy" as const }] };
    expect(kinds([...lines, ...errors, state(0)], healthy)).toEqual(["error-rate critical"]);
  });

  it("keeps its own trouble where the dependency has nothing to do with it", () => {
    const critical = { dependencies: [{ name: "orders-db", level: "critical" as const }] };
    expect(kinds([state(0, down)], critical)).toEqual(["exited critical"]);
    expect(kinds([ok(0), state(0)], critical)).toEqual([]);
  });
});

it("lists the gravest first, then what began first", () => {
  const memory = series(4, 4_000, (ago) => metric(ago, "memory", 0.95));
  const cpu = series(4, 5_000, (ago) => metric(ago, "cpu", 0.95));
  const warned = series(4, 3_000, (ago) => log(ago, "upstream api.example.com: Too Many Requests", "warn"));
  expect(kinds([...memory, ...cpu, ...warned, ok(0, 9, page), state(0)])).toEqual([
    "cpu critical",
    "memory critical",
    "rate-limited warning",
  ]);
});
