// An operator starts and stops what opsmedic runs: over the real engine, with real processes, and seen by the watch.
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { localRunning } from "../../api/local-running.ts";
import type { Actor } from "../../api/operations.ts";
import { openScenario, type Scenario } from "../scenarios/site.ts";

const ada: Actor = { name: "ada", role: "operator", door: "cli" };
const sleeper = { runtime: { process: { command: ["/bin/sleep", "600"] } }, logs: [] };

let site: Scenario;

beforeAll(async () => {
  site = await openScenario({
    store: "pglite",
    services: () => [
      { name: "shop", ...sleeper, limits: { maxReplicas: 3 } },
      { name: "site", health: [{ tcp: "127.0.0.1:9" }] },
      { name: "box", runtime: { docker: { container: "some-box" } } },
    ],
  });
}, 60_000);
afterAll(() => site[Symbol.asyncDispose]());
beforeEach(() => site.start("shop"));

const operations = () => localRunning(site);
const pid = (name = "shop"): number | undefined => site.supervisor.pidOf(name);

describe("a process that its operator stops", () => {
  it("stays down: no finding, no run, until it is started by hand", async () => {
    expect(await operations().stopService("shop", ada)).toEqual({
      service: "shop",
      running: false,
      changed: true,
    });
    expect(pid()).toBeUndefined();
    expect(await site.targets.of("shop")?.state()).toMatchObject({
      status: "exited",
      stoppedByOperator: true,
    });
    const run = await site.heal("shop");
    expect(run).toMatchObject({ outcome: "healthy" });
    expect(pid()).toBeUndefined();

    expect(await operations().startService("shop", ada)).toMatchObject({ running: true, changed: true });
    expect(pid()).toBeDefined();
    expect(await site.targets.of("shop")?.state()).toMatchObject({
      status: "running",
      stoppedByOperator: false,
    });
  });

  it("takes its replicas with it", async () => {
    await site.targets.of("shop")?.scale(3);
    expect([pid("shop.2"), pid("shop.3")]).not.toContain(undefined);
    await operations().stopService("shop", ada);
    expect([pid(), pid("shop.2"), pid("shop.3")]).toEqual([undefined, undefined, undefined]);
  });

  it("is not stopped or started twice", async () => {
    const before = pid();
    expect(await operations().startService("shop", ada)).toMatchObject({ running: true, changed: false });
    expect(pid()).toBe(before);
    await operations().stopService("shop", ada);
    expect(await operations().stopService("shop", ada)).toMatchObject({ running: false, changed: false });
  });

  it("is in the audit log", async () => {
    await operations().stopService("shop", ada);
    const [entry] = await site.store.audit.list({ limit: 1 });
    expect(entry).toMatchObject({ action: "service.stop", target: "shop", actor: "ada", door: "cli" });
  });
});

describe("nothing is started or stopped", () => {
  it("while a run is at work on the service", async () => {
    const before = pid();
    await site.engine.runner.exclusively("shop", async () => {
      await expect(operations().stopService("shop", ada)).rejects.toMatchObject({
        code: "lease-lost",
        retryable: true,
      });
    });
    expect(pid()).toBe(before);
  });

  it.each([
    ["site", "not-run-here", "opsmedic pause"],
    ["box", "not-run-here", "docker stop"],
    ["nobody", "unknown-service", "Watched are: shop, site, box"],
  ])("that opsmedic does not run: %s", async (name, code, hint) => {
    const refused = { code, hint: expect.stringContaining(hint) as string };
    await expect(operations().stopService(name, ada)).rejects.toMatchObject(refused);
    await expect(operations().startService(name, ada)).rejects.toMatchObject(refused);
  });
});
