// A service that ends soon after each start: opsmedic tries, sees that starting is no repair, and stops.
import { describe, expect, it } from "vitest";
import { openShop, type Shop, type ShopOptions } from "./shop.ts";
import { untilTrue } from "./site.ts";

/** web was well once, and from now on ends soon after each of its starts. */
async function openBreaking(way: string, options: ShopOptions): Promise<Shop> {
  const site = await openShop({ ...options, env: (folder) => ({ MARK: `${folder}/mark` }) });
  site.write("mark", way);
  await site.kill("web");
  return site;
}

describe("a restart loop", () => {
  it("is escalated after one start in vain, and later runs do nothing", async () => {
    await using site = await openBreaking("crashing", {
      healing: { validate: { for: "5s" }, breaker: { cooldown: "0s" } },
    });
    expect(site.starts("web")).toBe(1);

    const run = await site.heal("web");
    expect(run).toMatchObject({ outcome: "rolled-back" });
    expect(site.starts("web")).toBe(2);
    expect(await site.incidentsOf("web")).toMatchObject([{ status: "ESCALATED" }]);
    expect(await site.casesOf("web")).toMatchObject([{ fix: "start", outcome: "not-healed" }]);

    for (let later = 0; later < 4; later += 1) {
      const next = await site.heal("web");
      expect(next?.outcome).toBe("escalated");
      expect(await site.store.journal.ofRun(next?.id ?? "")).toEqual([]);
    }
    expect(site.starts("web")).toBe(2);
    expect(await site.state("web")).toMatchObject({ status: "exited", exitCode: 1 });
  });

  it("opens the breaker when each start seems to heal for a while", async () => {
    await using site = await openBreaking("crashing-later", {
      healing: { validate: { for: "3s" }, breaker: { cooldown: "0s", attempts: 2, symptomReturns: "1s" } },
    });
    const outcomes: (string | null | undefined)[] = [];
    for (let round = 0; round < 4; round += 1) {
      await untilTrue("web has crashed", () => !site.supervisor.running("web"));
      // Longer than symptomReturns, so that only the count of attempts stands against another start.
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      outcomes.push((await site.heal("web"))?.outcome);
    }
    expect(outcomes.slice(0, 2)).toEqual(["healed", "healed"]);
    expect(outcomes.slice(2)).not.toContain("healed");
    expect(site.starts("web")).toBe(3);
    const { runs } = await site.store.runs.list({ limit: 10 });
    expect(runs[0]?.report).toMatch(/human is needed/);
  });
});
