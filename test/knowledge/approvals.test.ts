// Approvals: asked once, decided once, for one plan, in time.
import { expect, it } from "vitest";
import { codeOf } from "../../knowledge/store-errors.ts";
import { describeOnEachDriver } from "./each-driver.ts";
import type { TestStore } from "./open-test-store.ts";

const yes = { decision: "approve", by: "ana", reason: "looks right", planHash: "hash-1" } as const;

async function ask(site: TestStore, id = "app-1", runId = "run-1", planHash = "hash-1") {
  return site.store.approvals.request({
    id,
    runId,
    service: "shop",
    planHash,
    summary: "restart shop",
    scoreBp: 7_400,
    risk: "low",
    expiresAt: site.clock.now() + 60_000,
  });
}

describeOnEachDriver("Approvals", (open) => {
  it("are asked once for a run and plan, even after they were decided", async () => {
    await using site = await open();
    const asked = await ask(site);
    expect(asked).toMatchObject({
      id: "app-1",
      status: "pending",
      requestedAt: site.clock.now(),
      decidedAt: null,
    });
    site.clock.advance(5);
    expect(await ask(site, "app-2")).toEqual(asked);
    const decided = await site.store.approvals.decide("app-1", yes);
    expect(decided).toEqual({
      ...asked,
      status: "approved",
      decidedAt: site.clock.now(),
      decidedBy: "ana",
      reason: "looks right",
    });
    expect(await ask(site, "app-3")).toEqual(decided);
    expect(await ask(site, "app-4", "run-1", "hash-2")).toMatchObject({ id: "app-4", status: "pending" });
    expect(await ask(site, "app-5", "run-2")).toMatchObject({ id: "app-5" });
  });

  it("are decided once, whoever else decides at the same time", async () => {
    await using site = await open();
    await ask(site);
    const tries = await Promise.allSettled(
      Array.from({ length: 8 }, (_, n) =>
        site.store.approvals.decide("app-1", {
          ...yes,
          by: `p${n}`,
          decision: n % 2 === 0 ? "approve" : "reject",
        }),
      ),
    );
    const won = tries.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
    expect(won).toHaveLength(1);
    expect(await site.store.approvals.get("app-1")).toEqual(won[0]);
    const refused = tries.flatMap((one) => (one.status === "rejected" ? [codeOf(one.reason)] : []));
    expect(new Set(refused)).toEqual(new Set(["already-decided"]));
  });

  it("need two people where the risk is high, and the same one twice is one", async () => {
    await using site = await open();
    const { approvals } = site.store;
    const about = { runId: "run-1", service: "shop", planHash: "hash-1", summary: "drop it", scoreBp: 9_000 };
    const expiresAt = site.clock.now() + 60_000;
    const more = { link: "http://x/approvals/app-1", diff: "- a\n+ b", needs: 2 };
    const asked = await approvals.request({ id: "app-1", ...about, ...more, risk: "high", expiresAt });
    expect(asked).toMatchObject({ ...more, endorsed: null });
    const first = await approvals.decide("app-1", yes);
    const endorsed = { by: "ana", at: site.clock.now(), reason: "looks right" };
    expect(first).toEqual({ ...asked, endorsed });
    for (const by of ["ana", " ANA "]) {
      await expect(approvals.decide("app-1", { ...yes, by })).rejects.toMatchObject({ code: "same-person" });
    }
    const tries = await Promise.allSettled(
      ["bob", "eve", "ana"].map((by) => approvals.decide("app-1", { ...yes, by, reason: "agreed" })),
    );
    expect(tries.filter((one) => one.status === "fulfilled")).toHaveLength(1);
    const decided = await approvals.get("app-1");
    expect(decided).toMatchObject({ status: "approved", endorsed, reason: "agreed" });
    expect(["bob", "eve"]).toContain(decided?.decidedBy);
  });

  it("are refused by one person, also where two must approve, and expire with one", async () => {
    await using site = await open();
    const { approvals } = site.store;
    const about = {
      service: "shop",
      planHash: "hash-1",
      summary: "drop it",
      scoreBp: 9_000,
      risk: "high",
      needs: 2,
    };
    const expiresAt = site.clock.now() + 60_000;
    await approvals.request({ id: "app-1", runId: "run-1", ...about, expiresAt });
    await approvals.request({ id: "app-2", runId: "run-2", ...about, expiresAt });
    await approvals.decide("app-1", yes);
    await approvals.decide("app-2", yes);
    expect(await approvals.decide("app-1", { ...yes, decision: "reject" })).toMatchObject({
      status: "rejected",
    });
    site.clock.advance(60_001);
    await expect(approvals.decide("app-2", { ...yes, by: "bob" })).rejects.toMatchObject({ code: "expired" });
  });

  it("are bound to the plan that was shown", async () => {
    await using site = await open();
    await ask(site);
    const { approvals } = site.store;
    await expect(approvals.decide("app-1", { ...yes, planHash: "hash-2" })).rejects.toMatchObject({
      code: "plan-changed",
    });
    await expect(approvals.decide("none", yes)).rejects.toMatchObject({ code: "not-found" });
    expect(await approvals.get("app-1")).toMatchObject({ status: "pending" });
    expect(await approvals.decide("app-1", { ...yes, decision: "reject" })).toMatchObject({
      status: "rejected",
    });
  });

  it("expire, are never approved by that, and cannot be decided afterwards", async () => {
    await using site = await open();
    const { approvals } = site.store;
    await ask(site);
    await ask(site, "app-2", "run-2");
    await approvals.decide("app-2", yes);
    expect(await approvals.expire(site.clock.now() + 59_999)).toEqual([]);
    site.clock.advance(60_000);
    await expect(approvals.decide("app-1", yes)).rejects.toMatchObject({ code: "expired" });
    expect(await approvals.get("app-1")).toMatchObject({ status: "pending" });
    expect(await approvals.expire(site.clock.now())).toMatchObject([
      { id: "app-1", status: "expired", decidedAt: site.clock.now(), decidedBy: null },
    ]);
    expect(await approvals.expire(site.clock.now())).toEqual([]);
    await expect(approvals.decide("app-1", yes)).rejects.toMatchObject({ code: "expired" });
    expect(await approvals.get("app-2")).toMatchObject({ status: "approved" });
  });

  it("are listed newest first, by status", async () => {
    await using site = await open();
    await ask(site);
    site.clock.advance(1);
    await ask(site, "app-2", "run-2");
    await site.store.approvals.decide("app-1", yes);
    const ids = async (options: Parameters<typeof site.store.approvals.list>[0]): Promise<string[]> =>
      (await site.store.approvals.list(options)).map(({ id }) => id);
    expect(await ids({ limit: 10 })).toEqual(["app-2", "app-1"]);
    expect(await ids({ limit: 10, status: "pending" })).toEqual(["app-2"]);
    expect(await ids({ limit: 1 })).toEqual(["app-2"]);
  });
});
