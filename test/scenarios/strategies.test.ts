// The same warning for the first, the second and the third time: each time it is known better.
import { describe, expect, it } from "vitest";
import { systemClock } from "../../domain/system-clock.ts";
import { openUpstream } from "./surroundings.ts";
import { openWorker } from "./worker.ts";

const SYMPTOM_RETURNS_MS = 1_000;

describe("a symptom that comes again", () => {
  it("is handled as new, then preventively with a standing watch, then by routine", async () => {
    await using upstream = await openUpstream(0);
    await using site = await openWorker(upstream, {
      breaker: { attempts: 9, cooldown: "0s", symptomReturns: `${SYMPTOM_RETURNS_MS}ms` },
    });
    const strategies: (string | null)[] = [];
    const watches: number[] = [];
    // Each limit lies between the present delay and the next step: 0.1 s, 0.15 s, 0.225 s, 0.3375 s.
    for (const leastMs of [120, 180, 270]) {
      upstream.limit.leastMs = leastMs;
      await site.sees("worker", "rate-limited");
      const run = await site.heal("worker");
      expect(run).toMatchObject({ outcome: "healed" });
      strategies.push((await site.incident(run?.id)).strategy);
      watches.push((await site.store.watches.list("worker")).length);
      await systemClock.sleep(SYMPTOM_RETURNS_MS);
      await site.settle("worker");
    }
    expect(strategies).toEqual(["AI_POWERED", "PREVENTIVE", "SELF_HEALING"]);
    expect(watches).toEqual([0, 1, 1]);
    expect(await site.store.watches.list("worker")).toMatchObject([{ kind: "rate-limited" }]);
    expect(await site.incidentsOf("worker")).toHaveLength(3);
    const { byStrategy } = await site.store.cases.stats();
    expect(byStrategy).toMatchObject({
      PREVENTIVE: { total: 1, successes: 1 },
      SELF_HEALING: { total: 1, successes: 1 },
    });
  });
});
