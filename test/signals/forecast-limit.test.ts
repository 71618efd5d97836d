import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { timeToLimit } from "../../signals/forecast/time-to-limit.ts";
import { noise } from "./forecast-series.ts";

const rising = (count: number, slope: number, rough = 0, seed = 1) =>
  noise(count, seed).map((value, index) => slope * index + rough * value);

describe("the time to a limit", () => {
  it("is counted in steps where the series is a line", () => {
    expect(timeToLimit(rising(60, 2), 118 + 20)).toEqual({ steps: 10, lo: 10, hi: 10 });
  });

  it("is never for a falling series, a constant one, and one without a value", () => {
    expect(timeToLimit(rising(90, -1, 2), 50, { maxSteps: 30 })).toBe("never");
    expect(timeToLimit(Array(90).fill(5), 6)).toBe("never");
    expect(timeToLimit([], 6)).toBe("never");
    expect(timeToLimit([null, NaN], 6)).toBe("never");
    expect(timeToLimit([1], 6)).toBe("never");
    expect(timeToLimit(rising(20, 1), NaN)).toBe("never");
  });

  it("is never where the limit lies further than one looks", () => {
    expect(timeToLimit(rising(90, 1), 89 + 40, { maxSteps: 30 })).toBe("never");
    expect(timeToLimit(rising(90, 1), 89 + 40, { maxSteps: 60 })).toMatchObject({ steps: 40 });
    expect(timeToLimit(rising(90, 1), 89 + 10, { maxSteps: 0 })).toBe("never");
  });

  it("is now where the limit is reached already", () => {
    expect(timeToLimit([1, 5, 9], 9)).toEqual({ steps: 0, lo: 0, hi: 0 });
  });

  it("has a range that holds the guess, and may end in never", () => {
    const found = timeToLimit(rising(90, 1, 6, 3), 112, { maxSteps: 30 });
    if (found === "never") throw new Error("it does rise");
    expect(found.lo).toBeLessThan(found.steps);
    expect(found.hi === "never" || found.hi > found.steps).toBe(true);
  });

  it("looks below where trouble is below, as free space is", () => {
    const used = rising(60, 2, 1, 4);
    const free = used.map((value) => 500 - value);
    expect(timeToLimit(free, 500 - 150, { trouble: "below" })).toEqual(timeToLimit(used, 150));
    expect(timeToLimit(used, 50, { trouble: "below" })).toBe("never");
  });

  it("knows the step that a cycle takes each period", () => {
    // Each 20 steps a jump of 10, else nothing: the next jump is 9 steps away, whatever the slope says.
    const jumps = Array.from({ length: 112 }, (_, time) => 10 * Math.floor(time / 20));
    expect(timeToLimit(jumps, 58, { maxSteps: 30 })).toMatchObject({ steps: 9 });
  });

  it("does not depend on the unit, nor on where zero is", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 500 }),
        fc.integer({ min: -20, max: 20 }),
        fc.integer({ min: -1_000, max: 1_000 }),
        (seed, power, shift) => {
          const values = rising(60, 1, 3, seed);
          const scale = 2 ** power;
          const moved = values.map((value) => scale * (value + shift));
          expect(timeToLimit(moved, scale * (75 + shift))).toEqual(timeToLimit(values, 75));
        },
      ),
      { numRuns: 30 },
    );
  });

  it("is never earlier for a higher limit", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), (seed) => {
        const values = rising(60, 1, 2, seed);
        const steps = [66, 70, 75, 85].map((limit) => {
          const found = timeToLimit(values, limit, { maxSteps: 30 });
          return found === "never" ? 31 : found.steps;
        });
        expect(steps).toEqual(steps.toSorted((a, b) => a - b));
      }),
      { numRuns: 20 },
    );
  });

  it("bears any numbers", () => {
    const any = fc.array(fc.double(), { maxLength: 50 });
    fc.assert(
      fc.property(any, fc.double(), fc.integer({ min: 0, max: 40 }), (values, limit, maxSteps) => {
        const found = timeToLimit(values, limit, { maxSteps });
        if (found === "never") return;
        expect(found.steps).toBeGreaterThanOrEqual(0);
        expect(found.steps).toBeLessThanOrEqual(maxSteps);
        expect(found.lo).toBeLessThanOrEqual(found.steps);
      }),
    );
  });
});
