// Retention: old and finished goes; what is open, half done or memory stays.
import { expect, it } from "vitest";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";
import { finding } from "./sample-findings.ts";

async function makeRun(site: TestStore, id: string, endedAt: number | null): Promise<void> {
  const { runs, journal } = site.store;
  await runs.start({ id, service: "shop", trigger: "schedule", reason: "" });
  await runs.appendStep(id, {
    node: "observe",
    agent: "health-monitor",
    phase: "end",
    at: 1,
    ms: 1,
    data: {},
  });
  await journal.intend({ runId: id, planId: "p", step: 1, action: "a", service: "shop", params: {} });
  if (endedAt !== null) await runs.update(id, { status: "ended", endedAt });
}

describeOnEachDriver("Retention", (open) => {
  it("removes ended runs with all that is theirs, and nothing else", async () => {
    await using site = await open();
    await makeRun(site, "old", 100);
    await makeRun(site, "recent", 300);
    await makeRun(site, "open", null);
    await makeRun(site, "half-done", 100);
    const half = { runId: "half-done", planId: "p", step: 1 };
    await site.store.journal.advance(half, ["intent"], "applying");
    await site.store.audit.append({ actor: "a", door: "cli", action: "b", target: "c", detail: {} });

    expect(await site.retention.pruneRuns(200)).toEqual({ runs: 1, incidents: 0 });
    expect((await site.store.runs.list({ limit: 9 })).runs.map(({ id }) => id).toSorted()).toEqual([
      "half-done",
      "open",
      "recent",
    ]);
    expect(await site.store.runs.steps("old")).toEqual([]);
    expect(await site.store.journal.ofRun("old")).toEqual([]);
    expect(await site.store.runs.steps("recent")).toHaveLength(1);
    expect(await site.store.journal.unfinished()).toHaveLength(1);
    expect(await site.store.audit.verify()).toMatchObject({ ok: true, entries: 1 });
    expect(await site.retention.pruneRuns(200)).toEqual({ runs: 0, incidents: 0 });
  });

  it("removes closed incidents once their runs are gone", async () => {
    await using site = await open();
    const { incidents, runs } = site.store;
    const closed = await incidents.open("shop", [finding("a")], 10);
    await incidents.close(closed.id, "RESOLVED", 20);
    const active = await incidents.open("shop", [finding("a")], 30);
    await makeRun(site, "run-1", 100);
    await runs.update("run-1", { incidentId: closed.id });
    expect(await site.retention.pruneRuns(50)).toEqual({ runs: 0, incidents: 0 });
    expect(await site.retention.pruneRuns(200)).toEqual({ runs: 1, incidents: 1 });
    expect((await incidents.list({ limit: 9 })).map(({ id }) => id)).toEqual([active.id]);
  });

  it("works through more than a batch", async () => {
    await using site = await open();
    await site.db.query(
      `insert into opsmedic.runs (id, service, trigger, reason, started_at, status, ended_at)
       select 'bulk-' || n, 'shop', 'schedule', '', n, 'ended', n from generate_series(1, 450) as n`,
    );
    expect(await site.retention.pruneRuns(401)).toEqual({ runs: 400, incidents: 0 });
  });
});
