// Early signs, for every series: a value that is found sets the troubles apart, and what does not is not found.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { precursorOf, type Step, type Trouble } from "../../signals/early-sign.ts";

const MINUTE = 60_000;
const at = 100 * MINUTE;
/** Minutes that end `last` minutes before the trouble. */
const led = (values: readonly number[], last = 0): Trouble => ({
  at,
  before: values.map((value, index): Step => ({ at: at - (values.length - index + last) * MINUTE, value })),
});
const flat = Array.from({ length: 40 }, (_, n) => 10 + (n % 3));
const step = { stepMs: MINUTE };

describe("a precursor", () => {
  it("lies half-way between the usual and what led to the troubles, and tells the shortest lead", () => {
    const ramp = led([10, 11, 20, 30, 40, 40]);
    const slower = led([10, 30, 30, 30, 30, 30]);
    const found = precursorOf([ramp, slower], flat, step);
    // What is known a minute before: 40 and 30; half-way from 12 to 30.
    expect(found).toMatchObject({ direction: "above", threshold: 21, usual: 12 });
    // The ramp is beyond 21 from its fourth minute on; the fifth warns, a minute before the trouble.
    expect(found?.leadMs).toBe(MINUTE);
  });

  it("can lie below", () => {
    const drop = led([10, 4, 3, 2, 2, 2, 2]);
    expect(precursorOf([drop, drop], flat, step)).toMatchObject({
      direction: "below",
      threshold: 6,
      usual: 10,
    });
  });

  it.each([
    ["one trouble only", [led([30, 30, 30, 30, 30])], flat],
    ["nobody knows what is usual", [led([30, 30, 30, 30]), led([30, 30, 30, 30])], flat.slice(0, 9)],
    ["it did so once only", [led([30, 30, 30, 30]), led([10, 11, 12, 11])], flat],
    ["it comes with the symptom", [led([10, 11, 12, 90]), led([10, 11, 12, 90])], flat],
    ["it is hardly more than usual", [led([13, 12.5, 12.4, 12.5]), led([12.4, 12.4, 12.4, 12.4])], flat],
  ])("is none where %s", (_name, troubles, usual) => {
    expect(precursorOf(troubles, usual, step)).toBeUndefined();
  });

  it("never warns in the usual time, and always before each trouble", () => {
    const values = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 30 });
    const usually = fc.array(fc.double({ min: -1e3, max: 1e3, noNaN: true }), {
      minLength: 30,
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.array(values, { minLength: 2, maxLength: 3 }), usually, (all, usual) => {
        const troubles = all.map((one) => led(one));
        const found = precursorOf(troubles, usual, step);
        if (found === undefined) return;
        const beyond = (value: number) =>
          found.direction === "above" ? value > found.threshold : value < found.threshold;
        expect(usual.some(beyond)).toBe(false);
        for (const { before } of troubles)
          expect(before.slice(-3, -1).every((one) => beyond(one.value))).toBe(true);
        expect(found.leadMs).toBeGreaterThanOrEqual(MINUTE);
      }),
    );
  });
});
