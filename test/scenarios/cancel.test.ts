// A run is cancelled in the middle of its validation: what it did is taken back.
import { describe, expect, it } from "vitest";
import { untilTrue } from "./site.ts";
import { openUpstream } from "./surroundings.ts";
import { openWorker, SETTINGS } from "./worker.ts";

describe("a run that is cancelled while it validates", () => {
  it("gives back what it changed, and says that it was cancelled", async () => {
    await using upstream = await openUpstream(0);
    await using site = await openWorker(upstream, { validate: { for: "60s" } });
    upstream.limit.leastMs = 120;
    await site.sees("worker", "rate-limited");
    const running = site.heal("worker");
    await untilTrue("the new setting is being validated", async () => {
      const [id] = site.engine.runner.running();
      const steps = id === undefined ? [] : await site.store.runs.steps(id);
      return steps.some((one) => one.node === "validate" && one.phase === "start");
    });
    expect(site.read("worker/settings.yaml")).not.toBe(SETTINGS);

    const [runId = ""] = site.engine.runner.running();
    await site.engine.runner.cancel(runId);
    const run = await running;

    expect(run).toMatchObject({ id: runId, status: "ended", outcome: "cancelled" });
    expect(site.read("worker/settings.yaml")).toBe(SETTINGS);
    expect(await site.state("worker")).toMatchObject({ status: "running" });
    const journal = await site.store.journal.ofRun(runId);
    expect(journal.map((one) => one.state)).toEqual(["undone", "undone"]);
    expect(run?.report).toMatch(/^Cancelled\. .*undone/);
    expect(await site.casesOf("worker")).toEqual([]);
    expect(site.engine.runner.running()).toEqual([]);

    upstream.limit.leastMs = 0;
    await site.settle("worker");
    expect(await site.heal("worker"), "the service is free for the next run").toMatchObject({
      outcome: "healthy",
    });
  });
});
