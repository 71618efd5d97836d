// What must hold for every input, not only for the ones we thought of: DESIGN section 4, and the five mistakes of a
// known healer whose gate compared texts, went on after it had aborted, and changed the plan behind it.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAP_BP, score, TEXT_OBSERVATIONS } from "../../agents/confidence.ts";
import { ALLOW_FLOOR_BP } from "../../domain/policy.ts";
import { gate, type GateInput, mayProceed } from "../../graph/gate.ts";
import { action, allowed, check, hypothesis, plan, trusted } from "./gate-input.ts";

const verdictOf = fc.constantFrom("supports", "contradicts", "unknown" as const);
const observe = fc.constantFrom("exit-status", "port-open", "setting-for", ...TEXT_OBSERVATIONS);
const anyCheck = fc
  .record({
    verdict: verdictOf,
    discriminating: fc.boolean(),
    observe,
    weight: fc.integer({ min: 0, max: 5_000 }),
    against: fc.integer({ min: 0, max: 10_000 }),
  })
  .map(({ verdict, weight, against, ...rest }) =>
    check({
      ...rest,
      verdict,
      points: verdict === "supports" ? weight : verdict === "contradicts" ? -against : 0,
    }),
  );
const anyMore = fc.record({
  prior: fc.integer({ min: 0, max: 6_000 }),
  learning: fc.option(
    fc
      .tuple(fc.nat(50), fc.nat(50))
      .map(([successes, failures]) => trusted({ successes, total: successes + failures })),
    { nil: undefined },
  ),
  model: fc.option(fc.record({ agrees: fc.boolean() }), { nil: undefined }),
  sceptic: fc.option(fc.integer({ min: -10_000, max: 10_000 }), { nil: undefined }),
});
const anyChecks = fc.array(anyCheck, { maxLength: 8 });
const anyHypothesis = fc.tuple(anyChecks, anyMore).map(([checks, more]) => hypothesis(checks, more));

const withTop = (top: ReturnType<typeof hypothesis>): GateInput => {
  const input = allowed();
  input.diagnosis.hypotheses = [top];
  return input;
};
const bent = fc
  .tuple(anyHypothesis, fc.boolean(), fc.constantFrom("observe", "approve", "auto" as const))
  .map(([top, paused, mode]) => {
    const input = withTop(top);
    input.policy.paused = paused;
    input.policy.mode = mode;
    return input;
  });

describe("what holds for every input of the gate", () => {
  it("never allows below 85 %, whatever the policy says", () => {
    fc.assert(
      fc.property(anyHypothesis, fc.integer({ min: -100, max: 12_000 }), (top, allowBp) => {
        const input = withTop(top);
        input.policy.gate = { allowBp, askBp: 0 };
        const verdict = gate(input);
        expect(verdict.decision === "allow" && verdict.scoreBp < ALLOW_FLOOR_BP).toBe(false);
        expect(verdict.allowBp).toBeGreaterThanOrEqual(ALLOW_FLOOR_BP);
      }),
    );
  });

  it("never allows on words alone: without a measured discriminating check there is no allow", () => {
    fc.assert(
      fc.property(anyChecks, anyMore, (checks, more) => {
        const words = checks.map((one) =>
          TEXT_OBSERVATIONS.has(one.observation.name)
            ? one
            : { ...one, verdict: "unknown" as const, points: 0 },
        );
        const top = hypothesis(words, more);
        expect(top.scoreBp).toBeLessThanOrEqual(CAP_BP);
        expect(gate(withTop(top)).decision).not.toBe("allow");
      }),
    );
  });

  it("judges a record that it made itself by the same arithmetic", () => {
    fc.assert(
      fc.property(anyHypothesis, (top) => {
        const reasons = gate(withTop(top)).reasons;
        expect(reasons.find((one) => one.rule === "arithmetic")).toMatchObject({ outcome: "pass" });
      }),
    );
  });

  it("denies a record with one number changed", () => {
    fc.assert(
      fc.property(anyHypothesis, fc.nat(), fc.integer({ min: 1, max: 3_000 }), (top, which, more) => {
        const addend = top.addends[which % top.addends.length];
        if (addend) addend.points += more;
        expect(gate(withTop(top)).decision).toBe("deny");
      }),
    );
  });

  it("gives the same verdict for the same record", () => {
    fc.assert(
      fc.property(bent, (input) => {
        expect(gate(JSON.parse(JSON.stringify(input)))).toEqual(gate(input));
      }),
    );
  });

  it("never throws, and never allows what is not an input", () => {
    fc.assert(
      fc.property(fc.anything(), (garbage) => {
        expect(gate(garbage as GateInput).decision).toBe("deny");
      }),
    );
  });

  it("never allows when a part of the input is broken", () => {
    const part = fc.constantFrom("diagnosis", "plan", "policy", "history" as const);
    fc.assert(
      fc.property(part, fc.anything(), (name, garbage) => {
        expect(gate({ ...allowed(), [name]: garbage }).decision).not.toBe("allow");
      }),
    );
  });

  it("gets no milder when support is removed", () => {
    const strictness = { allow: 0, ask: 1, deny: 2 };
    fc.assert(
      fc.property(anyChecks, anyMore, fc.nat(), (checks, more, which) => {
        const less = checks.map((one, index) =>
          index === which % checks.length && one.verdict === "supports"
            ? { ...one, verdict: "unknown" as const, points: 0 }
            : one,
        );
        const before = gate(withTop(hypothesis(checks, more)));
        const after = gate(withTop(hypothesis(less, more)));
        expect(strictness[after.decision]).toBeGreaterThanOrEqual(strictness[before.decision]);
      }),
    );
  });
});

