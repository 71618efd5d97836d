// The gate, case by case: one thing is spoiled in an input that is allowed, and one rule must say so.
import { describe, expect, it } from "vitest";
import { replayRun } from "../../api/replay.ts";
import { planHash } from "../../agents/plan-hash.ts";
import { verdictSchema } from "../../domain/plan.ts";
import { gateHistorySchema } from "../../graph/gate-history.ts";
import { GATE_VERSION, gate, type GateInput, mayProceed } from "../../graph/gate.ts";
import { autonomyCases } from "./autonomy-cases.ts";
import { neighbourCases } from "./neighbour-cases.ts";
import { evidenceCases } from "./evidence-cases.ts";
import { pastCases } from "./past-cases.ts";
import { replicaCases } from "./replica-cases.ts";
import { safetyCases } from "./safety-cases.ts";
import { action, allowed, NOW, plan, service } from "./gate-input.ts";

const asJson = (one: object) => JSON.parse(JSON.stringify(one));
const cases = [
  ...evidenceCases,
  ...safetyCases,
  ...pastCases,
  ...neighbourCases,
  ...autonomyCases,
  ...replicaCases,
];

describe("the gate", () => {
  it("allows what is sure, safe and reversible, and shows every rule", () => {
    const verdict = gate(allowed());
    expect(verdict).toMatchObject({
      version: GATE_VERSION,
      decision: "allow",
      scoreBp: 9_000,
      allowBp: 8_500,
      at: NOW,
      planHash: planHash(allowed().plan.actions),
    });
    expect(verdict.reasons.map((one) => one.outcome)).toEqual(Array(25).fill("pass"));
    expect(verdictSchema.parse(verdict)).toEqual(verdict);
  });

  it.each(cases)("%s (%s: %s)", (_name, rule, outcome, spoil) => {
    const input = allowed();
    spoil(input);
    const verdict = gate(input);
    const reason = verdict.reasons.find((one) => one.rule === rule);
    expect(reason).toMatchObject({ outcome });
    const outcomes = verdict.reasons.map((one) => one.outcome);
    const strictest = outcomes.includes("deny") ? "deny" : outcomes.includes("ask") ? "ask" : "allow";
    expect(verdict.decision).toBe(strictest);
  });

  it("denies with the error as reason when something breaks inside", () => {
    const verdict = gate({ ...allowed(), policy: null as unknown as GateInput["policy"] });
    expect(verdict.decision).toBe("deny");
    expect(verdict.reasons.find((one) => one.rule === "paused")?.text).toMatch(
      /could not be answered: .*paused/,
    );
  });

  it("denies what is not an input at all", () => {
    const verdict = gate(null as unknown as GateInput);
    expect(verdict).toMatchObject({ decision: "deny", scoreBp: 0, at: 0, planHash: "" });
  });

  it("gives the same verdict again from the record", () => {
    for (const [, , , spoil] of cases) {
      const input = allowed();
      spoil(input);
      if (Number.isNaN(input.now) || Number.isNaN(input.policy.gate.allowBp)) continue; // JSON has no NaN
      const record = JSON.parse(JSON.stringify({ input, verdict: gate(input) }));
      expect(gateHistorySchema.parse(record.input.history)).toEqual(input.history);
      expect(gate(record.input)).toEqual(record.verdict);
    }
  });

  it("judges a record by the rules of its time", () => {
    const input = allowed();
    input.policy.autonomy = { grant: "earned", least: 10, boundBp: 7_000 };
    const old = gate(input, 1);
    expect(old).toMatchObject({ version: 1, decision: "allow" });
    expect(old.reasons).toHaveLength(17);
    expect(gate(input).decision).toBe("ask");
    const step = { node: "gate", agent: "gate", at: NOW, ms: null, runId: "run-1" };
    const steps = [
      { ...step, seq: 1, phase: "note" as const, data: asJson({ gateInput: input }) },
      { ...step, seq: 2, phase: "end" as const, data: asJson({ verdict: old }) },
    ];
    expect(replayRun(steps)).toEqual([{ recorded: old, replayed: old, same: true }]);
  });

  it("changes nothing of what it was given", () => {
    const input = allowed();
    const before = structuredClone(input);
    gate(input);
    expect(input).toEqual(before);
  });
});

describe("services beside the plan's", () => {
  it("ends its walk over dependencies that form a circle", () => {
    const input = allowed();
    input.history.services = [
      service("checkout", { dependsOn: ["orders-db"] }),
      service("orders-db", { dependsOn: ["checkout"] }),
    ];
    expect(gate(input).decision).toBe("allow");
  });
});

function verdictOf(mode: "observe" | "approve" | "auto") {
  const input = allowed();
  input.policy.mode = mode;
  return gate(input);
}

describe("going on after the gate", () => {
  const approval = { decision: "approve", planHash: allowed().plan.hash, by: "ada" } as const;
  const other = plan([action({ params: { force: true } })]);

  it.each([
    ["allowed", "auto", null, allowed().plan, true],
    ["allowed, but another plan", "auto", approval, other, false],
    [
      "allowed, but other actions under the same hash",
      "auto",
      approval,
      { ...other, hash: allowed().plan.hash },
      false,
    ],
    ["asked, nobody answered", "approve", null, allowed().plan, false],
    ["asked and approved", "approve", approval, allowed().plan, true],
    ["asked and rejected", "approve", { ...approval, decision: "reject" }, allowed().plan, false],
    ["asked and expired", "approve", { ...approval, decision: "expired" }, allowed().plan, false],
    ["asked, another plan approved", "approve", { ...approval, planHash: other.hash }, allowed().plan, false],
    ["denied, though approved", "observe", approval, allowed().plan, false],
  ] as const)("%s", (_name, mode, decided, planned, go) => {
    const answer = mayProceed({ verdict: verdictOf(mode), plan: planned, approval: decided });
    expect(answer).toEqual({ go, reason: expect.stringMatching(/\w/) });
  });

  it("needs a verdict that names its plan", () => {
    const { planHash: _hash, ...old } = verdictOf("auto");
    expect(mayProceed({ verdict: old, plan: allowed().plan, approval }).go).toBe(false);
  });
});
