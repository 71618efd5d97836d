// Calibration, by numbers that can be checked by hand and for every set of outcomes.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { calibration, type ScoredOutcomes, wilson } from "../../signals/calibration.ts";

const scored = (scoreBp: number, successes: number, total: number): ScoredOutcomes => ({
  scoreBp,
  successes,
  total,
});

describe("calibration", () => {
  it("of nothing says nothing", () => {
    expect(calibration([scored(9_000, 0, 0)])).toEqual({
      count: 0,
      successes: 0,
      bins: [],
      brier: null,
      meanError: null,
    });
  });

  it("of 90 % that came true nine times out of ten is perfect but for chance", () => {
    const { bins, brier, meanError } = calibration([scored(9_000, 9, 10)]);
    expect(bins).toMatchObject([
      { fromBp: 9_000, toBp: 9_500, count: 10, successes: 9, meanConfidence: 0.9, successShare: 0.9 },
    ]);
    expect(brier?.score).toBeCloseTo(0.09, 12);
    expect(brier).toMatchObject({ reliability: 0, resolution: 0 });
    expect(brier?.uncertainty).toBeCloseTo(0.09, 12);
    expect(meanError).toBe(0);
  });

  it("tells confidence that is deserved from confidence that is not", () => {
    // 8 of 10 at 90 %, 1 of 10 at 60 %: by hand (10×0.01 + 10×0.25) / 20, (10×0.1225 + 10×0.1225) / 20, 0.45×0.55.
    const { brier, bins } = calibration([scored(9_000, 8, 10), scored(6_000, 1, 10)]);
    expect(bins.map((one) => one.fromBp)).toEqual([6_000, 9_000]);
    expect(brier?.reliability).toBeCloseTo(0.13, 12);
    expect(brier?.resolution).toBeCloseTo(0.1225, 12);
    expect(brier?.uncertainty).toBeCloseTo(0.2475, 12);
    expect(brier?.score).toBeCloseTo(0.255, 12);
    expect(brier?.withinBins).toBeCloseTo(0, 12);
  });

  it("puts 100 % into the last bin", () => {
    expect(calibration([scored(10_000, 1, 1)]).bins).toMatchObject([{ fromBp: 9_500, toBp: 10_000 }]);
  });

  it.each([
    [0, 10, 0, 0.2775],
    [5, 10, 0.2366, 0.7634],
    [9, 10, 0.5958, 0.9821],
    [10, 10, 0.7225, 1],
    [0, 0, 0, 1],
  ])("knows the Wilson interval of %d of %d", (successes, total, low, high) => {
    const interval = wilson(successes, total);
    expect(interval.low).toBeCloseTo(low, 4);
    expect(interval.high).toBeCloseTo(high, 4);
  });
});

const anyGroup = fc
  .tuple(fc.integer({ min: 0, max: 10_000 }), fc.nat(50), fc.nat(50))
  .map(([scoreBp, successes, failures]) => scored(scoreBp, successes, successes + failures));
const anyGroups = fc.array(anyGroup, { maxLength: 30 });

/** Of its bin; the last one has both its ends in it. */
const lowest = ({ scoreBp }: ScoredOutcomes): number => Math.min(scoreBp - (scoreBp % 500), 9_500);

describe("for every set of outcomes, calibration", () => {
  it("loses no outcome, and each bin holds its own confidences", () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        const { count, bins } = calibration(groups);
        expect(count).toBe(groups.reduce((sum, one) => sum + one.total, 0));
        for (const { fromBp, toBp, meanConfidence, successShare, interval } of bins) {
          expect(meanConfidence * 10_000).toBeGreaterThanOrEqual(fromBp - 1e-6);
          expect(meanConfidence * 10_000).toBeLessThanOrEqual(toBp + 1e-6);
          expect(interval.low).toBeLessThanOrEqual(successShare + 1e-12);
          expect(interval.high).toBeGreaterThanOrEqual(successShare - 1e-12);
        }
      }),
    );
  });

  it("has parts that are not negative and make up the score; within bins of one value there is nothing", () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        const { brier } = calibration(groups);
        if (brier === null) return;
        const { score, reliability, resolution, uncertainty, withinBins } = brier;
        expect(Math.min(score, reliability, resolution, uncertainty)).toBeGreaterThanOrEqual(0);
        expect(score).toBeLessThanOrEqual(1);
        expect(reliability - resolution + uncertainty + withinBins).toBeCloseTo(score, 10);
        const single = calibration(groups.map((one) => ({ ...one, scoreBp: lowest(one) })));
        expect(single.brier?.withinBins).toBeCloseTo(0, 10);
      }),
    );
  });

  it("does not depend on how the outcomes are grouped or ordered", () => {
    fc.assert(
      fc.property(anyGroups, (groups) => {
        const apart = groups.flatMap(({ scoreBp, successes, total }) => [
          scored(scoreBp, 0, total - successes),
          scored(scoreBp, successes, successes),
        ]);
        const [one, other] = [calibration(groups), calibration(apart.toReversed())];
        expect(other.bins.map(({ count, successes }) => [count, successes])).toEqual(
          one.bins.map(({ count, successes }) => [count, successes]),
        );
        expect(other.brier?.score ?? 0).toBeCloseTo(one.brier?.score ?? 0, 10);
      }),
    );
  });
});
