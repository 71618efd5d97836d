// Failures of the machine, the network, roll-outs and settings: the right cause wins over its rivals, the plan is the one
// that may be made, and the same symptom without the failure never brings the cause over the gate.
import { describe, expect, it } from "vitest";
import { isDiscriminated } from "../../agents/confidence.ts";
import { databasePlaybooks } from "../../agents/playbooks/databases.ts";
import { shippedPlaybooks } from "../../agents/playbooks/shipped.ts";
import { ALLOW_FLOOR_BP } from "../../domain/policy.ts";
import { faults } from "./fault-windows.ts";
import { machineFaults } from "./machine-fault-windows.ts";
import { diagnose, finding, shop } from "./shop-world.ts";

describe("a failure around the service", () => {
  it.each(machineFaults)("$playbook", async (fault) => {
    const world = shop();
    fault.break(world);
    const { diagnosis, plan, noPlan } = await diagnose(world);
    const [top] = diagnosis.hypotheses;
    expect(top).toMatchObject({ playbook: fault.playbook, service: fault.service ?? "checkout" });
    expect(top?.cause).toMatch(fault.cause);
    expect(top?.scoreBp).toBeGreaterThanOrEqual(ALLOW_FLOOR_BP);
    expect(isDiscriminated(top?.checks ?? [])).toBe(true);
    expect(plan?.actions.map((one) => [one.action, one.params]) ?? null).toEqual(fault.plan);
    const why = fault.service ? /lies with/ : /a human is needed: [^{}]+$/;
    expect(noPlan ?? "").toMatch(fault.plan === null ? why : /^$/);
  });
});

describe("the same symptom in a world where nothing is wrong", () => {
  const named = new Set(machineFaults.map((one) => one.playbook));

  it.each(shippedPlaybooks.filter((one) => named.has(one.id)))(
    "is not put down to $id",
    async ({ id, appliesTo }) => {
      const world = shop();
      world.findings = appliesTo.map((kind) => finding(kind));
      const { hypotheses } = (await diagnose(world)).diagnosis;
      const score = hypotheses.find((one) => one.playbook === id)?.scoreBp ?? 0;
      expect(score).toBeLessThan(6_000);
    },
  );
});

describe("the catalogue", () => {
  it("knows at least 40 failure modes, each with a window of its own here", () => {
    const shown = new Set([...faults, ...machineFaults].map((one) => one.playbook));
    const own = shippedPlaybooks.filter((one) => !databasePlaybooks.includes(one)).map((one) => one.id);
    expect(shippedPlaybooks.length).toBeGreaterThanOrEqual(40);
    expect(own.filter((id) => !shown.has(id))).toEqual([]);
  });

  it("has each id once, and the words that people use for it", () => {
    const ids = shippedPlaybooks.map((one) => one.id);
    expect(new Set(ids).size).toBe(ids.length);
    const mute = shippedPlaybooks.filter((one) => {
      return new Set(one.vocabulary).size < (databasePlaybooks.includes(one) ? 3 : 8);
    });
    expect(mute.map((one) => one.id)).toEqual([]);
  });
});
