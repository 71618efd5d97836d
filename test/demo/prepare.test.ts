// The working copy: made once, never taken back, and all that a build needs is in the source.
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { portsFrom, prepareDemo } from "../../lab/demo.ts";
import { readStockConfig } from "../../lab/shop/stock-config.ts";
import { readWebConfig } from "../../lab/shop/web-config.ts";
import { readWorkerConfig } from "../../lab/shop/worker-config.ts";

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), "opsmedic-demo-"));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it("describes processes that can be healed, dependencies first", async () => {
  const services = await prepareDemo({ dataDir, execPath: "/opt/node", ports: { web: 1_234 } });
  expect(services.map((one) => one.name)).toEqual([
    "upstream",
    "web",
    "stock-1",
    "stock-2",
    "stock",
    "worker",
  ]);
  for (const { name, runtime, health, dependsOn } of services) {
    expect(runtime).toMatchObject({ kind: "process", cwd: join(dataDir, "shop", name) });
    expect(existsSync(join(dataDir, "shop", name))).toBe(true);
    expect(runtime?.kind === "process" && runtime.command).toContain("/opt/node");
    expect(health.length).toBeGreaterThan(0);
    expect(services.map((one) => one.name)).toEqual(expect.arrayContaining([...dependsOn]));
  }
  expect(services[1]?.health.map((one) => one.kind === "http" && one.url)).toEqual([
    "http://127.0.0.1:1234/healthz",
    "http://127.0.0.1:1234/checkout",
  ]);
});

it("writes a configuration that its programs accept, and a token for its owner only", async () => {
  await prepareDemo({ dataDir });
  expect(readWebConfig(join(dataDir, "shop/web/config/web.json"))).toMatchObject({ upstreamTimeoutMs: 800 });
  expect(readWorkerConfig(join(dataDir, "shop/worker/config/worker.yaml"))).toMatchObject({ delayMs: 800 });
  expect(statSync(join(dataDir, "shop/control/token")).mode & 0o077).toBe(0);
});

const portsOf = async (ports = {}) =>
  (await prepareDemo({ dataDir, ports })).map((one) => {
    const [probe] = one.health;
    return probe?.kind === "http" ? new URL(probe.url).port : undefined;
  });

it("remembers its ports, until others are asked for", async () => {
  expect(await portsOf()).toEqual(["18082", "18081", "18086", "18087", "18084", "18083"]);
  const chosen = ["2001", "2000", "2005", "2006", "2003", "2002"];
  expect(await portsOf(portsFrom(2_000))).toEqual(chosen);
  expect(await portsOf()).toEqual(chosen);
});

it("goes on with a folder of the time before the stock", async () => {
  await prepareDemo({ dataDir });
  writeFileSync(join(dataDir, "shop/control/ports.json"), '{"web":2000,"upstream":2001,"worker":2002}');
  rmSync(join(dataDir, "shop/stock-1"), { recursive: true });
  expect(await portsOf()).toEqual(["2001", "2000", "2005", "2006", "2003", "2002"]);
  expect(readStockConfig(join(dataDir, "shop/stock-1/config/stock.json"))).toEqual({ holdMinutes: 15 });
});

it.each([
  ["{", "it cannot be parsed"],
  ["null", "invalid value for holdMinutes"],
  ['{"holdMinutes":0}', "invalid value for holdMinutes"],
])("a stock replica refuses %s", (text, why) => {
  const path = join(dataDir, "stock.json");
  writeFileSync(path, text);
  expect(() => readStockConfig(path)).toThrow(new RegExp(`^config error in .*: ${why}`));
});

it("leaves what was repaired or changed as it is", async () => {
  await prepareDemo({ dataDir });
  const path = join(dataDir, "shop/worker/config/worker.yaml");
  writeFileSync(path, readFileSync(path, "utf8").replace("delayMs: 800", "delayMs: 1200"));
  const token = readFileSync(join(dataDir, "shop/control/token"), "utf8");
  await prepareDemo({ dataDir });
  expect(readWorkerConfig(path).delayMs).toBe(1_200);
  expect(readFileSync(join(dataDir, "shop/control/token"), "utf8")).toBe(token);
});

it.each([
  ["{ broken", "cannot parse"],
  ['{"currency":"EUR","cacheTtlMs":1,"upstreamTimeoutMs":800,"workers":4}', "invalid value for cacheTtlMs"],
  [
    '{"currency":"EUR","cacheTtlMs":1000,"upstreamTimeoutMs":800,"workers":4,"colour":1}',
    "unknown key colour",
  ],
  ['{"cacheTtlMs":1000,"upstreamTimeoutMs":800,"workers":4}', "missing required key currency"],
  ["[]", "unknown key|missing|not an object|invalid value"],
])("the shop front refuses %s", (text, why) => {
  const path = join(dataDir, "web.json");
  writeFileSync(path, text);
  expect(() => readWebConfig(path)).toThrow(new RegExp(`^config error in .*(?:${why})`));
});
