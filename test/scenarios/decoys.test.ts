// What looks like trouble and is none: nothing may be started, changed or backed up for it.
import { describe, expect, it } from "vitest";
import { LONG_RUNNING_MS, openShop, type Shop, webService } from "./shop.ts";
import { freePort } from "./surroundings.ts";

/** Looks for a while as the watch loop does, and runs at every look. */
async function nothingIsDone(site: Shop, looks = 6): Promise<void> {
  for (let count = 0; count < looks; count += 1) {
    expect((await site.look("web")).findings).toEqual([]);
    expect(await site.heal("web")).toMatchObject({ outcome: "healthy" });
    await new Promise((resolve) => setTimeout(resolve, 150));
  }
  expect(site.starts("web")).toBe(1);
  expect(await site.backups.list()).toEqual([]);
  expect(await site.incidentsOf("web")).toEqual([]);
}

describe("no trouble", () => {
  it("is a log that is full of the word error", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS });
    await site.become("noisy");
    await expect
      .poll(() => site.engine.monitor.window("web").filter((one) => one.kind === "log").length, {
        timeout: 10_000,
      })
      .toBeGreaterThan(100);
    await nothingIsDone(site);
  });

  it("is a service that is slow, but within its limit", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS, thresholds: { latency: "1s" } });
    await site.become("slow");
    await nothingIsDone(site);
  });

  it("is a single check that failed", async () => {
    await using site = await openShop({ aged: LONG_RUNNING_MS });
    await site.become("failing-once");
    const { window } = await site.look("web");
    expect(window.filter((one) => one.kind === "probe").at(-1)).toMatchObject({ ok: false });
    await nothingIsDone(site);
  });

  it("is a healthy service beside a broken one", async () => {
    const port = await freePort();
    await using site = await openShop({
      aged: LONG_RUNNING_MS,
      beside: () => [webService("cart", { port })],
    });
    await site.start("cart");
    await site.settle("cart");
    await site.kill("cart");
    await site.look("cart");
    await nothingIsDone(site);
    expect(await site.heal("cart")).toMatchObject({ outcome: "healed" });
    expect(site.starts("web")).toBe(1);
  });
});
