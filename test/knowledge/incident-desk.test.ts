// Incidents as people look for them and speak of them, and the actions that were taken.
import { expect, it } from "vitest";
import { describeOnEachDriver } from "./each-driver.ts";
import { finding } from "./sample-findings.ts";

describeOnEachDriver("The incident desk's store", (open) => {
  it("finds incidents by every filter, page by page, and counts them", async () => {
    await using site = await open();
    const { incidents, notes, runs } = site.store;
    const a = await incidents.open("shop", [finding("a", { since: 5 })], 10);
    const b = await incidents.open(
      "shop",
      [finding("b", { kind: "memory", severity: "warning", since: 15 })],
      25,
    );
    const c = await incidents.open("cart", [finding("c", { since: 40, summary: "cart: Disk full" })], 30);
    await incidents.close(a.id, "RESOLVED", 110);
    await incidents.close(b.id, "ESCALATED", 50);
    await runs.start({ id: "run-1", service: "shop", trigger: "watch", reason: "exited" });
    await runs.update("run-1", { incidentId: a.id, status: "ended", outcome: "healed" });

    const search = async (query: object) =>
      (await incidents.search({ limit: 10, ...query })).incidents.map(({ id }) => id);
    expect(await search({})).toEqual([c.id, b.id, a.id]);
    expect(await search({ status: "RESOLVED" })).toEqual([a.id]);
    expect(await search({ severity: "WARNING" })).toEqual([b.id]);
    expect(await search({ type: "exited", service: "shop" })).toEqual([a.id]);
    expect(await search({ q: "disk FULL" })).toEqual([c.id]);
    expect(await search({ from: 11, to: 30 })).toEqual([b.id]);
    expect(await search({ offset: 2 })).toEqual([a.id]);
    const page = await incidents.search({ limit: 2 });
    expect(page).toMatchObject({ total: 3, nextCursor: b.id });
    expect(await search({ cursor: page.nextCursor ?? "" })).toEqual([a.id]);
    await expect(search({ cursor: "made-up" })).rejects.toMatchObject({ code: "bad-cursor" });
    expect((await incidents.ofSignature("a", 9)).map(({ id }) => id)).toEqual([a.id]);
    expect((await runs.ofIncident(a.id)).map(({ id }) => id)).toEqual(["run-1"]);

    expect(await incidents.stats({})).toEqual({
      total: 3,
      byType: { exited: 2, memory: 1 },
      bySeverity: { CRITICAL: 2, WARNING: 1 },
      byStatus: { ACTIVE: 1, ESCALATED: 1, RESOLVED: 1 },
      // The third was opened before its symptom is said to have begun: nothing to count.
      detectMs: { count: 2, mean: 7.5, median: 7.5 },
      resolveMs: { count: 1, mean: 100, median: 100 },
      closed: 2,
      autoResolved: 1,
      resolvedByPerson: 0,
    });
    await notes.add({ incidentId: a.id, kind: "resolve", author: "ada", text: "it was the disk" });
    expect(await incidents.stats({ service: "shop" })).toMatchObject({
      total: 2,
      autoResolved: 0,
      resolvedByPerson: 1,
    });
    expect(await incidents.stats({ from: 1_000 })).toMatchObject({
      total: 0,
      byType: {},
      detectMs: { count: 0, mean: null, median: null },
    });
  });

  it("keeps what people say, in order", async () => {
    await using site = await open();
    const { incidents, notes } = site.store;
    const { id } = await incidents.open("shop", [finding("a")], 10);
    const first = await notes.add({ incidentId: id, kind: "acknowledge", author: "ada", text: "" });
    site.clock.advance(5);
    const second = await notes.add({ incidentId: id, kind: "note", author: "bob", text: "a\0b" });
    expect(second).toMatchObject({ text: "a\uFFFDb", at: first.at + 5 });
    expect(await notes.of([id, "other"])).toEqual([first, second]);
    await expect(notes.add({ incidentId: "none", kind: "note", author: "ada", text: "x" })).rejects.toThrow(
      /foreign key/,
    );
  });

  it("tells every action with outcome and duration, from journal, trace and cases", async () => {
    await using site = await open();
    const { journal, runs, remediation, cases } = site.store;
    const at = site.clock.now();
    await runs.start({ id: "run-1", service: "shop", trigger: "watch", reason: "exited" });
    const entry = { runId: "run-1", planId: "plan-1", service: "shop", params: {} };
    await journal.intend({ ...entry, step: 1, action: "restart" });
    await journal.intend({ ...entry, step: 2, action: "scale" });
    site.clock.advance(2_000);
    await journal.advance({ ...entry, step: 1 }, ["intent"], "captured");
    await journal.advance({ ...entry, step: 1 }, ["captured"], "applying");
    await journal.advance({ ...entry, step: 1 }, ["applying"], "applied");
    await journal.advance({ ...entry, step: 1 }, ["applied"], "verified");
    await journal.advance({ ...entry, step: 2 }, ["intent"], "failed", { detail: "no room" });
    await runs.appendStep("run-1", {
      node: "apply",
      agent: "fix-engineer",
      phase: "end",
      at: at + 2_000,
      ms: 12,
      data: { application: { outcome: "failed", appliedAt: at, steps: [{ step: 1, ms: 412 }] } },
    });
    await cases.file({
      id: "case_plan-1",
      runId: "run-1",
      incidentId: null,
      service: "shop",
      targetKind: "process",
      signature: "a",
      symptom: "exited",
      playbook: "process-crash",
      fix: "restart",
      fixClass: "restart",
      planHash: "0",
      undone: false,
      strategy: "IMMEDIATE_FIX",
      outcome: "healed",
      scoreBp: 9_000,
      healMs: 5,
      at,
    });
    const { actions, total, nextCursor } = await remediation.history({ limit: 10 });
    expect({ total, nextCursor }).toEqual({ total: 2, nextCursor: null });
    expect(actions).toMatchObject([
      { id: "run-1:plan-1:2", action: "scale", outcome: "failed", durationMs: 2_000, detail: "no room" },
      {
        id: "run-1:plan-1:1",
        action: "restart",
        outcome: "succeeded",
        durationMs: 412,
        planOutcome: "healed",
      },
    ]);
    const page = await remediation.history({ limit: 1 });
    const rest = await remediation.history({ limit: 9, cursor: page.nextCursor ?? "" });
    expect(rest.actions.map((one) => one.step)).toEqual([1]);
    expect((await remediation.history({ limit: 9, action: "scale" })).actions).toHaveLength(1);
    expect((await remediation.history({ limit: 9, offset: 1 })).actions).toHaveLength(1);
    await expect(remediation.history({ limit: 9, cursor: "?" })).rejects.toMatchObject({
      code: "bad-cursor",
    });
    expect(await remediation.stats({ service: "shop" })).toMatchObject([
      { action: "restart", total: 1, succeeded: 1, failed: 0, healed: 1, medianMs: 412 },
      { action: "scale", total: 1, succeeded: 0, failed: 1, healed: 1, medianMs: 2_000 },
    ]);
    expect(await remediation.stats({ to: at })).toEqual([]);
  });
});
