// Runs and their append-only traces.
import { expect, it } from "vitest";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";
import { incidentOf } from "./sample-findings.ts";

const step = {
  node: "detect",
  agent: "error-detector",
  phase: "end" as const,
  at: 5,
  ms: 1.5,
  data: { found: 1 },
};

async function start(site: TestStore, id: string, service = "shop"): Promise<void> {
  await site.store.runs.start({ id, service, trigger: "watch", reason: "exited" });
}

describeOnEachDriver("Runs", (open) => {
  it("begin running and take changes, field by field", async () => {
    await using site = await open();
    const { runs } = site.store;
    await start(site, "run-a");
    const begun = {
      id: "run-a",
      service: "shop",
      incidentId: null,
      trigger: "watch",
      reason: "exited",
      dryRun: false,
      status: "running",
      outcome: null,
      scoreBp: null,
      startedAt: site.clock.now(),
      endedAt: null,
      report: null,
    };
    expect(await runs.get("run-a")).toEqual(begun);
    await runs.update("run-a", { incidentId: "inc-1", scoreBp: 8_612 });
    await runs.update("run-a", {});
    await runs.update("run-a", { status: "ended", outcome: "healed", endedAt: 7, report: "ok\0" });
    expect(await runs.get("run-a")).toEqual({
      ...begun,
      incidentId: "inc-1",
      scoreBp: 8_612,
      status: "ended",
      outcome: "healed",
      endedAt: 7,
      report: "ok\uFFFD",
    });
    await runs.update("run-a", { incidentId: null });
    expect(await runs.get("run-a")).toMatchObject({ incidentId: null, scoreBp: 8_612 });
  });

  it("that nobody started are not found", async () => {
    await using site = await open();
    const { runs } = site.store;
    expect(await runs.get("none")).toBeUndefined();
    expect(await runs.steps("none")).toEqual([]);
    expect(await runs.incident("none")).toBeUndefined();
    const missing = { name: "HealError", code: "not-found" };
    await expect(runs.update("none", { status: "ended" })).rejects.toMatchObject(missing);
    await expect(runs.update("none", {})).rejects.toMatchObject(missing);
    await expect(runs.appendStep("none", step)).rejects.toMatchObject(missing);
    await expect(runs.saveIncident("none", incidentOf("none"))).rejects.toMatchObject(missing);
  });

  it("start once", async () => {
    await using site = await open();
    await start(site, "run-a");
    await expect(start(site, "run-a")).rejects.toMatchObject({ code: "23505" });
  });

  it("are listed newest first, page by page, without gap or double when new ones come", async () => {
    await using site = await open();
    const { runs } = site.store;
    for (let n = 1; n <= 7; n += 1) {
      await start(site, `run-${n}`, n % 2 === 0 ? "cart" : "shop");
      if (n % 3 === 0) site.clock.advance(1_000);
    }
    const seen: string[] = [];
    let cursor: string | undefined;
    do {
      const page = await runs.list({ limit: 2, ...(cursor === undefined ? {} : { cursor }) });
      seen.push(...page.runs.map(({ id }) => id));
      cursor = page.nextCursor ?? undefined;
      site.clock.advance(1);
      await start(site, `late-${seen.length}`);
    } while (cursor !== undefined);
    expect(seen).toEqual(["run-7", "run-6", "run-5", "run-4", "run-3", "run-2", "run-1"]);
  });

  it("are listed by service and outcome, with no cursor after the last page", async () => {
    await using site = await open();
    const { runs } = site.store;
    await start(site, "run-1");
    await start(site, "run-2", "cart");
    await start(site, "run-3", "cart");
    await runs.update("run-3", { status: "ended", outcome: "escalated" });
    expect(await runs.list({ limit: 2, service: "cart" })).toMatchObject({
      runs: [{ id: "run-3" }, { id: "run-2" }],
      nextCursor: null,
    });
    expect((await runs.list({ limit: 10, outcome: "escalated" })).runs.map(({ id }) => id)).toEqual([
      "run-3",
    ]);
    expect((await runs.list({ limit: 10, service: "shop", outcome: "escalated" })).runs).toEqual([]);
    expect((await runs.list({ limit: 0 })).runs).toHaveLength(1);
  });

  it("refuse a cursor that no list gave", async () => {
    await using site = await open();
    for (const cursor of ["", "rubbish", Buffer.from("1; drop table runs:").toString("base64url")]) {
      await expect(site.store.runs.list({ limit: 1, cursor })).rejects.toMatchObject({ code: "bad-cursor" });
    }
  });

  it("that have not ended are found after a restart, oldest first", async () => {
    await using site = await open();
    const { runs } = site.store;
    for (const id of ["run-1", "run-2", "run-3"]) {
      await start(site, id, id === "run-2" ? "cart" : "shop");
      site.clock.advance(1);
    }
    await runs.update("run-1", { status: "waiting" });
    await runs.update("run-3", { status: "ended" });
    expect((await runs.unfinished()).map(({ id }) => id)).toEqual(["run-1", "run-2"]);
    expect((await runs.unfinished("cart")).map(({ id }) => id)).toEqual(["run-2"]);
  });

  it("number their steps 1, 2, 3 however many are written at once", async () => {
    await using site = await open();
    const { runs } = site.store;
    await start(site, "run-a");
    await start(site, "run-b");
    const numbers = await Promise.all(Array.from({ length: 20 }, () => runs.appendStep("run-a", step)));
    expect(numbers.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, n) => n + 1));
    expect(await runs.appendStep("run-b", { ...step, ms: null, data: null })).toBe(1);
    expect(await runs.steps("run-b")).toEqual([{ ...step, seq: 1, ms: null, data: null }]);
    expect((await runs.steps("run-a")).map(({ seq }) => seq)).toEqual(
      Array.from({ length: 20 }, (_, n) => n + 1),
    );
  });

  it("keep any text a log line may carry", async () => {
    await using site = await open();
    const { runs } = site.store;
    await start(site, "run-a");
    const lines = [
      "null \0 byte",
      "half \ud83d pair",
      "'; drop table opsmedic.runs; --",
      "\u001b[31m",
      "{{1}} $1 \\u0000",
    ];
    await runs.appendStep("run-a", { ...step, data: { lines, "key\0": [1] } });
    const [kept] = await runs.steps("run-a");
    expect(kept?.data).toEqual({
      lines: ["null \uFFFD byte", "half \uFFFD pair", ...lines.slice(2)],
      "key\uFFFD": [1],
    });
  });

  it("have steps that nobody can change or remove, but retention", async () => {
    await using site = await open();
    await start(site, "run-a");
    await site.store.runs.appendStep("run-a", step);
    const refused = { code: "23001" };
    for (const sql of [
      "update opsmedic.run_steps set data = '1'",
      "delete from opsmedic.run_steps",
      "truncate opsmedic.run_steps",
      "delete from opsmedic.runs",
    ]) {
      await expect(site.db.query(sql)).rejects.toMatchObject(refused);
    }
    const changing = site.db.transaction(async (tx) => {
      await tx.query("set local opsmedic.retention = 'on'");
      await tx.query("update opsmedic.run_steps set data = '1'");
    });
    await expect(changing).rejects.toMatchObject(refused);
    expect(await site.store.runs.steps("run-a")).toEqual([{ ...step, seq: 1 }]);
    await site.db.transaction(async (tx) => {
      await tx.query("set local opsmedic.retention = 'on'");
      await tx.query("delete from opsmedic.run_steps");
    });
    // The permission ended with its transaction.
    await site.store.runs.appendStep("run-a", step);
    await expect(site.db.query("delete from opsmedic.run_steps")).rejects.toMatchObject(refused);
  });

  it("keep the incident as it was saved last, checked when read", async () => {
    await using site = await open();
    const { runs } = site.store;
    await start(site, "run-a");
    expect(await runs.incident("run-a")).toBeUndefined();
    await runs.saveIncident("run-a", incidentOf("run-a"));
    const last = incidentOf("run-a", { outcome: "healed", report: "back after 4 s", learned: null });
    await runs.saveIncident("run-a", last);
    expect(await runs.incident("run-a")).toEqual(last);
    await site.db.query(`update opsmedic.runs set incident = '{"runId": 5}'`);
    await expect(runs.incident("run-a")).rejects.toMatchObject({ code: "store-corrupt" });
  });
});
