// Counts, trends and rhythms of log patterns, over made-up streams with known answers.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { makeBuckets } from "../../signals/patterns/buckets.ts";
import { makePatternHistory, type PatternHistory } from "../../signals/patterns/pattern-history.ts";
import { seededChance } from "../../signals/forecast/random.ts";

const minute = 60_000;
const hour = 60 * minute;
const start = 1_700_000_000_000;

/** Independent lines, `perMinute` of them on average. */
function chatter(history: PatternHistory, from: number, to: number, perMinute: number, seed = 1): void {
  const next = seededChance(seed);
  for (let at = from; at < to; at += (-Math.log(1 - next()) * minute) / perMinute) history.note(at);
}

describe("counts in buckets", () => {
  it("keeps what a plain count keeps, in any order, and after a restart", () => {
    const times = fc.array(fc.integer({ min: 0, max: 3_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(times, fc.nat(60), (list, cut) => {
        let buckets = makeBuckets(10, 30);
        for (const at of list.slice(0, cut)) buckets.add(at);
        buckets = makeBuckets(10, 30, JSON.parse(JSON.stringify(buckets.save())));
        for (const at of list.slice(cut)) buckets.add(at);

        const now = Math.max(0, ...list);
        let kept: number[] = [];
        let newest = -1;
        for (const at of list) {
          const bucket = Math.floor(at / 10);
          newest = Math.max(newest, bucket);
          if (bucket > newest - 30) kept.push(bucket);
        }
        kept = kept.filter((bucket) => bucket > newest - 30);
        const expected = Array.from(
          { length: 30 },
          (_, index) => kept.filter((one) => one === Math.floor(now / 10) - 29 + index).length,
        );
        expect(buckets.last(30, now)).toEqual(expected);
      }),
    );
  });

  it("says what is too late, and takes no nonsense", () => {
    const buckets = makeBuckets(10, 3);
    expect(buckets.add(100)).toBe(true);
    expect(buckets.add(85)).toBe(true);
    expect(buckets.add(65)).toBe(false);
    expect([Number.NaN, -1, Number.POSITIVE_INFINITY].map((at) => buckets.add(at))).toEqual([
      false,
      false,
      false,
    ]);
    expect(buckets.last(5, 100)).toEqual([0, 0, 1, 0, 1]);
    expect(buckets.last(2, 1_000_000)).toEqual([0, 0]);
  });
});

describe("the trend of a pattern", () => {
  it("is steady for independent lines, a hundred streams long", () => {
    const trends = Array.from({ length: 100 }, (_, seed) => {
      const history = makePatternHistory();
      chatter(history, start, start + 6 * hour, 0.2 + seed / 5, seed + 1);
      return history.view(start + 6 * hour, start);
    });
    expect(trends.filter(({ trend }) => trend !== "steady")).toEqual([]);
    expect(trends.filter(({ burst }) => burst !== undefined)).toEqual([]);
  });

  it.each([
    ["rising", 5, 25],
    ["falling", 25, 5],
    ["steady", 10, 12],
  ] as const)("is %s from %d to %d lines a minute", (trend, before, after) => {
    const history = makePatternHistory();
    chatter(history, start, start + 5 * hour, before);
    chatter(history, start + 5 * hour, start + 5.6 * hour, after, 2);
    expect(history.view(start + 5.6 * hour, start).trend).toBe(trend);
  });

  it("is new for what came up after the service had been watched a while", () => {
    const history = makePatternHistory();
    chatter(history, start + hour, start + hour + minute, 20);
    expect(history.view(start + hour + 2 * minute, start).trend).toBe("new");
    expect(history.view(start + hour + 2 * minute, start + 55 * minute).trend).not.toBe("new");
    expect(history.view(start + hour + 40 * minute, start).trend).not.toBe("new");
  });
});

describe("a burst", () => {
  it("is a minute far above the usual", () => {
    const history = makePatternHistory();
    chatter(history, start, start + 2 * hour, 3);
    chatter(history, start + 2 * hour - minute, start + 2 * hour, 60, 7);
    const { burst } = history.view(start + 2 * hour, start);
    expect(burst?.lines).toBeGreaterThan(40);
    expect(burst?.usual).toBeLessThan(6);
  });

  it("is none where lines always come in clumps, nor before anything is usual", () => {
    const clumps = makePatternHistory();
    for (let at = start; at < start + 6 * hour; at += 30 * minute) clumps.note(at, 60);
    expect(clumps.view(start + 6 * hour - 30 * minute + 1_000, start).burst).toBeUndefined();

    const fresh = makePatternHistory();
    chatter(fresh, start, start + minute, 100);
    expect(fresh.view(start + minute, start).burst).toBeUndefined();
  });
});

/** For an hour, every half a minute. */
function beating(jitter: number): PatternHistory {
  const history = makePatternHistory();
  const next = seededChance(3);
  for (let at = start; at < start + hour; at += 30_000) history.note(at + next() * jitter);
  return history;
}

describe("a heartbeat", () => {
  it.each([0, 5_000])("that stops has vanished (jitter %d ms)", (jitter) => {
    const history = beating(jitter);
    expect(history.view(start + hour + 20_000, start).trend).toBe("steady");
    const view = history.view(start + hour + 3 * minute, start);
    expect(view.trend).toBe("vanished");
    expect(view.silentMs).toBeGreaterThan(2 * minute);
  });

  it("comes back, and a line at random never was one", () => {
    const history = beating(0);
    history.note(start + hour + 4 * minute);
    expect(history.view(start + hour + 4 * minute + 10_000, start).trend).not.toBe("vanished");

    const random2 = makePatternHistory();
    chatter(random2, start, start + hour, 2);
    expect(random2.view(start + hour + 20 * minute, start).trend).not.toBe("vanished");
  });
});

it("restarting in the middle changes nothing", () => {
  const steps = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 20 * minute }), fc.integer({ min: 1, max: 50 })),
    {
      minLength: 1,
      maxLength: 200,
    },
  );
  fc.assert(
    fc.property(steps, fc.nat(200), (list, cut) => {
      const through = makePatternHistory();
      let restarted = makePatternHistory();
      let at = start;
      for (const [index, [pause, lines]] of list.entries()) {
        at += pause;
        if (index === cut) restarted = makePatternHistory(JSON.parse(JSON.stringify(restarted.save())));
        through.note(at, lines);
        restarted.note(at, lines);
      }
      expect(restarted.view(at + minute, start)).toEqual(through.view(at + minute, start));
      expect(restarted.counts(288, at)).toEqual(through.counts(288, at));
    }),
  );
});
