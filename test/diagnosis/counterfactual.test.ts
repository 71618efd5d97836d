// What the accepted cause predicts is looked at freshly right before anything is touched; what is refuted stops the plan.
import { describe, expect, it } from "vitest";
import { makeConfirm } from "../../agents/counterfactual.ts";
import { makeEvidence } from "../../agents/evidence/make-evidence.ts";
import { databasePlaybooks } from "../../agents/playbooks/databases.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import type { Confirmation } from "../../domain/incident.ts";
import type { FixPlan } from "../../domain/plan.ts";
import { afterConfirm, MAX_REFUTATIONS } from "../../graph/routes.ts";
import { diagnose, evidenceParts, finding, NOW, SECOND, shop, type World } from "./shop-world.ts";

const crashed = (world: World): void => {
  world.states["checkout"] = { status: "exited", exitCode: 137, finishedAt: NOW - 5 * SECOND };
  world.failing["checkout"] = "refused";
  world.findings = [finding("exited", { exitCode: 137 }, { since: NOW - 5 * SECOND })];
};

const up = (world: World): void => void (world.states["checkout"] = { status: "running" });

const looked = (change: Partial<Confirmation>): Confirmation => ({
  planId: "plan-1",
  at: NOW,
  outcome: "held",
  refutations: 0,
  checks: [],
  ...change,
});

/** Diagnoses, lets something happen, and looks again with the same evidence, as a run does. */
async function confirmed(
  prepare: (world: World) => void,
  meanwhile: (world: World) => void = () => undefined,
  before?: Confirmation,
) {
  const world = shop();
  prepare(world);
  const evidence = makeEvidence(evidenceParts(world));
  const { plan } = await diagnose(world, "checkout", [], undefined, undefined, evidence);
  meanwhile(world);
  const confirm = makeConfirm({
    playbooks: shippedPlaybooks,
    evidence,
    service: (name) => world.services.find((one) => one.name === name),
    clock: evidenceParts(world).clock,
  });
  const { findings, signals } = world;
  return { plan, ...(await confirm({ plan, findings, signals, confirmation: before ?? null })) };
}

describe("before a fix", () => {
  it("what the cause predicts is looked at, and holds", async () => {
    const { plan, confirmation } = await confirmed(crashed);
    expect(confirmation).toMatchObject({
      planId: plan?.id,
      outcome: "held",
      refutations: 0,
      checks: [{ id: "still-down", verdict: "held", text: "exited with code 137" }],
    });
  });

  it("what has changed since the diagnosis is seen, though the same was asked before", async () => {
    const { confirmation } = await confirmed(crashed, (world) => {
      world.states["checkout"] = { status: "running" };
    });
    expect(confirmation).toMatchObject({ outcome: "refuted", refutations: 1, checks: [{ text: "running" }] });
  });

  it("a hang that has passed is not restarted", async () => {
    const { confirmation } = await confirmed(
      (world) => {
        world.failing["checkout"] = "timeout";
        world.listening["checkout"] = true;
        world.findings = [finding("hung", { failures: 3 })];
      },
      (world) => {
        delete world.failing["checkout"];
      },
    );
    expect(confirmation.outcome).toBe("refuted");
    expect(confirmation.checks.find((one) => one.verdict === "refuted")?.id).toBe("still-silent");
  });

  it("what cannot be seen refutes nothing", async () => {
    const { confirmation } = await confirmed(crashed, (world) => {
      world.services = world.services.filter((one) => one.name !== "checkout");
    });
    expect(confirmation).toMatchObject({ outcome: "held", checks: [] });
  });

  it("refutations of a run are counted", async () => {
    const first: Confirmation = { planId: "x", at: NOW, outcome: "refuted", refutations: 1, checks: [] };
    expect((await confirmed(crashed, up, first)).confirmation.refutations).toBe(2);
    expect((await confirmed(crashed, undefined, first)).confirmation).toMatchObject({
      outcome: "held",
      refutations: 1,
    });
  });
});

describe("the way on", () => {
  const plan = { id: "plan-1" } as FixPlan;
  it.each([
    ["held", looked({}), "backUp"],
    ["held after a refutation", looked({ refutations: 1 }), "backUp"],
    ["refuted", looked({ outcome: "refuted", refutations: MAX_REFUTATIONS }), "observe"],
    ["refuted again", looked({ outcome: "refuted", refutations: MAX_REFUTATIONS + 1 }), "escalate"],
    ["of another plan", looked({ planId: "plan-0" }), "escalate"],
    ["never looked", null, "escalate"],
  ] as const)("%s", (_what, confirmation, next) => {
    expect(afterConfirm({ confirmation, plan })).toBe(next);
  });
});

describe("shipped playbooks", () => {
  it("predict something wherever they act", () => {
    const acting = shippedPlaybooks.filter(
      (one) => !databasePlaybooks.includes(one) && one.fixes.some((fix) => fix.class !== "human"),
    );
    expect(acting.filter((one) => one.predicts.length === 0).map((one) => one.id)).toEqual([]);
  });
});
