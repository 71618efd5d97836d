// Every fault really happens to real processes, is seen from outside by the real checks and detectors, and is gone
// after what heals it: a new process, the last good file, a longer delay. Without a fault all is quiet.
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { shopServices } from "../../lab/demo-paths.ts";
import { breakDemo, faults, listFaults, mendDemo } from "../../lab/demo.ts";
import { type Shop, startShop, usage } from "./shop-processes.ts";

const soon = { timeout: 40_000, interval: 300 };
let shop: Shop;

beforeEach(async () => {
  shop = await startShop(shopServices);
  await Promise.all(shop.services.map(({ name }) => quiet(name)));
});
afterEach(() => shop[Symbol.asyncDispose]());

/** Up, and its last five answers were good. */
async function quiet(name: string): Promise<void> {
  const lastAreGood = async (): Promise<boolean> => {
    const findings = await shop.lookKinds(name);
    const probes = shop.signals(name).filter((one) => one.kind === "probe");
    return findings.length === 0 && probes.length >= 5 && probes.slice(-5).every((one) => one.ok);
  };
  await expect.poll(lastAreGood, soon).toBe(true);
}

const broken = (fault: string) =>
  breakDemo(fault, { dataDir: shop.dataDir, pidOf: shop.pidOf, leakMs: 3_000 });
const webConfig = () => join(shop.dataDir, "shop/web/config/web.json");
const workerConfig = () => join(shop.dataDir, "shop/worker/config/worker.yaml");

it("is quiet without a fault, with all its chatter", async () => {
  for (let looks = 0; looks < 20; looks += 1) {
    for (const { name } of shop.services) expect([name, ...(await shop.lookKinds(name))]).toEqual([name]);
  }
  const lines = shop.signals("web").filter((one) => one.kind === "log");
  expect(lines.some((one) => one.text.includes("error handler registered"))).toBe(true);
});

it("crash: the process throws and ends, a new one is well", async () => {
  await broken("crash");
  await expect
    .poll(() => shop.look("web"), soon)
    .toMatchObject([{ kind: "exited", severity: "critical", facts: { exitCode: 1, pattern: "exception" } }]);
  await shop.restart("web");
  await quiet("web");
});

it("hang: it lives and answers nothing, a new process is well", async () => {
  await broken("hang");
  await expect.poll(() => shop.lookKinds("web"), soon).toEqual(["hung"]);
  expect(shop.pidOf("web")).toBeDefined();
  await shop.restart("web");
  await quiet("web");
});

it("error-spike: checkouts fail while the server is up, in checks and in the log, a new process is well", async () => {
  await broken("error-spike");
  await expect.poll(() => shop.lookKinds("web"), soon).toEqual(["error-rate"]);
  const probes = shop.signals("web").filter((one) => one.kind === "probe");
  expect(probes.filter((one) => one.status === 500).every((one) => one.probe.endsWith("/checkout"))).toBe(
    true,
  );
  const lines = shop.signals("web").filter((one) => one.kind === "log");
  expect(lines.some((one) => one.text.includes("GET /checkout 500"))).toBe(true);
  await shop.restart("web");
  await quiet("web");
});

it("latency-spike: every answer takes longer and longer, a new process is well", async () => {
  await broken("latency-spike");
  await expect.poll(() => shop.lookKinds("web"), soon).toEqual(["latency"]);
  await shop.restart("web");
  await quiet("web");
});

it("cpu-spike: the worker uses all the CPU that it may use, a new process is well", async () => {
  const pid = shop.pidOf("worker") ?? 0;
  const before = usage(pid);
  await broken("cpu-spike");
  // The machine of the tests is shared, so the share it gets is not asserted: only that it burns on and on.
  await expect.poll(() => usage(pid).seconds - before.seconds, soon).toBeGreaterThan(2);
  await shop.restart("worker");
  await quiet("worker");
});

it("memory-leak: its memory grows to its limit and stays below, a new process is well", async () => {
  await broken("memory-leak");
  await expect
    .poll(async () => (await shop.look("web")).map((one) => `${one.kind} ${one.severity}`), soon)
    .toEqual(["memory critical"]);
  const limit = shop.services.find((one) => one.name === "web")?.limits.maxMemoryBytes ?? 0;
  expect(usage(shop.pidOf("web") ?? 0).bytes).toBeLessThan(limit * 1.05);
  await shop.restart("web");
  await quiet("web");
});

