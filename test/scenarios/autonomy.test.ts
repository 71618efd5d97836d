// Decisions that were not carried out are scored by what really happened; by that a fix earns to act alone, and loses it.
import { describe, expect, it } from "vitest";
import { openShop, type Shop } from "./shop.ts";

const EARNED = { autonomy: "earned", earning: { decisions: 3, bound: "40%" } };
const pair = { service: "web", playbook: "process-crash", fix: "start" };

async function decisionsOf(site: Shop) {
  return site.store.decisions.list({ limit: 10 });
}

/** As if it had been right three times before. */
async function earnedBefore(site: Shop): Promise<void> {
  const { decisions } = site.store;
  for (const [index, incidentId] of ["inc-a", "inc-b", "inc-c"].entries()) {
    const at = Date.now() - (10 - index) * 24 * 3_600_000;
    const { id } = await decisions.note({
      ...pair,
      fixClass: "restart",
      title: "Start it",
      cause: "it ended",
      scoreBp: 9_000,
      decision: "deny",
      against: ["mode"],
      would: true,
      signatures: ["another"],
      runId: `run-${index}`,
      incidentId,
      planHash: "h",
      at,
    });
    await decisions.score(id, { outcome: "right", ending: "same-done", told: "somebody did", at: at + 1 });
  }
}

describe("a decision that is not carried out", () => {
  it("was right, when somebody does the same and the symptom is gone", async () => {
    await using site = await openShop({ healing: { mode: "observe" } });
    await site.kill("web");
    expect(await site.heal("web")).toMatchObject({ outcome: "observed" });
    expect(await site.heal("web"), "the same again").toMatchObject({ outcome: "observed" });
    expect(await decisionsOf(site)).toMatchObject([
      { ...pair, decision: "deny", against: ["mode"], would: true, times: 2, outcome: null },
    ]);

    await site.start("web"); // by hand
    await site.settle("web");
    expect(await site.heal("web")).toMatchObject({ outcome: "healthy" });

    expect(await decisionsOf(site)).toMatchObject([{ times: 2, outcome: "right", ending: "same-done" }]);
    expect(await site.engine.scores.standing(pair)).toMatchObject({ rights: 1, wrongs: 0, earnedAt: null });
    expect(await site.store.decisions.wouldHave({})).toMatchObject({ total: 1, right: 1, wrong: 0 });
  });

  it("was wrong, when a person refuses it", async () => {
    await using site = await openShop({ healing: { mode: "approve" } });
    await site.kill("web");
    await site.heal("web");
    const [open] = await site.store.approvals.list({ status: "pending", limit: 1 });
    const no = { decision: "reject", by: "ada", reason: "a deploy", planHash: open?.planHash ?? "" } as const;
    await site.store.approvals.decide(open?.id ?? "", no);
    expect(await site.heal("web")).toMatchObject({ outcome: "rejected" });
    expect(await decisionsOf(site)).toMatchObject([{ ...pair, outcome: "wrong", ending: "refused" }]);
  });
});

describe("a fix that must earn its autonomy", () => {
  it("asks, and what is approved and heals counts for it", async () => {
    await using site = await openShop({ healing: { mode: "auto", ...EARNED } });
    await site.kill("web");
    const run = await site.heal("web");
    expect(run).toMatchObject({ status: "waiting" });
    const { verdict } = await site.incident(run?.id);
    expect(verdict?.reasons.filter((one) => one.outcome !== "pass")).toMatchObject([{ rule: "autonomy" }]);
    const [open] = await site.store.approvals.list({ status: "pending", limit: 1 });
    const yes = { decision: "approve", by: "ada", reason: "ok", planHash: open?.planHash ?? "" } as const;
    await site.store.approvals.decide(open?.id ?? "", yes);
    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });
    expect(await decisionsOf(site)).toMatchObject([
      { ...pair, times: 1, outcome: "right", ending: "healed" },
    ]);
  });

  it("acts alone once it was right often enough, and loses that when the symptom comes back", async () => {
    await using site = await openShop({
      healing: { mode: "auto", ...EARNED, breaker: { cooldown: "0s" } },
    });
    await earnedBefore(site);
    await site.kill("web");
    expect(await site.heal("web")).toMatchObject({ outcome: "healed" });
    expect(await site.engine.scores.standing(pair)).toMatchObject({ rights: 4 });

    await site.kill("web");
    const run = await site.heal("web");
    expect(run?.outcome).not.toBe("healed");
    expect(await site.engine.scores.standing(pair)).toMatchObject({
      earnedAt: null,
      rights: 0,
      lostBecause: "it healed, and the symptom came back",
    });
    const found = (await decisionsOf(site)).filter((one) => one.ending === "came-back");
    expect(found).toMatchObject([{ outcome: "wrong", decision: "allow" }]);
  });
});
