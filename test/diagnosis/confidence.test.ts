// The arithmetic of confidence, by example and for every input.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { CAP_BP, FULL_BP, score } from "../../agents/confidence.ts";
import { addendSchema } from "../../domain/diagnosis.ts";
import { check, trusted } from "../gate/gate-input.ts";

const plain = check({ discriminating: false });

describe("the score", () => {
  it("is prior and weights, each kept", () => {
    const against = check({ check: "healthy", verdict: "contradicts", points: -700 });
    const unknown = check({ check: "limit", verdict: "unknown", points: 900 });
    expect(score({ prior: 4_500, checks: [check(), against, unknown] })).toEqual({
      addends: [
        { kind: "prior", label: expect.any(String), points: 4_500 },
        { kind: "check", label: "exited", points: 4_000 },
        { kind: "check", label: "healthy", points: -700 },
        { kind: "check", label: "limit", points: 0 },
      ],
      scoreBp: 7_800,
      discriminated: true,
    });
  });

  it("is capped without a discriminating check, as the last addend", () => {
    const { addends, scoreBp, discriminated } = score({
      prior: 6_000,
      checks: [plain],
      learning: trusted({ successes: 40, total: 40 }),
      model: { agrees: true },
    });
    expect({ scoreBp, discriminated }).toEqual({ scoreBp: CAP_BP, discriminated: false });
    expect(addends.at(-1)).toMatchObject({ kind: "cap", points: CAP_BP - FULL_BP });
  });

  it("is not discriminated by a check that contradicts, is unknown, or rests on a log's words", () => {
    const none = [
      check({ verdict: "contradicts", points: -1 }),
      check({ verdict: "unknown" }),
      check({ observe: "log-pattern" }),
      check({ points: 0 }),
    ];
    for (const one of none) expect(score({ prior: 0, checks: [one] }).discriminated).toBe(false);
  });

  it("does not count what was not seen, whatever the check claims", () => {
    const unseen = check({
      observation: { status: "unknown", name: "exit-status", params: {}, at: 0, reason: "timed out" },
    });
    expect(score({ prior: 100, checks: [unseen] })).toMatchObject({ scoreBp: 100, discriminated: false });
  });

  it.each([
    [{ successes: 1, total: 1 }, 200],
    [{ successes: 0, total: 1 }, -200],
    [{ successes: 6, total: 6 }, 600],
    [{ successes: 0, total: 0 }, undefined],
    [undefined, undefined],
  ])("learns from %o: %s points", (count, points) => {
    const learning = count && trusted(count);
    const { addends } = score({ prior: 3_000, checks: [check()], learning });
    expect(addends.find((one) => one.kind === "learning")?.points).toBe(points);
  });

  it("is not pushed below 50 % by a bad record alone, nor lifted to 50 % by any", () => {
    const bad = trusted({ successes: 0, total: 200 });
    expect(score({ prior: 1_500, checks: [check()], learning: bad }).scoreBp).toBe(5_000);
    expect(score({ prior: 500, checks: [plain], learning: bad }).scoreBp).toBe(4_500);
    expect(score({ prior: 0, checks: [], learning: trusted({ successes: 0, total: 9 }) }).scoreBp).toBe(0);
  });

  it("lets a model add 500 at most, and nothing where the score is capped", () => {
    const sure = { prior: 4_000, checks: [check()] };
    expect(score({ ...sure, model: { agrees: true } }).scoreBp).toBe(8_500);
    expect(score({ ...sure, model: { agrees: false } }).scoreBp).toBe(8_000);
    expect(score({ prior: 6_000, checks: [check({ points: 3_800 })], model: { agrees: true } }).scoreBp).toBe(
      FULL_BP,
    );
    expect(score({ prior: 4_000, checks: [plain], model: { agrees: true } }).scoreBp).toBe(8_000);
  });

  it("lets a sceptic only lower, and never below nothing", () => {
    const sure = { prior: 4_000, checks: [check()] };
    expect(score({ ...sure, sceptic: 900 }).scoreBp).toBe(8_000);
    expect(score({ ...sure, sceptic: -900 }).scoreBp).toBe(7_100);
    expect(score({ ...sure, sceptic: -90_000 }).scoreBp).toBe(0);
  });
});

const number = fc.oneof(fc.integer({ min: -20_000, max: 20_000 }), fc.double());
const anyCheck = fc.record({
  verdict: fc.constantFrom("supports", "contradicts", "unknown" as const),
  discriminating: fc.boolean(),
  points: number,
  observe: fc.constantFrom("exit-status", "log-pattern"),
});
const anyInput = fc.record({
  prior: number,
  checks: fc.array(anyCheck.map(check), { maxLength: 6 }),
  learning: fc.option(
    fc
      .tuple(fc.nat(30), fc.nat(30))
      .map(([successes, more]) => trusted({ successes, total: successes + more })),
    { nil: undefined },
  ),
  model: fc.option(fc.record({ agrees: fc.boolean() }), { nil: undefined }),
  sceptic: fc.option(number, { nil: undefined }),
});

describe("for every input, the score", () => {
  it("is the sum of integer addends, between 0 and 10,000, and below the cap when not discriminated", () => {
    fc.assert(
      fc.property(anyInput, (input) => {
        const { addends, scoreBp, discriminated } = score(input);
        for (const one of addends) addendSchema.parse(one);
        expect(addends.reduce((sum, one) => sum + one.points, 0)).toBe(scoreBp);
        expect(scoreBp).toBeGreaterThanOrEqual(0);
        expect(scoreBp).toBeLessThanOrEqual(discriminated ? FULL_BP : CAP_BP);
      }),
    );
  });

  it("never rises when support is removed, becomes unknown, or turns into contradiction", () => {
    const ways = fc.constantFrom("remove", "unknown", "contradicts" as const);
    fc.assert(
      fc.property(anyInput, fc.nat(), ways, (input, which, way) => {
        const index = input.checks.findIndex((one, at) => one.verdict === "supports" && at >= which % 6);
        const less = input.checks.flatMap((one, at) => {
          if (at !== index) return [one];
          return way === "remove" ? [] : [{ ...one, verdict: way, points: -Math.abs(one.points) }];
        });
        expect(score({ ...input, checks: less }).scoreBp).toBeLessThanOrEqual(score(input).scoreBp);
      }),
    );
  });

  it("never rises when the prior sinks, the sceptic doubts more, or the model falls silent", () => {
    fc.assert(
      fc.property(anyInput, fc.nat(9_000), (input, by) => {
        const { scoreBp } = score(input);
        expect(score({ ...input, prior: input.prior - by }).scoreBp).toBeLessThanOrEqual(scoreBp);
        expect(score({ ...input, sceptic: (input.sceptic ?? 0) - by }).scoreBp).toBeLessThanOrEqual(scoreBp);
        expect(score({ ...input, model: undefined }).scoreBp).toBeLessThanOrEqual(scoreBp);
      }),
    );
  });

  it("never rises with a record of failures only, nor sinks with one of successes only", () => {
    fc.assert(
      fc.property(anyInput, fc.integer({ min: 1, max: 99 }), (input, total) => {
        const without = score({ ...input, learning: undefined }).scoreBp;
        expect(score({ ...input, learning: trusted({ successes: 0, total }) }).scoreBp).toBeLessThanOrEqual(
          without,
        );
        const healed = score({ ...input, learning: trusted({ successes: total, total }) }).scoreBp;
        expect(healed).toBeGreaterThanOrEqual(without);
      }),
    );
  });
});
