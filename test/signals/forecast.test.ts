import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Forecast, forecast } from "../../signals/forecast/forecast.ts";
import { noise, spread, wave } from "./forecast-series.ts";

function foretold(values: (number | null)[], horizon = 5, season = 1, stepSeconds = 60): Forecast {
  const found = forecast({ values, horizon, season, stepSeconds });
  if (found === undefined) throw new Error("no forecast");
  return found;
}

const measured = fc.array(fc.double({ min: -1e6, max: 1e6, noNaN: true }), { minLength: 1, maxLength: 80 });

describe("a forecast", () => {
  it("has as many steps as asked for, ordered and finite, whatever the history", () => {
    fc.assert(
      fc.property(
        measured,
        fc.integer({ min: 1, max: 30 }),
        fc.integer({ min: 1, max: 9 }),
        (values, horizon, season) => {
          const { mean, lo, hi } = foretold(values, horizon, season);
          expect([mean.length, lo.length, hi.length]).toEqual([horizon, horizon, horizon]);
          mean.forEach((middle, step) => {
            expect(Number.isFinite(middle)).toBe(true);
            expect(lo[step]).toBeLessThanOrEqual(middle);
            expect(hi[step]).toBeGreaterThanOrEqual(middle);
          });
        },
      ),
      { numRuns: 60 },
    );
  });

  it("follows the unit of measurement: shifted and scaled values give the shifted and scaled forecast", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1_000 }),
        fc.double({ min: 1e-3, max: 1e3, noNaN: true }),
        fc.double({ min: -1e3, max: 1e3, noNaN: true }),
        fc.constantFrom(1, 6),
        (seed, scale, shift, season) => {
          const values = noise(60, seed).map((value, index) => value + Math.sin(index));
          const plain = foretold(values, 4, season);
          const moved = foretold(
            values.map((value) => value * scale + shift),
            4,
            season,
          );
          for (const part of ["mean", "lo", "hi"] as const) {
            moved[part].forEach((value, step) => {
              expect(Math.abs(value - ((plain[part][step] ?? 0) * scale + shift))).toBeLessThan(
                1e-6 * (scale + Math.abs(shift)),
              );
            });
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  it("says a constant for a constant", () => {
    const { mean, lo, hi } = foretold(Array(100).fill(7), 3);
    expect([mean, lo, hi]).toEqual([Array(3).fill(7), Array(3).fill(7), Array(3).fill(7)]);
  });

  it("answers from one, two and three values, and from none with nothing", () => {
    expect(foretold([5]).mean).toEqual(Array(5).fill(5));
    for (const values of [
      [1, 2],
      [1, 2, 3],
    ]) {
      for (const value of foretold(values).mean) expect(value).toBeGreaterThan(0.9);
    }
    expect(forecast({ values: [], horizon: 3 })).toBeUndefined();
    expect(forecast({ values: [null, NaN, Infinity], horizon: 3 })).toBeUndefined();
  });

  it("bears gaps at the beginning, inside and at the end", () => {
    const values: (number | null)[] = noise(80, 3).map((value) => 50 + value);
    const whole = foretold(values);
    for (const index of [0, 1, 20, 21, 22, 50, 78, 79]) values[index] = index % 2 === 0 ? null : NaN;
    const gappy = foretold(values);
    gappy.mean.forEach((value, step) => expect(Math.abs(value - (whole.mean[step] ?? 0))).toBeLessThan(0.5));
  });

  it("bears values too large to square", () => {
    for (const value of foretold([1, 2, 1e300, -1e308, 3, 2, 1]).mean)
      expect(Math.abs(value)).toBeLessThan(10);
    const large = noise(50, 4).map((value) => value * 1e140);
    for (const value of foretold(large).hi) expect(Number.isFinite(value)).toBe(true);
  });

  it("does not follow a last value that is a spike", () => {
    const values = [...noise(100, 5).map((value) => 20 + value), 500];
    for (const value of foretold(values).mean) expect(value).toBeLessThan(25);
  });

  it("goes on growing with a line, further ahead than half of its past", () => {
    const { mean } = foretold(
      Array.from({ length: 40 }, (_, index) => 3 * index),
      30,
    );
    mean.forEach((value, step) => expect(Math.abs(value - 3 * (40 + step))).toBeLessThan(1));
  });

  it("goes on from where a wandering series is, with an interval that widens", () => {
    let level = 0;
    const values = noise(200, 6).map((value) => (level += value));
    const { mean, lo, hi } = foretold(values, 12);
    expect(Math.abs((mean[0] ?? 0) - level)).toBeLessThan(1);
    expect((hi[11] ?? 0) - (lo[11] ?? 0)).toBeGreaterThan(1.5 * ((hi[0] ?? 0) - (lo[0] ?? 0)));
  });

  it("holds about 9 of 10 values of plain noise", () => {
    let [inside, all] = [0, 0];
    for (let seed = 1; seed <= 60; seed++) {
      const values = noise(103, seed * 31);
      const { lo, hi } = foretold(values.slice(0, 100), 3);
      values.slice(100).forEach((value, step) => {
        inside += Number((lo[step] ?? 0) <= value && value <= (hi[step] ?? 0));
        all++;
      });
    }
    expect(inside / all).toBeGreaterThan(0.85);
    expect(inside / all).toBeLessThan(0.98);
  });
});

describe("a forecast of a series with a season", () => {
  it("repeats the day", () => {
    const values = wave(24 * 10, 24);
    const { mean } = foretold(values, 24, 24, 3_600);
    mean.forEach((value, step) => expect(Math.abs(value - (values[24 * 9 + step] ?? 0))).toBeLessThan(0.5));
  });

  it("finds the week around the day where the steps say that a season is a day", () => {
    const weekly = Array.from({ length: 24 * 7 * 5 + 48 }, (_, hour) => {
      return 10 + Math.sin((2 * Math.PI * hour) / 24) + (Math.floor(hour / 24) % 7 >= 5 ? -5 : 0);
    });
    // From Friday's midnight on: the next two days are the weekend, and no day before tells that.
    const end = 24 * (7 * 4 + 5);
    const { mean } = foretold(weekly.slice(0, end), 48, 24, 3_600);
    mean.forEach((value, step) => expect(Math.abs(value - (weekly[end + step] ?? 0))).toBeLessThan(2));
  });

  it("goes on growing where each day is higher than the day before", () => {
    const values = Array.from({ length: 24 * 10 }, (_, hour) => 0.1 * hour + (hour % 24 === 3 ? -2 : 0));
    const { mean } = foretold(values, 72, 24, 3_600);
    mean.forEach((value, step) => {
      const hour = values.length + step;
      expect(Math.abs(value - 0.1 * hour + (hour % 24 === 3 ? 2 : 0))).toBeLessThan(1);
    });
  });

  it("keeps to the level where the season is none", () => {
    for (const value of foretold(noise(24 * 20, 9), 24, 24, 3_600).mean)
      expect(Math.abs(value)).toBeLessThan(1);
  });

  it("falls back to no season where the history is shorter than it takes to see one", () => {
    expect(foretold(wave(30, 24), 5, 24, 3_600)).toEqual(foretold(wave(30, 24), 5, 1, 3_600));
  });

  it("has a narrow interval where the season is exact, a wide one where it is not", () => {
    const exact = foretold(wave(240, 24), 24, 24, 3_600);
    const loose = foretold(
      wave(240, 24).map((value, index) => value + (noise(240, 8)[index] ?? 0) * 3),
      24,
      24,
      3_600,
    );
    expect(spread(exact)).toBeLessThan(spread(loose) / 5);
  });
});
