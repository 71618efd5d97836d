import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeEpisodes } from "../../signals/anomaly/episodes.ts";
import { makeNeighbours } from "../../signals/anomaly/neighbours.ts";
import { makeRarity } from "../../signals/anomaly/rarity.ts";
import { makeRecentValues, RECENT_POINTS } from "../../signals/anomaly/recent.ts";
import { LEVELS, makeLevels } from "../../signals/anomaly/levels.ts";
import { makeTransitions } from "../../signals/anomaly/transitions.ts";
import { bucketsPerDay, makeSeason } from "../../signals/anomaly/season.ts";
import { makeRandom } from "./anomaly-series.ts";

describe("rarity", () => {
  it("is a chance: of uniform numbers one in a hundred is as rare as that", () => {
    const random = makeRandom(4);
    const rarity = makeRarity();
    let rare = 0;
    for (let at = 0; at < 5_000; at++) {
      const size = random();
      if (rarity.of(size) >= 2) rare += 1;
      rarity.add(size);
    }
    expect(rare).toBeGreaterThan(10);
    expect(rare).toBeLessThan(100);
  });

  it("never falls as the number grows, whatever came before", () => {
    const sizes = fc.array(fc.double({ min: 0, max: 1e12, noNaN: true }), { minLength: 30, maxLength: 200 });
    fc.assert(
      fc.property(
        sizes,
        fc.double({ min: 0, max: 1e12, noNaN: true }),
        fc.double({ min: 1, max: 1e3, noNaN: true }),
        (before, size, factor) => {
          const rarity = makeRarity();
          before.forEach((one) => rarity.add(one));
          expect(rarity.of(size * factor)).toBeGreaterThanOrEqual(rarity.of(size) - 1e-9);
        },
      ),
    );
  });

  it("forgets what has long been otherwise", () => {
    const rarity = makeRarity();
    for (let at = 0; at < 4_000; at++) rarity.add(1);
    expect(rarity.of(100)).toBeGreaterThan(3);
    for (let at = 0; at < 40_000; at++) rarity.add(90 + (at % 20));
    expect(rarity.of(100)).toBeLessThan(1);
  });

  it("keeps the small apart after one absurd number", () => {
    const rarity = makeRarity();
    for (let at = 0; at < 1_000; at++) rarity.add(1 + (at % 10) / 10);
    rarity.add(1e200);
    expect(rarity.of(1)).toBeLessThan(0.1);
    expect(rarity.of(50)).toBeGreaterThan(2);
  });
});

/** Less at the weekend. */
function valueAt(hour: number): number {
  return (Math.floor(hour / 24) % 7 < 5 ? 100 : 40) + (hour % 24);
}

describe("season", () => {
  it("expects the same time of day, and the same day of the week where that is nearer", () => {
    const season = makeSeason({ perDay: 24 });
    for (let hour = 0; hour < 14 * 24; hour++) season.add(hour * 3_600, valueAt(hour));
    expect(season.expected((14 * 24 + 12) * 3_600, 111)).toBeCloseTo(111.5, 0);
    for (let hour = 14 * 24; hour < 19 * 24; hour++) season.add(hour * 3_600, valueAt(hour));
    expect(season.expected((19 * 24 + 12) * 3_600, 52)).toBeCloseTo(51.5, 0);
    expect(season.expected((19 * 24 + 12) * 3_600, 111)).toBeCloseTo(111.5, 0);
  });

  it("expects nothing on the first day, and nothing from a fortnight without points", () => {
    const season = makeSeason({ perDay: 96 });
    season.add(0, 5);
    expect(season.expected(3_600, 5)).toBeUndefined();
    expect(season.expected(86_400, 7)).toBe(5);
    season.add(40 * 86_400, 9);
    expect(season.expected(41 * 86_400, 7)).toBe(9);
    expect(season.expected(20 * 86_400, 7)).toBeUndefined();
  });

  it("has buckets as long as the step, between a quarter of an hour and a day", () => {
    expect([1, 60, 900, 1_800, 3_600, 86_400, 604_800].map(bucketsPerDay)).toEqual([
      96, 96, 96, 48, 24, 1, 1,
    ]);
  });
});

describe("neighbours", () => {
  it("find a repeated shape and miss a new one", () => {
    const neighbours = makeNeighbours();
    const recent = makeRecentValues();
    const push = (value: number, at: number) => {
      recent.push(value);
      if (at < RECENT_POINTS) return 0;
      neighbours.remember(recent.at, at);
      return neighbours.distance(recent.at);
    };
    const distances = Array.from({ length: 3_000 }, (_, at) => push((at % 50) ** 2, at));
    expect(distances.at(-1)).toBeLessThan(1);
    expect(push(4_000, 3_000)).toBeGreaterThan(1_000);
  });
});

describe("episodes", () => {
  it("alarm once while they last, and again after ten quiet points", () => {
    const episodes = makeEpisodes();
    const strengths = [0, 9, 9, 0, 9, ...Array<number>(10).fill(0), 9, ...Array<number>(11).fill(0), 9];
    const alarms = strengths.flatMap((strength, at) =>
      episodes.judge(strength, 1e6).score >= 0.5 ? [at] : [],
    );
    expect(alarms).toEqual([1, strengths.length - 1]);
  });

  it("need twice the strength in a series that has only begun", () => {
    expect(makeEpisodes().judge(4, 0).score).toBeLessThan(0.5);
    expect(makeEpisodes().judge(7, 0).score).toBeGreaterThan(0.5);
    expect(makeEpisodes().judge(4, 2 * 86_400).score).toBeGreaterThan(0.5);
  });

  it("cost more the more there were", () => {
    const episodes = makeEpisodes();
    let alarms = 0;
    for (let at = 0; at < 2_000; at++)
      if (episodes.judge(at % 20 === 0 ? 3.5 : 0, 1e6).score >= 0.5) alarms += 1;
    expect(alarms).toBeGreaterThan(1);
    expect(alarms).toBeLessThan(6);
  });
});

describe("levels", () => {
  it("share the usual range, in any unit, and stay within bounds for anything", () => {
    const random = makeRandom(2);
    const [plain, scaled] = [makeLevels(), makeLevels()];
    const found = new Set<number>();
    for (let at = 0; at < 4_000; at++) {
      const value = random();
      const level = plain.of(value);
      expect(scaled.of(value * 1_024)).toBe(level);
      if (at > 2_000) found.add(level);
    }
    expect([8, 9, 10, 11, 12, 13, 14, 15].filter((level) => !found.has(level))).toEqual([]);
    expect(found.size).toBeLessThanOrEqual(10);
    expect([plain.of(-1e30), plain.of(1e30)]).toEqual([0, LEVELS - 1]);
  });
});

describe("transitions", () => {
  it("find a new order of the usual values", () => {
    const transitions = makeTransitions();
    const cycle = [1, 2, 3, 4, 5, 6, 7, 8];
    let strength = 0;
    for (let at = 0; at < 3_000; at++) strength = transitions.judge(cycle[at % 8] ?? 0);
    expect(strength).toBeLessThan(1);
    for (let at = 0; at < 8; at++) strength = transitions.judge(cycle[(at * 5) % 8] ?? 0);
    expect(strength).toBeGreaterThan(3);
  });
});
