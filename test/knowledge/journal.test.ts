// The action journal: written ahead, advanced only from where it stands, by one, under a valid lease.
import { expect, it } from "vitest";
import { describeOnEachDriver } from "./each-driver.ts";
import { journalStates } from "../../knowledge/records.ts";

const key = { runId: "run-a", planId: "plan-a", step: 1 };
const entry = { ...key, action: "docker.restart", service: "shop", params: { graceMs: 5_000 } };

describeOnEachDriver("The journal", (open) => {
  it("writes an intent once", async () => {
    await using site = await open();
    const { journal } = site.store;
    const first = await journal.intend(entry);
    expect(first).toEqual({
      ...entry,
      state: "intent",
      backupId: null,
      detail: "",
      intentAt: site.clock.now(),
      updatedAt: site.clock.now(),
    });
    await journal.advance(key, ["intent"], "captured", { backupId: "b-1" });
    site.clock.advance(1_000);
    expect(await journal.intend({ ...entry, action: "other" })).toMatchObject({
      action: "docker.restart",
      state: "captured",
      backupId: "b-1",
    });
    expect(await journal.ofRun("run-a")).toHaveLength(1);
  });

  it("advances only from one of the states named, and keeps what it was not told to change", async () => {
    await using site = await open();
    const { journal } = site.store;
    await journal.intend(entry);
    site.clock.advance(10);
    await journal.advance(key, ["intent"], "captured", { backupId: "b-1", detail: "kept" });
    await journal.advance(key, ["intent", "captured"], "applying");
    const refused = { name: "HealError", code: "journal-conflict" };
    await expect(journal.advance(key, ["intent"], "applied")).rejects.toMatchObject(refused);
    await expect(journal.advance({ ...key, step: 2 }, ["intent"], "applied")).rejects.toMatchObject(refused);
    expect(await journal.ofPlan("run-a", "plan-a")).toMatchObject([
      { state: "applying", backupId: "b-1", detail: "kept", updatedAt: site.clock.now() },
    ]);
  });

  it("lets one of many advance at once", async () => {
    await using site = await open();
    const { journal } = site.store;
    await journal.intend(entry);
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, () => journal.advance(key, ["intent"], "applying")),
    );
    expect(tries.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  });

  it("refuses a write under a lease that was taken over", async () => {
    await using site = await open();
    const { journal, leases } = site.store;
    await journal.intend(entry);
    const old = await leases.acquire("shop", "worker-1", 1_000);
    if (old === undefined) throw new Error("no lease");
    await journal.advance(key, ["intent"], "captured", { fence: old });
    site.clock.advance(1_001);
    await expect(journal.advance(key, ["captured"], "applying", { fence: old })).rejects.toMatchObject({
      code: "lease-lost",
    });
    const next = await leases.acquire("shop", "worker-2", 1_000);
    if (next === undefined) throw new Error("no lease");
    await expect(journal.advance(key, ["captured"], "applying", { fence: old })).rejects.toMatchObject({
      code: "lease-lost",
    });
    await expect(journal.advance(key, ["intent"], "applying", { fence: next })).rejects.toMatchObject({
      code: "journal-conflict",
    });
    await journal.advance(key, ["captured"], "applying", { fence: next });
    expect(await journal.ofRun("run-a")).toMatchObject([{ state: "applying" }]);
  });

  it("lists what is half done, of every run, oldest first", async () => {
    await using site = await open();
    const { journal } = site.store;
    for (const [index, state] of journalStates.entries()) {
      await journal.intend({ ...entry, runId: `run-${index}` });
      if (state !== "intent") await journal.advance({ ...key, runId: `run-${index}` }, ["intent"], state);
      site.clock.advance(5);
    }
    const halfDone = await journal.unfinished();
    expect(halfDone.map(({ state }) => state)).toEqual(["captured", "applying", "applied", "undoing"]);
  });

  it("gives the newest first, of one service or all, since a time, bounded", async () => {
    await using site = await open();
    const { journal } = site.store;
    const start = site.clock.now();
    for (const [step, service] of ["shop", "cart", "shop", "shop"].entries()) {
      await journal.intend({ ...entry, step: step + 1, service });
      site.clock.advance(100);
    }
    const steps = async (options: Parameters<typeof journal.recent>[0]): Promise<number[]> =>
      (await journal.recent(options)).map(({ step }) => step);
    expect(await steps({ since: start, limit: 10 })).toEqual([4, 3, 2, 1]);
    expect(await steps({ service: "shop", since: start, limit: 2 })).toEqual([4, 3]);
    expect(await steps({ service: "shop", since: start + 100, limit: 10 })).toEqual([4, 3]);
  });
});
