// How patterns go from day to day, over made-up counts with known answers.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patternDays } from "../../signals/patterns/days.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const FIVE_MINUTES = 300_000;
const now = Date.parse("2026-11-21T15:30:00Z");

/** `lines(day, hour)` in each hour of the days before now; day 0 is the last 24 hours, hour 0 the last one. */
function counts(days: number, lines: (day: number, hour: number) => number) {
  return Array.from({ length: days * 24 }, (_, ago) => ({
    at: now - ago * HOUR - FIVE_MINUTES,
    lines: lines(Math.floor(ago / 24), ago % 24),
  })).filter((one) => one.lines > 0);
}

const of = (days: number, lines: (day: number, hour: number) => number) =>
  patternDays(counts(days, lines), now - days * DAY, now);

const sum = (all: readonly { lines: number }[]) => all.reduce((total, one) => total + one.lines, 0);
const usual = (_day: number, hour: number) => (hour === 0 ? 200 : 5);
const busy = (day: number, hour: number) => (day === 0 && hour === 0 ? 90 : 5);
const quiet = (day: number, hour: number) => (day === 0 && hour === 0 ? 20 : usual(day, hour));

describe("days", () => {
  it("are those of the calendar, with those that had none", () => {
    const seen = of(3, (day) => (day === 1 ? 0 : 1));
    expect(seen.days.map(({ at }) => new Date(at).toISOString().slice(0, 13))).toEqual(
      ["18", "19", "20", "21"].map((day) => `2026-11-${day}T00`),
    );
    expect(seen.days.map(({ lines }) => lines)).toEqual([8, 16, 8, 16]);
    expect(seen.seenOn).toBe(4);
  });

  it("have every line of the time that is known, whatever came when", () => {
    const some = fc.array(fc.record({ at: fc.integer({ min: now - 40 * DAY, max: now }), lines: fc.nat(9) }));
    fc.assert(
      fc.property(some, fc.nat(35), (list, known) => {
        const from = now - known * DAY;
        const first = Math.max(from, now - 30 * DAY);
        const { days, seenOn } = patternDays(list, from, now);
        const begin = first - (first % DAY);
        const inside = list.filter(({ at }) => at >= begin);
        expect(sum(days)).toBe(sum(inside));
        expect(days.length).toBeLessThanOrEqual(31);
        expect(seenOn).toBeLessThanOrEqual(days.length);
      }),
    );
  });
});

describe("the course over days", () => {
  it.each<[string, number, (day: number, hour: number) => number]>([
    ["learning", 2, () => 100],
    ["steady", 7, () => 3],
    ["steady", 7, (day, hour) => (hour < 8 ? 20 : 1) + (day % 2)],
    ["rising", 3, (day) => [17, 8, 4][day] ?? 0],
    ["rising", 7, (day) => [40, 20, 12, 10, 11, 10, 9][day] ?? 0],
    ["steady", 7, (day) => (day === 0 ? 40 : 10)], // a bad day is no course
    ["falling", 7, (day) => [2, 8, 20, 22, 21, 20, 22][day] ?? 0],
    ["gone", 7, (day) => (day < 1 ? 0 : 5)],
    ["gone", 7, (day) => (day < 3 ? 0 : 1)],
    ["gone", 20, (day, hour) => (day >= 9 && day % 3 === 0 && hour === 5 ? 1 : 0)], // every third day until then
    ["steady", 20, (day, hour) => (day % 5 === 4 && hour === 5 ? 1 : 0)], // every fifth day, as always
  ])("%s after %d days (%#)", (course, days, lines) => {
    expect(of(days, lines).course).toBe(course);
  });

  it("is steady where every day is as the others: under three alarms in a thousand patterns, for clumps of lines and all", () => {
    let state = 1;
    const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
    const alarms = Array.from({ length: 1_000 }, () => {
      const mean = 10 ** (random() * 2.5);
      // Clumps: each hour is up to three times as busy as usual.
      return of(7, () => Math.round(mean * (0.2 + 2.8 * random() * random()))).course;
    }).filter((course) => course !== "steady");
    expect(alarms.length).toBeLessThan(3);
  });
});

describe("the same hour of earlier days", () => {
  it("knows the hours of a day: busy as always is not unusual, busy in a quiet hour is", () => {
    expect(of(7, usual).sameHour).toEqual({ lines: 200, usual: 200, days: 6, unusual: undefined });
    expect(of(7, busy).sameHour).toEqual({ lines: 90, usual: 5, days: 6, unusual: "more" });
    expect(of(7, quiet).sameHour).toMatchObject({ unusual: "less" });
  });

  it("says nothing before the third day", () => {
    expect(of(2, () => 5).sameHour).toBeUndefined();
  });
});