it("bad-config: the server ends, and ends again; the last good file heals it", async () => {
  const good = readFileSync(webConfig(), "utf8");
  await broken("bad-config");
  const sick = [{ kind: "exited", facts: { exitCode: 78, pattern: "configuration" } }];
  await expect.poll(() => shop.look("web"), soon).toMatchObject(sick);
  const [first] = await shop.look("web");
  expect(first?.summary).toContain("invalid value for upstreamTimeoutMs");
  await shop.restart("web");
  await expect.poll(() => shop.look("web"), soon).toMatchObject(sick);
  const [again] = await shop.look("web");
  expect(again?.signature).toBe(first?.signature);
  writeFileSync(webConfig(), good);
  await shop.restart("web");
  await quiet("web");
});

it("rate-limit: the partner refuses the worker; half as much delay again is enough", async () => {
  await broken("rate-limit");
  await expect
    .poll(() => shop.look("worker"), soon)
    .toMatchObject([{ kind: "rate-limited", severity: "warning", facts: { host: "127.0.0.1" } }]);
  expect(await shop.lookKinds("upstream")).toEqual([]);
  const text = readFileSync(workerConfig(), "utf8");
  expect(text).toContain("delayMs: 800");
  writeFileSync(workerConfig(), text.replace("delayMs: 800", "delayMs: 1200"));
  await shop.restart("worker");
  const fetched = (): number =>
    shop.signals("worker").filter((one) => one.kind === "log" && one.text.includes("fetched")).length;
  await expect.poll(fetched, soon).toBeGreaterThan(8);
  expect(
    shop.signals("worker").filter((one) => one.kind === "log" && one.text.includes("answered 429")),
  ).toEqual([]);
});

it("stop-all: all three are gone, new ones are well", async () => {
  await broken("stop-all");
  for (const { name } of shop.services) {
    await expect.poll(() => shop.lookKinds(name), soon).toEqual(["exited"]);
    expect(shop.pidOf(name)).toBeUndefined();
  }
  await Promise.all(shop.services.map(({ name }) => shop.restart(name)));
  await Promise.all(shop.services.map(({ name }) => quiet(name)));
});

describe("the door for faults", () => {
  it("is closed to who has no token, and to anything but POST", async () => {
    const web = shop.services.find((one) => one.name === "web")?.health[0];
    const origin = web?.kind === "http" ? new URL(web.url).origin : "";
    for (const headers of [{}, { "x-lab-token": "guess" }]) {
      expect((await fetch(`${origin}/__lab/crash`, { method: "POST", headers })).status).toBe(403);
    }
    const token = readFileSync(join(shop.dataDir, "shop/control/token"), "utf8").trim();
    expect((await fetch(`${origin}/__lab/crash`, { headers: { "x-lab-token": token } })).status).toBe(403);
    await quiet("web");
  });

  it("mends what it can: switches, the file, the limit", async () => {
    await broken("error-spike");
    await broken("rate-limit");
    await expect.poll(() => shop.lookKinds("web"), soon).toEqual(["error-rate"]);
    await mendDemo({ dataDir: shop.dataDir });
    await quiet("web");
    expect(
      JSON.parse(readFileSync(join(shop.dataDir, "shop/upstream/config/upstream.json"), "utf8")),
    ).toMatchObject({ ordersPerSecond: 20 });
  });

  it("says what it knows, and what is missing", async () => {
    await expect(broken("fire")).rejects.toMatchObject({
      code: "unknown-fault",
      hint: expect.stringContaining("memory-leak"),
    });
    await broken("stop-all");
    await expect.poll(() => shop.pidOf("web"), soon).toBeUndefined();
    await expect(broken("crash")).rejects.toMatchObject({ code: "demo-not-running" });
    await expect(broken("stop-all")).rejects.toMatchObject({ code: "demo-not-running" });
    const nowhere = { dataDir: join(shop.dataDir, "nowhere") };
    await expect(breakDemo("crash", nowhere)).rejects.toMatchObject({ code: "demo-not-prepared" });
    expect(listFaults().map((one) => one.fault)).toEqual(faults);
  });
});
