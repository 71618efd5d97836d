import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type AnomalyDetectorState, makeAnomalyDetector } from "../../signals/anomaly/detector.ts";
import { dailySeries, makeNoise, noisySeries, STEP } from "./anomaly-series.ts";

const BROKEN = 3_000;
const LENGTH = 3_400;

/** The points at which alarms were raised, with the kind named ten points later. */
function alarmsIn(values: readonly number[], step = STEP): { at: number; kind: string | undefined }[] {
  const detector = makeAnomalyDetector();
  const results = values.map((value, at) => detector.push(at * step, value));
  return results.flatMap(({ score, kind }, at) =>
    score >= 0.5 ? [{ at, kind: results[at + 10]?.kind ?? kind }] : [],
  );
}

/** From the break on, `change` makes the value. */
function broken(values: number[], change: (value: number, since: number) => number): number[] {
  return values.map((value, at) => (at < BROKEN ? value : change(value, at - BROKEN)));
}

function firstAfterBreak(values: number[]): number {
  return (alarmsIn(values).find(({ at }) => at >= BROKEN)?.at ?? Infinity) - BROKEN;
}

describe("a metric's anomalies", () => {
  it("alarm at a spike, at once and once", () => {
    const values = broken(dailySeries(LENGTH), (value, since) => (since === 0 ? value + 40 : value));
    expect(alarmsIn(values).filter(({ at }) => at >= BROKEN && at < BROKEN + 100)).toHaveLength(1);
    expect(firstAfterBreak(values)).toBe(0);
  });

  it("alarm at a level shift within a few points, also where the new level is usual at other times", () => {
    const values = broken(dailySeries(LENGTH), (value) => value + 15);
    expect(firstAfterBreak(values)).toBeLessThanOrEqual(5);
    expect(firstAfterBreak(broken(noisySeries(LENGTH), (value) => value + 20))).toBeLessThanOrEqual(5);
  });

  it("alarm at a leak long before it reaches the daily high", () => {
    const values = broken(dailySeries(LENGTH), (value, since) => value + since / 20);
    expect(firstAfterBreak(values)).toBeLessThanOrEqual(200);
  });

  it("alarm at a wider spread", () => {
    const noise = makeNoise(7);
    const values = broken(noisySeries(LENGTH), (value) => value + 20 * noise());
    expect(firstAfterBreak(values)).toBeLessThanOrEqual(10);
  });

  it("alarm at a missing daily rhythm", () => {
    const noise = makeNoise(8);
    expect(firstAfterBreak(broken(dailySeries(LENGTH), () => 100 + 3 * noise()))).toBeLessThanOrEqual(100);
  });

  it("alarm at a value that stands still, and call it flat", () => {
    const stuck = noisySeries(BROKEN)[BROKEN - 1] ?? 0;
    const found = alarmsIn(broken(noisySeries(LENGTH), () => stuck)).find(({ at }) => at >= BROKEN);
    expect(found?.at).toBeLessThanOrEqual(BROKEN + 30);
    expect(found?.kind).toBe("flat");
  });

  it("are named after what they look like", () => {
    const noise = makeNoise(9);
    const kindAfterBreak = (values: number[]) => alarmsIn(values).find(({ at }) => at >= BROKEN)?.kind;
    expect(kindAfterBreak(broken(noisySeries(LENGTH), (value) => value + 60))).toBe("level");
    expect(kindAfterBreak(broken(dailySeries(LENGTH), (value) => value + 20))).toBe("level");
    expect(kindAfterBreak(broken(noisySeries(LENGTH), (value) => value + 30 * noise()))).toBe("variance");
    expect(kindAfterBreak(broken(dailySeries(LENGTH), (value, since) => value + since / 20))).toBe("drift");
    const detector = makeAnomalyDetector();
    noisySeries(BROKEN).forEach((value, at) => detector.push(at * STEP, value));
    expect(detector.push(BROKEN * STEP, 120)).toMatchObject({ kind: "spike", ongoing: true });
  });

  it("are rare where nothing happens", () => {
    const steady = [1, 2, 3].map((seed) =>
      alarmsIn(noisySeries(LENGTH, seed)).filter(({ at }) => at > 1_000),
    );
    const daily = [1, 2, 3].map((seed) => alarmsIn(dailySeries(LENGTH, seed)).filter(({ at }) => at > 1_000));
    // 14,400 points: fifty days of one metric.
    expect([...steady, ...daily].flat().length).toBeLessThanOrEqual(30);
    expect(alarmsIn(Array<number>(LENGTH).fill(42))).toEqual([]);
  });

  it("need more in a series that is always wild", () => {
    const noise = makeNoise(3);
    const wild = Array.from({ length: LENGTH }, () => Math.exp(1.5 * noise()));
    expect(alarmsIn(wild).filter(({ at }) => at > 1_000).length).toBeLessThanOrEqual(6);
  });

  it("do not repeat a weekly rhythm once it is known", () => {
    const noise = makeNoise(5);
    const weekly = Array.from({ length: 35 * 24 }, (_, hour) => {
      const [day, ofDay] = [Math.floor(hour / 24) % 7, hour % 24];
      return (day < 5 ? 100 : 40) + 10 * Math.sin((2 * Math.PI * ofDay) / 24) + noise();
    });
    const late = alarmsIn(weekly, 3_600).filter(({ at }) => at >= 21 * 24);
    expect(late.length).toBeLessThanOrEqual(1);
  });

  it("say what was expected from the second day on", () => {
    const detector = makeAnomalyDetector();
    const results = dailySeries(1_000).map((value, at) => detector.push(at * STEP, value));
    expect(results[100]).not.toHaveProperty("expected");
    const truth = 100 + 30 * Math.sin((2 * Math.PI * 999) / 288);
    expect(results[999]?.expected).toBeGreaterThan(truth - 6);
    expect(results[999]?.expected).toBeLessThan(truth + 6);
  });
});

