import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backtest, naiveForecasts, trackFrom } from "../../signals/forecast/backtest.ts";
import {
  type ForecastTrack,
  type Foretold,
  newTrack,
  standing,
  withForecast,
  withValue,
} from "../../signals/forecast/track.ts";
import { noise, wave } from "./forecast-series.ts";

const STEP = 60_000;

/** Each minute one value comes, and a forecast for the next minute is made. */
function lived(
  track: ForecastTrack,
  values: number[],
  said: (index: number) => number,
  from = 0,
): ForecastTrack {
  return values.reduce((before, value, index) => {
    const time = (from + index) * STEP;
    const mean = said(index);
    const foretold: Foretold = { due: time + STEP, mean, lo: mean - 2, hi: mean + 2, naive: [value] };
    return withForecast(withValue(before, time, value, STEP), foretold);
  }, track);
}

describe("the track of a series' forecasts", () => {
  it("learns first, then shows forecasts that beat the last value", () => {
    const values = noise(60, 1);
    expect(standing(lived(newTrack, values.slice(0, 5), () => 0)).status).toBe("learning");
    const found = standing(lived(newTrack, values, () => 0));
    expect(found.status).toBe("shown");
    expect(found.error).toBeLessThan(found.naiveError ?? 0);
  });

  it("falls silent when the series changes its nature, and speaks again when forecasts fit", () => {
    const calm = lived(newTrack, noise(60, 2), () => 0);
    const higher = noise(60, 3).map((value) => value + 30);
    const changed = lived(calm, higher, () => 0, 60);
    expect(standing(changed)).toMatchObject({ status: "silenced", reason: "worse than naive" });
    expect(standing(lived(changed, higher, () => 30, 120)).status).toBe("shown");
  });

  it("falls silent when too few values lie in the interval", () => {
    const wild = noise(60, 4).map((value) => value * 20);
    expect(standing(lived(newTrack, wild, () => 0))).toMatchObject({
      status: "silenced",
      reason: "interval too narrow",
    });
  });

  it("judges only values of the moment that was foretold", () => {
    const foretold: Foretold = { due: 10 * STEP, mean: 0, lo: -1, hi: 1, naive: [0] };
    const pending = withForecast(newTrack, foretold);
    expect(withValue(pending, 9 * STEP, 5, STEP)).toEqual(pending);
    expect(withValue(pending, 11 * STEP, 5, STEP)).toEqual(newTrack);
    expect(withValue(pending, 10 * STEP, NaN, STEP)).toEqual(newTrack);
    expect(withValue(pending, 10.5 * STEP, 5, STEP).judged).toEqual([
      { error: 5, naiveErrors: [5], inside: false },
    ]);
  });

  it("goes on after a restart as if there had been none", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 100 }), fc.integer({ min: 0, max: 80 }), (seed, cut) => {
        const values = noise(80, seed);
        const whole = lived(newTrack, values, () => 0);
        const saved = JSON.stringify(lived(newTrack, values.slice(0, cut), () => 0));
        const resumed = lived(JSON.parse(saved) as ForecastTrack, values.slice(cut), () => 0, cut);
        expect(resumed).toEqual(whole);
      }),
      { numRuns: 20 },
    );
  });

  it("stays small", () => {
    const long = lived(newTrack, noise(500, 5), () => 0);
    expect(long.judged).toHaveLength(60);
    expect(long.pending).toHaveLength(1);
  });
});

describe("a back-test on the series' own past", () => {
  it("finds the forecasts of noise better than the last value", () => {
    const found = backtest({ values: noise(120, 6), horizon: 3 });
    expect(found.status).toBe("shown");
    expect(found.judged).toHaveLength(20);
    expect(standing(trackFrom(found)).status).toBe("shown");
  });

  it("silences forecasts of a series that has just become another one", () => {
    const before = noise(100, 7).map((value) => value + 10);
    const ramp = Array.from({ length: 30 }, (_, index) => 10 + index * index);
    expect(backtest({ values: [...before, ...ramp], horizon: 3 }).status).toBe("silenced");
  });

  it("compares with the season where there is one", () => {
    const values = wave(240, 24);
    const found = backtest({ values, horizon: 12, season: 24, stepSeconds: 3_600 }, 12);
    expect(found.status).toBe("shown");
    expect(found.judged[0]?.naiveErrors).toHaveLength(2);
    expect(found.naiveError).toBeLessThan(1e-6);
    expect(naiveForecasts(Float64Array.of(1, 2, 3, 4), 4, 3, 2)).toEqual([4, 3]);
  });

  it("does not look ahead: a forecast judged earlier does not change with later values", () => {
    const values = noise(80, 8);
    const early = backtest({ values: values.slice(0, 70), horizon: 2 }, 5).judged;
    const late = backtest({ values, horizon: 2 }, 15).judged;
    expect(late.slice(0, 5)).toEqual(early);
  });

  it("is still learning on a short series, and on none", () => {
    expect(backtest({ values: [], horizon: 3 })).toEqual({ status: "learning", judged: [] });
    expect(backtest({ values: [1, 2, 3], horizon: 3 }).status).toBe("learning");
    expect(backtest({ values: noise(18, 9), horizon: 3 }).status).toBe("learning");
  });

  it("shows the forecast of a constant", () => {
    expect(backtest({ values: Array(60).fill(4), horizon: 3 })).toMatchObject({
      status: "shown",
      error: 0,
      inside: 1,
    });
  });
});
