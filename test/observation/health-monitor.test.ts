// The health monitor over real probes, with a target, a host and a clock that the test owns.
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Blind, type HealthMonitorDeps, makeHealthMonitor } from "../../agents/health-monitor.ts";
import { sweep } from "../../agents/sweep.ts";
import { type LogSignal, only, type Signal } from "../../domain/signal.ts";
import { makeProber } from "../../tools/prober.ts";
import type { Target } from "../../tools/target.ts";
import { httpProbe, serviceNamed, wallClock } from "./service.ts";

const unused = () => Promise.reject(new Error("a health monitor only looks"));

/** A running service as its target shows it; parts of it break on demand. */
function targetOf(parts: Partial<Target> = {}): Target {
  return {
    service: "shop",
    kind: "process",
    state: async () => ({
      status: "running",
      health: "none",
      instance: "1",
      oomKilled: false,
      restartCount: 0,
      stoppedByOperator: false,
      replicas: 1,
    }),
    use: async () => ({ cpu: 0.5, memoryBytes: 300, memoryLimitBytes: 1_000 }),
    logs: unused,
    followLogs: unused,
    start: unused,
    restart: unused,
    reload: unused,
    scale: unused,
    setMemoryLimit: unused,
    describe: unused,
    ...parts,
  };
}

const host = { use: async () => ({ cpu: 0.1, memory: 0.2, disks: [{ mount: "/", used: 0.3 }] }) };

function monitorWith(parts: Partial<HealthMonitorDeps> = {}) {
  let now = 1_000_000;
  const blind: Blind[] = [];
  const clock = { ...wallClock, now: () => now };
  const deps: HealthMonitorDeps = {
    targets: { of: () => undefined },
    prober: makeProber({ clock }),
    host,
    clock,
    onBlind: (one) => blind.push(one),
    ...parts,
  };
  return { monitor: makeHealthMonitor(deps), blind, now: () => now, pass: (ms: number) => (now += ms) };
}

function logSignal(text: string, at: number, level: LogSignal["level"] = "info"): LogSignal {
  return { kind: "log", service: "shop", at, level, text, source: "stdout" };
}

const kindsOf = (signals: Signal[]) => [...new Set(signals.map((one) => one.kind))].sort();
const metric = (signals: Signal[], name: string, of: string) =>
  only(signals, "metric").find((one) => one.name === name && one.of === of);