function silent() {
  const detector = makeAnomalyDetector();
  noisySeries(500).forEach((value, at) => detector.push(at * STEP, value));
  return { detector, last: 499 * STEP };
}

describe("a metric that stays away", () => {
  it("is absent after some steps, not after one", () => {
    const { detector, last } = silent();
    expect(detector.absentAt(last + STEP).score).toBeLessThan(0.5);
    expect(detector.absentAt(last + 2 * STEP).score).toBeLessThan(0.5);
    const absent = detector.absentAt(last + 10 * STEP);
    expect(absent).toMatchObject({ ongoing: true, kind: "absence" });
    expect(absent.score).toBeGreaterThanOrEqual(0.5);
  });

  it("is not absent again when asked before its last point, or when it never came", () => {
    const { detector, last } = silent();
    expect(detector.absentAt(last - 1_000).score).toBe(0);
    expect(makeAnomalyDetector().absentAt(1e9)).toEqual({ score: 0, ongoing: false });
  });

  it("may stay away for as long as it often does", () => {
    const detector = makeAnomalyDetector();
    let time = 0;
    for (let at = 0; at < 500; at++) detector.push((time += at % 10 === 0 ? 20 * STEP : STEP), at % 7);
    expect(detector.absentAt(time + 20 * STEP).score).toBeLessThan(0.5);
  });
});

describe("the detector", () => {
  const point = fc.tuple(
    fc.integer({ min: -600, max: 4_000 }),
    fc.oneof(
      fc.double(),
      fc.integer({ min: 0, max: 3 }),
      fc.constantFrom(Number.NaN, Infinity, -1e308, 1e308),
    ),
  );

  it("scores anything from 0 to 1", () => {
    fc.assert(
      fc.property(fc.array(point, { maxLength: 300 }), (points) => {
        const detector = makeAnomalyDetector();
        let time = 1e9;
        for (const [interval, value] of points) {
          const { score, expected } = detector.push((time += interval), value);
          expect(score).toBeGreaterThanOrEqual(0);
          expect(score).toBeLessThanOrEqual(1);
          expect(Number.isFinite(expected ?? 0)).toBe(true);
        }
        expect(JSON.parse(JSON.stringify(detector.save()))).toEqual(detector.save());
      }),
      { numRuns: 60 },
    );
  });

  it("goes on after a restart as if there had been none", () => {
    const values = broken(dailySeries(LENGTH), (value) => value + 20);
    fc.assert(
      fc.property(fc.array(fc.nat({ max: LENGTH - 1 }), { maxLength: 4 }), (restarts) => {
        const through = makeAnomalyDetector({ stepSeconds: STEP });
        let restarted = makeAnomalyDetector({ stepSeconds: STEP });
        values.forEach((value, at) => {
          if (restarts.includes(at)) {
            const saved = JSON.parse(JSON.stringify(restarted.save())) as AnomalyDetectorState;
            restarted = makeAnomalyDetector({}, saved);
          }
          expect(restarted.push(at * STEP, value)).toEqual(through.push(at * STEP, value));
        });
        expect(restarted.save()).toEqual(through.save());
      }),
      { numRuns: 5 },
    );
  });

  it("passes over what is no number, and lives through gaps and clocks set back", () => {
    const detector = makeAnomalyDetector();
    noisySeries(600).forEach((value, at) => detector.push(at * STEP, value));
    const before = detector.save();
    expect(detector.push(600 * STEP, Number.NaN)).toEqual({ score: 0, ongoing: false });
    expect(detector.push(Number.NaN, 5)).toEqual({ score: 0, ongoing: false });
    expect(detector.save()).toEqual(before);
    detector.push(600 * STEP + 400 * 86_400, 50);
    expect(detector.push(0, 50).score).toBeLessThan(0.5);
  });

  it("still sees a spike soon after one absurd value", () => {
    const detector = makeAnomalyDetector();
    noisySeries(2_000).forEach((value, at) => detector.push(at * STEP, at === 1_000 ? 1e300 : value));
    expect(detector.push(2_000 * STEP, 200).score).toBeGreaterThanOrEqual(0.5);
  });

  it("sees the same break in any unit and from any offset", () => {
    const values = broken(noisySeries(LENGTH), (value) => value + 25);
    for (const [unit, offset] of [
      [1e-9, 0],
      [1_000, 1e9],
      [-1, 5],
    ] as const) {
      expect(firstAfterBreak(values.map((value) => offset + value * unit))).toBeLessThanOrEqual(2);
    }
  });

  it("keeps some tens of kilobytes, however long it runs", () => {
    const detector = makeAnomalyDetector();
    dailySeries(20_000).forEach((value, at) => detector.push(at * STEP, value));
    expect(JSON.stringify(detector.save()).length).toBeLessThan(60_000);
  });
});
