// Days ahead, from the history in a real store, on a clock that the test moves.
import { describe, expect, it } from "vitest";
import { type DaysAheadParts, makeDaysAhead } from "../../agents/days-ahead.ts";
import { HealError } from "../../domain/errors.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";
import { noise } from "../signals/forecast-series.ts";

const QUARTER = 15 * 60_000;
const DAY = 24 * 3_600_000;
const disk = { service: "host", name: "disk", measuredOn: "/data" };

/** What the disk showed each quarter of an hour of the last `days`, by the day (0 is the first). */
async function measured(site: TestStore, days: number, used: (day: number) => number, name = disk) {
  const end = site.clock.now() - (site.clock.now() % QUARTER);
  const count = (days * DAY) / QUARTER;
  const shake = noise(count, 11);
  const points = Array.from({ length: count }, (_, index) => {
    const value = used((index * QUARTER) / DAY) + 0.002 * (shake[index] ?? 0);
    const at = end - (count - index) * QUARTER;
    return { ...name, at, samples: 1, total: value, lowest: value, highest: value };
  });
  await site.observations.metrics.add(points);
}

const limitOf = ({ name }: { name: string }) => (name === "cpu" ? undefined : 1);

function daysAheadOf(site: TestStore, more: Partial<DaysAheadParts> = {}) {
  const { clock, observations } = site;
  return makeDaysAhead({ clock, history: observations.metrics, series: () => [disk], limitOf, ...more });
}

describe("days ahead", () => {
  it("says when a disk is full that grows, over its days and nights", async () => {
    await using site = await openTestStore("pglite");
    await measured(site, 21, (day) => 0.4 + 0.02 * day + 0.005 * Math.sin(2 * Math.PI * day));
    const ahead = daysAheadOf(site);
    await ahead.look();
    const [found] = ahead.predictions("host");
    expect(found).toMatchObject({
      ...disk,
      limit: 1,
      aheadSeconds: 7 * 86_400,
      standing: { status: "shown" },
    });
    expect((found?.ahead?.mean.length ?? 0) * (found?.stepSeconds ?? 0)).toBe(7 * 86_400);
    if (found?.ahead === undefined) throw new Error("it is believed");
    found.ahead.hi.forEach((hi, step) => expect(hi).toBeGreaterThanOrEqual(found.ahead?.lo[step] ?? 0));
    // It stands at 0.82, and grows by 0.02 a day: nine days, further than one looks.
    expect(found.untilLimit).toBe("never");

    const nearer = daysAheadOf(site, { limitOf: () => 0.9 });
    await nearer.look();
    const [{ untilLimit } = {}] = nearer.predictions();
    if (untilLimit === undefined || untilLimit === "never") throw new Error("it fills");
    expect(Math.abs(untilLimit.seconds - 4 * 86_400)).toBeLessThan(86_400);
    expect(untilLimit.lo).toBeLessThanOrEqual(untilLimit.seconds);
  });

  it("says the same when the history was rolled up", async () => {
    await using site = await openTestStore("pglite");
    await measured(site, 6, (day) => 0.4 + 0.05 * day);
    const [before, after] = [daysAheadOf(site), daysAheadOf(site)];
    await before.look();
    await site.observations.metrics.rollUp(site.clock.now() - 5 * DAY);
    await after.look();
    expect(before.predictions()).toMatchObject([{ aheadSeconds: 3 * 86_400, standing: { status: "shown" } }]);
    const [one, other] = [before.predictions()[0], after.predictions()[0]];
    expect(other).toMatchObject({ standing: { status: "shown" }, untilLimit: one?.untilLimit });
    expect(other?.last).toBeCloseTo(one?.last ?? Number.NaN, 9);
  });

  it("looks as far as half of what is known of a young disk", async () => {
    await using site = await openTestStore("pglite");
    await measured(site, 1, (day) => 0.5 + 0.4 * day);
    const ahead = daysAheadOf(site);
    await ahead.look();
    expect(ahead.predictions()).toMatchObject([
      { aheadSeconds: 86_400 / 2, untilLimit: { seconds: expect.toSatisfy((n: number) => n < 43_200) } },
    ]);
  });

  it("is silent about a series whose past was not foretold well", async () => {
    await using site = await openTestStore("pglite");
    // Calm for a week, then faster every hour: each of the last forecasts was far too low.
    await measured(site, 8.5, (day) => 0.2 + (day > 7 ? 0.3 * (day - 7) ** 2 : 0));
    const ahead = daysAheadOf(site);
    await ahead.look();
    const [found] = ahead.predictions();
    expect(found).toMatchObject({ standing: { status: "silenced" }, limit: 1 });
    expect(found).not.toHaveProperty("ahead");
    expect(found).not.toHaveProperty("untilLimit");
  });

  it("has nothing to tell of what has no limit, changes quickly, or has stopped", async () => {
    await using site = await openTestStore("pglite");
    const cpu = { service: "shop", name: "cpu", measuredOn: "service" };
    const memory = { ...cpu, name: "memory" };
    await measured(site, 2, () => 0.5, cpu);
    await measured(site, 2, () => 0.5, memory);
    await measured(site, 2, () => 0.5);
    const ahead = daysAheadOf(site, { series: () => [cpu, memory, disk] });
    await ahead.look();
    expect(ahead.predictions("shop")).toMatchObject([{ name: "memory", limit: 1 }]);
    expect(ahead.predictions()).toHaveLength(2);
    site.clock.advance(3 * 3_600_000);
    await ahead.look();
    expect(ahead.predictions()).toEqual([]);
  });

  it("keeps what it said while the store is away", async () => {
    await using site = await openTestStore("pglite");
    await measured(site, 1, () => 0.5);
    let away = false;
    const { read } = site.observations.metrics;
    const ahead = daysAheadOf(site, {
      history: {
        read: (query) =>
          away
            ? Promise.reject(new HealError("The database is away.", { code: "store-unreachable" }))
            : read(query),
      },
    });
    await ahead.look();
    const said = ahead.predictions();
    expect(said).toHaveLength(1);
    away = true;
    await expect(ahead.look()).rejects.toThrow("away");
    expect(ahead.predictions()).toEqual(said);
  });
});
