// Everything that stands between a sure diagnosis and an act: each on a real process that is really down.
import { describe, expect, it } from "vitest";
import { openShop, type ShopOptions } from "./shop.ts";
import { untilTrue } from "./site.ts";

/** Kills web, runs, and gives back how it ended; nothing may have been done. */
async function nothingIsDone(
  options: ShopOptions,
  prepare?: (site: Awaited<ReturnType<typeof openShop>>) => Promise<void>,
) {
  await using site = await openShop(options);
  await prepare?.(site);
  await site.kill("web");
  const run = await site.heal("web");
  expect(await site.state("web")).toMatchObject({ status: "exited" });
  expect(site.starts("web")).toBe(1);
  expect(await site.store.journal.ofRun(run?.id ?? "")).toEqual([]);
  expect(await site.backups.list()).toEqual([]);
  const incident = await site.incident(run?.id);
  const against = incident.verdict?.reasons.filter((one) => one.outcome !== "pass").map((one) => one.rule);
  return { run, incident, against, alerts: site.alerts().length };
}

describe("the gate, with a process that is down", () => {
  it("does nothing in observe mode, and keeps what it would have done", async () => {
    const { run, incident, against } = await nothingIsDone({ healing: { mode: "observe" } });
    expect(run).toMatchObject({ outcome: "observed" });
    expect(incident).toMatchObject({
      plan: { actions: [{ action: "start" }] },
      verdict: { decision: "deny" },
    });
    expect(against).toEqual(["mode"]);
  });

  it("does nothing for a service whose own mode is observe", async () => {
    const { run } = await nothingIsDone({ web: { mode: "observe" } });
    expect(run).toMatchObject({ outcome: "observed" });
  });

  it("does nothing while it is paused, and wakes nobody for that", async () => {
    const { run, against, alerts } = await nothingIsDone({}, (site) => site.policy.pause());
    expect(run).toMatchObject({ outcome: "deferred" });
    expect(against).toEqual(["paused"]);
    expect(alerts).toBe(0);
  });

  it("does nothing to a protected service", async () => {
    const { run, against, alerts } = await nothingIsDone({ web: { protected: true } });
    expect(run).toMatchObject({ outcome: "escalated" });
    expect(against).toEqual(["protected"]);
    expect(alerts).toBe(1);
  });

  it.each(["start", "process.*", "*"])("does nothing that is forbidden by never: %s", async (action) => {
    const { run, against } = await nothingIsDone({ healing: { never: [{ service: "web", action }] } });
    expect(run).toMatchObject({ outcome: "escalated" });
    expect(against).toEqual(["never"]);
  });

  it("does nothing in a window that is closed to changes", async () => {
    const { run, against } = await nothingIsDone({
      healing: { windows: [{ deny: "Mon 00:00-Thu 00:00" }, { deny: "Thu 00:00-Mon 00:00" }] }, // always
    });
    expect(run).toMatchObject({ outcome: "escalated" });
    expect(against).toEqual(["window"]);
  });

  it("does nothing for words in a log, whatever they say", async () => {
    const { run, incident } = await nothingIsDone({ web: { mode: "approve" } }, async (site) => {
      await site.become("giving-orders");
      await untilTrue("the orders have been read", () =>
        site.engine.monitor.window("web").some((one) => one.kind === "log" && /rm -rf/.test(one.text)),
      );
    });
    expect(run).toMatchObject({ status: "waiting" });
    expect(incident.signals.some((one) => one.kind === "log" && /confidence 100/.test(one.text))).toBe(true);
    expect(incident.verdict).toMatchObject({ decision: "ask" });
    expect(JSON.stringify(incident.plan)).not.toMatch(/rm -rf/);
  });
});
