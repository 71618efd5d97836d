import { describe, expect, it } from "vitest";
import { newRamp, rampToLimit } from "../../signals/forecast/ramp.ts";
import { noise } from "./forecast-series.ts";

/** A level of 100 values, and what comes after it. */
const after = (next: (index: number) => number, count: number, rough = 0.01, seed = 3) =>
  Float64Array.from(noise(100 + count, seed).map((one, at) => rough * one + (at < 100 ? 0 : next(at - 99))));
const line = (index: number): number => 0.05 * index;
const ahead = { maxSteps: 15 };

describe("a ramp that has just begun", () => {
  it("reaches its limit where its line does", () => {
    const found = rampToLimit(after(line, 20), 1.5, ahead);
    expect(found).toMatchObject({ steps: expect.toSatisfy((steps: number) => Math.abs(steps - 10) <= 1) });
    expect(found?.lo).toBeLessThanOrEqual(10);
    expect(found?.hi).toBeGreaterThanOrEqual(10);
    const down = after(line, 20).map((value) => 5 - value);
    expect(rampToLimit(down, 3.5, { ...ahead, trouble: "below" })).toEqual(found);
  });

  it("is none while it is short, rises no further than the level used to, bends, steps, or is noise", () => {
    expect(newRamp(after(line, 6))).toBeUndefined();
    expect(newRamp(after((index) => 0.002 * index, 12))).toBeUndefined();
    expect(newRamp(after((index) => 2 * (1 - Math.exp(-index / 8)), 30))).toBeUndefined();
    expect(newRamp(after(() => 1, 12))).toBeUndefined();
    expect(newRamp(after(() => 0, 40))).toBeUndefined();
    expect(newRamp(Float64Array.from(noise(500, 5)))).toBeUndefined();
    expect(newRamp(new Float64Array())).toBeUndefined();
  });

  it("is none where a series only comes back to where it was before it fell", () => {
    const fallen = Float64Array.from({ length: 60 }, (_, at) => (at < 40 ? 5 : 0.2 * (at - 40)));
    expect(newRamp(fallen)).toBeUndefined();
  });

  it("says nothing of what lies far beyond its own length, or behind it", () => {
    expect(rampToLimit(after(line, 10), 10, { maxSteps: 1_000 })).toBeUndefined();
    expect(rampToLimit(after(line, 20), 0.5, ahead)).toBeUndefined();
  });

  it("does not depend on the unit, nor on where zero is", () => {
    const series = after(line, 20);
    const moved = series.map((value) => 1_024 * (value + 7));
    expect(rampToLimit(moved, 1_024 * 8.5, ahead)).toEqual(rampToLimit(series, 1.5, ahead));
  });
});
