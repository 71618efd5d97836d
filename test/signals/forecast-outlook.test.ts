import { describe, expect, it } from "vitest";
import { outlook, requestFor } from "../../signals/forecast/outlook.ts";
import { newTrack } from "../../signals/forecast/track.ts";
import { noise } from "./forecast-series.ts";

const MINUTE = 60;
const HOUR = 3_600;
const DAY = 86_400;

function seasonOf(stepSeconds: number, ahead: number): number | undefined {
  return requestFor({ values: [1], stepSeconds }, ahead).season;
}

describe("the outlook of a metric", () => {
  it("looks fifteen minutes ahead, minute by minute", () => {
    const cpu = noise(180, 1).map((value) => 40 + 3 * value);
    const found = outlook({ values: cpu, stepSeconds: MINUTE }, 15 * MINUTE);
    expect(found).toMatchObject({ stepSeconds: MINUTE, standing: { status: "shown" } });
    expect(found.ahead?.mean).toHaveLength(15);
    expect(found).not.toHaveProperty("untilLimit");
  });

  it("looks days ahead from values of each minute, in steps of which a day has a whole number", () => {
    const disk = noise(7 * 1_440, 2).map((value, minute) => 50 + minute / 1_000 + 0.05 * value);
    const found = outlook({ values: disk, stepSeconds: MINUTE, limit: 62 }, 3 * DAY);
    expect(DAY % found.stepSeconds).toBe(0);
    expect(found.ahead?.mean.length).toBeLessThanOrEqual(96);
    // It grows 1.44 a day from about 60.1 on.
    const days = 1.9 / 1.44;
    if (found.untilLimit === undefined || found.untilLimit === "never") throw new Error("it does fill");
    expect(Math.abs(found.untilLimit.seconds - days * DAY)).toBeLessThan(0.3 * DAY);
    expect(found.untilLimit.lo).toBeLessThanOrEqual(found.untilLimit.seconds);
  });

  it("answers never for a disk that does not fill", () => {
    const disk = noise(24 * 14, 3).map((value) => 50 + 0.2 * value);
    expect(outlook({ values: disk, stepSeconds: HOUR, limit: 90 }, 3 * DAY).untilLimit).toBe("never");
  });

  it("sees a limit that the newest value has reached, however coarse the steps", () => {
    const disk = [...Array(3_000).fill(50), 95];
    const found = outlook({ values: disk, stepSeconds: MINUTE, limit: 90 }, DAY, newTrack);
    expect(found.untilLimit).toEqual({ seconds: 0, lo: 0, hi: 0 });
  });

  it("takes a day for a season where it can be seen, none where the steps do not fit or are too fine", () => {
    expect(seasonOf(HOUR, DAY)).toBe(24);
    expect(seasonOf(MINUTE, 15 * MINUTE)).toBeUndefined();
    expect(seasonOf(7 * HOUR, DAY)).toBeUndefined();
  });

  it("shows nothing while silenced, by its own past or by its track", () => {
    const before = noise(100, 7).map((value) => value + 10);
    const ramp = Array.from({ length: 40 }, (_, index) => 10 + index * index);
    const metric = { values: [...before, ...ramp], stepSeconds: MINUTE, limit: 5_000 };
    const found = outlook(metric, 3 * MINUTE);
    expect(found.standing.status).toBe("silenced");
    expect(found).not.toHaveProperty("ahead");
    expect(found).not.toHaveProperty("untilLimit");

    const bad = Array.from({ length: 20 }, () => ({ error: 9, naiveErrors: [1], inside: true }));
    const steady = { values: noise(100, 8), stepSeconds: MINUTE };
    expect(outlook(steady, 3 * MINUTE, { pending: [], judged: bad }).standing.status).toBe("silenced");
    expect(outlook(steady, 3 * MINUTE, newTrack).standing.status).toBe("learning");
  });

  it("bears a metric without values", () => {
    expect(outlook({ values: [], stepSeconds: MINUTE, limit: 9 }, 15 * MINUTE)).toEqual({
      standing: { status: "learning" },
      stepSeconds: MINUTE,
      untilLimit: "never",
    });
  });
});