const approvalOf = (planHash: string) =>
  ({ decision: "approve", planHash, by: "ada", reason: "looks right" }) as const;
const anyApproval = fc.option(
  fc.record({
    decision: fc.constantFrom("approve", "reject", "expired" as const),
    planHash: fc.constantFrom(allowed().plan.hash, "other"),
    by: fc.string(),
    reason: fc.string(),
  }),
);

describe("mistakes of other healers that must not happen here", () => {
  it("a no stops: no approval turns deny into go", () => {
    fc.assert(
      fc.property(bent, anyApproval, (input, approval) => {
        const verdict = gate(input);
        const { go } = mayProceed({ verdict, plan: input.plan, approval });
        const approved = approval?.decision === "approve" && approval.planHash === input.plan.hash;
        const expected = { deny: false, ask: approved, allow: true };
        expect(go).toBe(expected[verdict.decision]);
      }),
    );
  });

  it("nothing changes behind the gate: other actions, or the same with other parameters, do not go", () => {
    const input = allowed();
    const verdict = gate(input);
    const other = plan([action({ params: { force: true } })]);
    expect(mayProceed({ verdict, plan: other, approval: approvalOf(other.hash) }).go).toBe(false);
    const disguised = { ...other, hash: input.plan.hash };
    expect(mayProceed({ verdict, plan: disguised, approval: approvalOf(input.plan.hash) }).go).toBe(false);
    expect(mayProceed({ verdict, plan: input.plan, approval: null }).go).toBe(true);
  });

  it("likeness of texts counts nothing: titles, causes and explanations do not move the verdict", () => {
    fc.assert(
      fc.property(bent, fc.string(), (input, text) => {
        const retold = structuredClone(input);
        retold.diagnosis.explanation = text;
        retold.plan.title = text;
        for (const one of retold.diagnosis.hypotheses) one.cause = one.title = text;
        expect(gate(retold)).toEqual(gate(input));
      }),
    );
  });

  it("what a model says about its own certainty is not read", () => {
    fc.assert(
      fc.property(anyChecks, anyMore, fc.anything(), (checks, more, claim) => {
        const { scoreBp } = score({ checks, ...more });
        const claimed = { ...more, model: { agrees: more.model?.agrees ?? false, confidence: claim } };
        expect(score({ checks, ...claimed }).scoreBp).toBe(scoreBp);
      }),
    );
  });

  it("every field of the policy that is documented has an effect", () => {
    const bend: ((input: GateInput) => void)[] = [
      (one) => (one.policy.mode = "observe"),
      (one) => (one.policy.paused = true),
      (one) => (one.policy.gate.allowBp = 9_999),
      (one) => (one.policy.breaker.attempts = 0),
      (one) => (one.policy.never = [{ service: "*", action: "*" }]),
      (one) => (one.policy.maxBlastServices = 0),
      (one) => (one.policy.windows = [{ text: "", timezone: "UTC", startMinute: 0, endMinute: 0 }]),
    ];
    for (const change of bend) {
      const input = allowed();
      change(input);
      expect(gate(input).decision).not.toBe("allow");
    }
  });
});