describe("health monitor", () => {
  let server: http.Server;
  let url: string;
  beforeAll(async () => {
    server = http.createServer((_, response) => response.end("well")).listen(0, "127.0.0.1");
    await once(server, "listening");
    url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  });
  afterAll(() => void server.close());

  it("looks at state, resources, probes, host and changed files, and remembers it", async () => {
    const changed = { path: ".env", goodVersion: "abc", summary: "PORT changed" };
    const { monitor, blind, now } = monitorWith({
      targets: { of: () => targetOf() },
      changes: async (service) => [{ kind: "change", service: service.name, at: now(), ...changed }],
    });
    const shop = serviceNamed("shop", { health: [httpProbe(url), httpProbe(`${url}deep`)] });
    const signals = await monitor.observe(shop);
    expect(kindsOf(signals)).toEqual(["change", "metric", "probe", "state"]);
    expect(only(signals, "probe").map((one) => one.ok)).toEqual([true, true]);
    expect(only(signals, "state")).toMatchObject([{ service: "shop", status: "running", at: now() }]);
    expect(metric(signals, "cpu", "service")).toMatchObject({ value: 0.5, service: "shop" });
    expect(metric(signals, "memory", "service")).toMatchObject({ value: 0.3, limit: 1_000 });
    expect(metric(signals, "cpu", "host")).toMatchObject({ value: 0.1, service: "shop" });
    expect(metric(signals, "disk", "/")).toMatchObject({ value: 0.3, service: "shop" });
    expect(monitor.window("shop")).toEqual(signals);
    expect(monitor.window("other")).toEqual([]);
    expect(blind).toEqual([]);
  });

  it("measures memory against the lower of the runtime's and the configuration's limit", async () => {
    const { monitor } = monitorWith({ targets: { of: () => targetOf() } });
    const limited = serviceNamed("shop", { limits: { maxReplicas: 1, maxMemoryBytes: 600 } });
    expect(metric(await monitor.observe(limited), "memory", "service")).toMatchObject({
      value: 0.5,
      limit: 600,
    });
    const unlimited = monitorWith({
      targets: { of: () => targetOf({ use: async () => ({ cpu: 0, memoryBytes: 300 }) }) },
    });
    const signals = await unlimited.monitor.observe(serviceNamed("shop"));
    expect(metric(signals, "memory", "service")).toBeUndefined();
    expect(metric(signals, "memory-bytes", "service")).toMatchObject({ value: 300 });
  });

  it("only probes where nothing of ours runs", async () => {
    const { monitor } = monitorWith();
    const signals = await monitor.observe(serviceNamed("partner", { health: [httpProbe(url)] }));
    expect(only(signals, "probe")).toHaveLength(1);
    expect(only(signals, "state")).toEqual([]);
    expect(metric(signals, "cpu", "service")).toBeUndefined();
  });

  it("sees the rest when one look fails or hangs, and says where it is blind", async () => {
    const { monitor, blind } = monitorWith({
      targets: {
        of: () =>
          targetOf({
            state: () => Promise.reject(new Error("the engine does not answer")),
            use: () => new Promise(() => {}),
          }),
      },
      host: { use: () => Promise.reject(new Error("no /proc here")) },
      lookTimeoutMs: 100,
    });
    const signals = await monitor.observe(serviceNamed("shop", { health: [httpProbe(url)] }));
    expect(kindsOf(signals)).toEqual(["probe", "source"]);
    expect(blind.map((one) => `${one.source}: ${one.error}`).sort()).toEqual([
      "host: no /proc here",
      "resources: no answer within 100 ms",
      "state: the engine does not answer",
    ]);
  });

  it("remembers nothing of a look that was cut off", async () => {
    const { monitor, blind } = monitorWith();
    const cut = monitor.observe(serviceNamed("shop", { health: [httpProbe(url)] }), AbortSignal.abort());
    await expect(cut).rejects.toThrow("abort");
    expect(monitor.window("shop")).toEqual([]);
    expect(blind).toEqual([]);
  });

  it("forgets what is older than the window", async () => {
    const { monitor, now, pass } = monitorWith({ limits: { windowMs: 60_000 } });
    monitor.note(logSignal("old", now()));
    pass(30_000);
    monitor.note(logSignal("young", now()));
    expect(monitor.window("shop")).toHaveLength(2);
    pass(30_001);
    expect(monitor.window("shop")).toMatchObject([{ text: "young" }]);
    pass(60_000);
    expect(monitor.window("shop")).toEqual([]);
  });

  it("gives the window in order of time, whatever the order of arrival", () => {
    const { monitor, now } = monitorWith();
    monitor.note(logSignal("second", now() - 10));
    monitor.note({ kind: "event", service: "shop", at: now(), event: "die" });
    monitor.note(logSignal("first", now() - 20));
    expect(monitor.window("shop").map((one) => one.at - now())).toEqual([-20, -10, 0]);
  });

  it("keeps probes, events and errors through a flood of log lines", async () => {
    const { monitor, now } = monitorWith({ limits: { logs: 100, logChars: 10_000 } });
    await monitor.observe(serviceNamed("shop", { health: [httpProbe(url)] }));
    monitor.note({ kind: "event", service: "shop", at: now(), event: "oom" });
    monitor.note(logSignal("the one error", now(), "error"));
    for (let line = 0; line < 50_000; line++) monitor.note(logSignal(`request ${line}`, now()));
    const signals = monitor.window("shop");
    expect(only(signals, "probe")).toHaveLength(1);
    expect(only(signals, "event")).toHaveLength(1);
    const lines = only(signals, "log").map((one) => one.text);
    expect(lines).toHaveLength(101);
    expect(lines).toContain("the one error");
    expect(lines.at(-1)).toBe("request 49999");
  });

  it("keeps of a flood its beginnings and its newest line, over many seconds", () => {
    const { monitor, now } = monitorWith({ limits: { logs: 100, logsPerSecond: 10 } });
    const start = now() - 30_000;
    for (let line = 0; line < 30_000; line++) monitor.note(logSignal(`request ${line}`, start + line));
    const lines = only(monitor.window("shop"), "log");
    expect(lines).toHaveLength(100);
    expect((lines[0]?.at ?? 0) - start).toBeLessThan(21_000);
    expect(lines.at(-1)?.text).toBe("request 29999");
    expect(lines.map(({ text }) => text)).toContain("request 25000");
  });

  it("bounds log lines by size as well", () => {
    const { monitor, now } = monitorWith({ limits: { logChars: 1_000 } });
    for (let line = 0; line < 100; line++) monitor.note(logSignal("x".repeat(400), now()));
    expect(monitor.window("shop")).toHaveLength(2);
  });

  it("reads the host once for all services that look at the same time", async () => {
    let readings = 0;
    const counting = { use: () => ((readings += 1), host.use()) };
    const { monitor, pass } = monitorWith({ host: counting });
    const services = Array.from({ length: 20 }, (_, index) => serviceNamed(`shop-${index}`));
    const windows = await sweep(monitor, services);
    expect(readings).toBe(1);
    expect(metric(windows.get("shop-19") ?? [], "cpu", "host")?.service).toBe("shop-19");
    pass(2_000);
    await sweep(monitor, services);
    expect(readings).toBe(2);
  });
});

describe("sweep", () => {
  it("looks at a thousand services, never at more than allowed at once", async () => {
    let current = 0;
    let most = 0;
    const server = http.createServer((_, response) => {
      current += 1;
      most = Math.max(most, current);
      response.on("close", () => (current -= 1));
      setTimeout(() => response.end("well"), 1);
    });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
    const { monitor } = monitorWith();
    const services = Array.from({ length: 1_000 }, (_, index) =>
      serviceNamed(`service-${index}`, { health: [httpProbe(`${url}${index}`, { timeoutMs: 10_000 })] }),
    );
    const windows = await sweep(monitor, services, { concurrency: 50 });
    server.close();
    expect([...windows.keys()]).toEqual(services.map((one) => one.name));
    const probes = [...windows.values()].flatMap((signals) => only(signals, "probe"));
    expect(probes).toHaveLength(1_000);
    expect(probes.filter((one) => !one.ok)).toEqual([]);
    expect(most).toBeLessThanOrEqual(50);
  });

  it("ends when it is aborted", async () => {
    const { monitor } = monitorWith();
    const cut = sweep(monitor, [serviceNamed("shop")], {
      signal: AbortSignal.abort(new Error("shutting down")),
    });
    await expect(cut).rejects.toThrow("shutting down");
  });
});
