// An upstream limits how fast it may be asked: the worker is made to ask more slowly, in its own YAML file, by half.
import { describe, expect, it } from "vitest";
import { openUpstream } from "./surroundings.ts";
import { openWorker, SETTINGS } from "./worker.ts";

const SLOWER = SETTINGS.replace("0.1 ", "0.15 ");

describe("rate limited by an upstream", () => {
  it("asks more slowly, and changes nothing else in the file", async () => {
    await using upstream = await openUpstream(0);
    await using site = await openWorker(upstream);
    upstream.limit.leastMs = 120;
    await site.sees("worker", "rate-limited");

    const run = await site.heal("worker");

    expect(run).toMatchObject({ outcome: "healed" });
    expect(site.read("worker/settings.yaml")).toBe(SLOWER);
    expect(site.starts("worker")).toBe(2);
    expect(await site.incident(run?.id)).toMatchObject({
      findings: [{ kind: "rate-limited" }],
      plan: {
        playbook: "rate-limited-by-upstream",
        actions: [{ action: "edit-setting", params: { from: 0.1, to: 0.15 } }, { action: "restart" }],
      },
      verdict: { decision: "allow" },
    });
    const { refused } = upstream.seen;
    const { answered } = upstream.seen;
    await expect.poll(() => upstream.seen.answered).toBeGreaterThan(answered + 5);
    expect(upstream.seen.refused - refused).toBeLessThanOrEqual(1); // one may be late on a busy machine
  });

  it("takes the change back byte for byte when it does not help, and does not propose it first again", async () => {
    await using upstream = await openUpstream(0);
    await using site = await openWorker(upstream, { breaker: { cooldown: "0s" } });
    upstream.limit.leastMs = 400;
    await site.sees("worker", "rate-limited");

    const run = await site.heal("worker");

    expect(run).toMatchObject({ outcome: "rolled-back" });
    expect(site.read("worker/settings.yaml")).toBe(SETTINGS);
    expect(await site.state("worker")).toMatchObject({ status: "running" });
    const incident = await site.incident(run?.id);
    expect(incident.attempts).toMatchObject([
      { validation: { outcome: "not-healed" }, rollback: { outcome: "undone" } },
    ]);
    expect(await site.incidentsOf("worker")).toMatchObject([{ status: "ESCALATED" }]);
    expect(await site.casesOf("worker")).toMatchObject([
      { fix: "ask-slower", outcome: "not-healed", undone: true },
    ]);
    expect(site.alerts()).toHaveLength(1);
    const journal = await site.store.journal.ofRun(run?.id ?? "");
    expect(journal.map((one) => one.state)).toEqual(["undone", "undone"]);

    const starts = site.starts("worker");
    await site.sees("worker", "rate-limited");
    const next = await site.heal("worker");
    expect(next).toMatchObject({ outcome: "escalated" });
    expect(await site.incident(next?.id)).toMatchObject({ plan: null, backupId: null });
    expect(site.read("worker/settings.yaml")).toBe(SETTINGS);
    expect(site.starts("worker")).toBe(starts);
  });
});
