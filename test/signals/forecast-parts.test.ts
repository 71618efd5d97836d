import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { autoregression } from "../../signals/forecast/autoregression.ts";
import { strongestCycle } from "../../signals/forecast/cycle.ts";
import { firstPassage } from "../../signals/forecast/first-passage.ts";
import { samePhase } from "../../signals/forecast/path.ts";
import { trust } from "../../signals/forecast/pool.ts";
import { mean, quantile, weightedQuantile, withoutGaps } from "../../signals/forecast/series.ts";
import { roughness } from "../../signals/forecast/steady.ts";
import { slidingQuantiles } from "../../signals/forecast/sliding.ts";
import { seasonalSmoothing } from "../../signals/forecast/smoothing.ts";
import { noise, wave } from "./forecast-series.ts";

const number = fc.double({ min: -1e3, max: 1e3, noNaN: true });

describe("a series without gaps", () => {
  it("joins inner gaps by a line, holds the last value, drops what is before the first", () => {
    expect([...withoutGaps([null, NaN, 1, null, null, 4, null, 3, NaN, null])]).toEqual([
      1, 2, 3, 4, 3.5, 3, 3, 3,
    ]);
    expect([...withoutGaps([])]).toEqual([]);
    expect([...withoutGaps([null])]).toEqual([]);
  });
});

describe("quantiles", () => {
  it("are those of the sorted last values, at every moment", () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 12 }),
        (values, window) => {
          const [found] = slidingQuantiles(Float64Array.from(values), window, [0.3]);
          values.forEach((_, index) => {
            const last = Float64Array.from(values.slice(Math.max(0, index - window + 1), index + 1)).sort();
            expect(found?.[index]).toBe(quantile(last, 0.3));
          });
        },
      ),
    );
  });

  it("with equal weights lie within the values, and do not depend on their order", () => {
    fc.assert(
      fc.property(
        fc.array(number, { minLength: 1, maxLength: 20 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (values, share) => {
          const weights = values.map(() => 1);
          const found = weightedQuantile(values, weights, share);
          expect(found).toBeGreaterThanOrEqual(Math.min(...values));
          expect(found).toBeLessThanOrEqual(Math.max(...values));
          expect(weightedQuantile(values.toReversed(), weights, share)).toBeCloseTo(found, 9);
        },
      ),
    );
  });

  it("leave out what has no weight", () => {
    expect(weightedQuantile([1, 500, 3], [1, 0, 1], 0.5)).toBe(2);
    expect(weightedQuantile([1, 2, 500], [2, 2, 1], 0.5)).toBeLessThan(3);
  });
});

describe("roughness", () => {
  it("tells noise from a walk, a line and a constant, and is not fooled by a spike", () => {
    const steps = noise(300, 4);
    let level = 0;
    const walk = Float64Array.from(steps, (step) => (level += step));
    const spiky = walk.map((value, index) => (index === 100 ? value + 1_000 : value));
    expect(roughness(Float64Array.from(steps))).toBeGreaterThan(1);
    expect(roughness(walk)).toBeLessThan(0.4);
    expect(roughness(spiky)).toBeLessThan(0.4);
    expect(roughness(Float64Array.from(steps.keys()))).toBeLessThan(0.1);
    expect(roughness(new Float64Array(9).fill(3))).toBe(0);
    expect(roughness(Float64Array.of(3))).toBe(0);
  });
});

describe("trust in forecasters", () => {
  it("falls with the loss, keeps to the prior where losses are equal, and knows no loss at all", () => {
    const [good = 0, fair = 0, bad = 0] = trust([1, 2, 4], [1, 1, 1], 1);
    expect(good).toBeGreaterThan(fair);
    expect(fair).toBeGreaterThan(bad);
    expect(trust([3, 3], [1, 2], 5)).toEqual([1, 2]);
    expect(trust([0, 0], [1, 2], 5)).toEqual([1, 2]);
  });
});

describe("path forecasters", () => {
  it("say nothing from a history that is too short for them", () => {
    const short = new Float64Array(20).fill(1);
    expect(samePhase(24, 1, mean)(short, 5)).toBeUndefined();
    expect(autoregression({ lags: [1, 24], ridge: 1 })(short, 5)).toBeUndefined();
    expect(seasonalSmoothing({ level: 0.1, short: 0.1, long: 0 }, 24, undefined)(short, 5)).toBeUndefined();
  });

  it("learn a wave", () => {
    const values = Float64Array.from(wave(240, 24));
    const next = wave(264, 24).slice(240);
    for (const forecaster of [
      autoregression({ lags: [1, 2, 24], ridge: 0.01 }),
      autoregression({ lags: [1, 2], ridge: 0.01, difference: 24 }),
      seasonalSmoothing({ level: 0.1, short: 0.3, long: 0 }, 24, undefined),
    ]) {
      forecaster(values, 24)?.forEach((value, step) =>
        expect(Math.abs(value - (next[step] ?? 0))).toBeLessThan(0.5),
      );
    }
  });

  it("do not run away: an autoregression stays within reach of what was", () => {
    const doubling = Float64Array.from({ length: 60 }, (_, index) => 1.5 ** index);
    const path = autoregression({ lags: [1, 2], ridge: 1e-9 })(doubling, 200);
    for (const value of path ?? []) expect(value).toBeLessThan(20 * 1.5 ** 60);
  });
});

describe("a cycle of its own", () => {
  it("is found where there is one", () => {
    const changes = Float64Array.from(
      noise(120, 1),
      (value, index) => 0.2 * value + (index % 17 === 0 ? 10 : 0),
    );
    expect(strongestCycle(changes)?.period).toBe(17);
    expect(strongestCycle(changes)?.strength).toBeGreaterThan(0.8);
  });

  it("is weak or missing in noise, and missing in a short or constant series", () => {
    expect(strongestCycle(Float64Array.from(noise(300, 2)))?.strength ?? 0).toBeLessThan(0.5);
    expect(strongestCycle(new Float64Array(100).fill(2))).toBeUndefined();
    expect(strongestCycle(Float64Array.of(1, 2))).toBeUndefined();
  });
});

describe("the first passage", () => {
  it("is a probability that never falls, and is lower for a larger gap", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 400 }), fc.integer({ min: 2, max: 70 }), (seed, count) => {
        const series = Float64Array.from(noise(count, seed), (value, index) => value + 0.1 * index);
        const [near, far] = [firstPassage(series, 2, 20), firstPassage(series, 4, 20)];
        near.forEach((value, step) => {
          expect(value).toBeGreaterThanOrEqual(near[step - 1] ?? 0);
          expect(value).toBeLessThanOrEqual(1 + 1e-9);
          expect(value).toBeGreaterThanOrEqual((far[step] ?? 0) - 1e-9);
        });
      }),
      { numRuns: 40 },
    );
  });
});
