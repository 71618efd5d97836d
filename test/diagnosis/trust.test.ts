// Trust in a fix: outcomes weigh less with age and distance, and no more success ever counts against it.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { learningPoints, rateOf, TRUST_HALF_LIFE_DAYS, trustOf, weightOf } from "../../agents/trust.ts";
import { trustSchema } from "../../domain/trust.ts";
import type { DatedOutcomes } from "../../knowledge/records.ts";
import { NOW } from "../gate/gate-input.ts";

const DAY = 24 * 3_600_000;
const today = Math.floor(NOW / DAY);
const tried = (
  nearness: DatedOutcomes["nearness"],
  age: number,
  successes: number,
  failures = 0,
): DatedOutcomes => ({ nearness, day: today - age, total: successes + failures, successes });

function points(...outcomes: DatedOutcomes[]): number {
  const trust = trustOf(outcomes, NOW);
  return trust ? learningPoints(trust) : 0;
}

describe("trust", () => {
  it("halves with every half-life, in whole numbers, and ends at nothing", () => {
    const at = (halvings: number) => weightOf(halvings * TRUST_HALF_LIFE_DAYS * DAY);
    expect([0, 1, 2, 3, 15].map(at)).toEqual([10_000, 5_000, 2_500, 1_250, 0]);
    expect(weightOf(-DAY)).toBe(10_000);
  });

  it.each([
    ["one lucky outcome moves little", [tried("target", 0, 1)], 200],
    ["the same half a half-life ago less", [tried("target", 45, 1)], 150],
    ["and a half-life ago", [tried("target", 90, 1)], 111],
    ["wherever it was", [tried("others", 0, 1)], 200],
    ["failures lower it", [tried("target", 0, 6, 2)], 333],
    ["failures only", [tried("target", 0, 0, 8)], -667],
    [
      "one success here against fifty failures elsewhere",
      [tried("target", 0, 1), tried("kind", 0, 0, 50)],
      -541,
    ],
    [
      "eight successes here against fifty failures elsewhere",
      [tried("target", 0, 8), tried("kind", 0, 0, 50)],
      358,
    ],
  ])("%s", (_name, outcomes, expected) => {
    expect(points(...outcomes)).toBe(expected);
  });

  it("is not there where nothing that still counts is known", () => {
    expect(trustOf([], NOW)).toBeUndefined();
    expect(trustOf([tried("target", 5_000, 9)], NOW)).toBeUndefined();
  });
});

const anyOutcome = fc
  .tuple(
    fc.constantFrom("target", "kind", "others" as const),
    fc.integer({ min: -3, max: 2_000 }),
    fc.nat(20),
    fc.nat(20),
  )
  .map((given) => tried(...given));
const anyRecord = fc.array(anyOutcome, { maxLength: 12 });

describe("for every record, trust", () => {
  it("moves a score by whole points, at most 1,000 either way, and can be counted again from the record", () => {
    fc.assert(
      fc.property(anyRecord, (outcomes) => {
        const trust = trustOf(outcomes, NOW);
        if (!trust) return;
        const moved = learningPoints(trust);
        expect(Number.isInteger(moved) && Math.abs(moved) <= 1_000).toBe(true);
        expect(learningPoints(trustSchema.parse(JSON.parse(JSON.stringify(trust))))).toBe(moved);
        expect(rateOf(trust)).toBeLessThanOrEqual(10_000);
      }),
    );
  });

  it("never falls with one more success, nor rises with one more failure, whenever and wherever", () => {
    fc.assert(
      fc.property(anyRecord, anyOutcome, (outcomes, { nearness, day }) => {
        const now = points(...outcomes);
        const one = { nearness, day, total: 1 };
        expect(points(...outcomes, { ...one, successes: 1 })).toBeGreaterThanOrEqual(now);
        expect(points(...outcomes, { ...one, successes: 0 })).toBeLessThanOrEqual(now);
      }),
    );
  });

  it("fades: as time goes by, a record of successes only gives less, one of failures only takes less", () => {
    fc.assert(
      fc.property(anyRecord, fc.nat(1_000), (outcomes, days) => {
        const later = (all: DatedOutcomes[]) =>
          all.map((one) => ({ ...one, day: Math.min(one.day, today) - days }));
        const good = outcomes.map((one) => ({ ...one, successes: one.total }));
        const bad = outcomes.map((one) => ({ ...one, successes: 0 }));
        expect(points(...later(good))).toBeLessThanOrEqual(points(...good));
        expect(points(...later(bad))).toBeGreaterThanOrEqual(points(...bad));
      }),
    );
  });
});
