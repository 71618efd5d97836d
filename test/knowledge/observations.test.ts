// What was observed over time, on both drivers.
import * as fc from "fast-check";
import { expect, it } from "vitest";
import type { KeptLogLine, NotedPattern, MetricPoint } from "../../knowledge/observations.ts";
import { describeOnEachDriver } from "./each-driver.ts";

const minute = 60_000;
const hour = 60 * minute;
/** A whole hour. */
const start = 480_000 * hour;

function point(at: number, value: number, more: Partial<MetricPoint> = {}): MetricPoint {
  const series = { service: "shop", name: "cpu", measuredOn: "service" };
  return { ...series, at, samples: 1, total: value, lowest: value, highest: value, ...more };
}

const whole = { from: start - 24 * hour, to: start + 48 * hour, stepMs: minute };

describeOnEachDriver("Metric history", (open) => {
  it("joins what is added to the same minute, and reads it by step", async () => {
    await using site = await open();
    const { metrics } = site.observations;
    await metrics.add([point(start + 1_000, 0.2), point(start + 59_000, 0.4), point(start + minute, 0.9)]);
    await metrics.add([point(start + 2_000, 0.6), point(start, 5, { name: "memory" })]);

    const [cpu, memory] = await metrics.read(whole);
    expect(cpu?.points).toEqual([
      { at: start, samples: 3, mean: expect.closeTo(0.4), lowest: 0.2, highest: 0.6 },
      { at: start + minute, samples: 1, mean: 0.9, lowest: 0.9, highest: 0.9 },
    ]);
    expect(memory).toMatchObject({ name: "memory", points: [{ mean: 5 }] });
    const [hourly] = await metrics.read({ ...whole, stepMs: hour, names: ["cpu"], service: "shop" });
    expect(hourly?.points).toEqual([
      { at: start, samples: 4, mean: expect.closeTo(0.525), lowest: 0.2, highest: 0.9 },
    ]);
    expect(await metrics.read({ ...whole, service: "other" })).toEqual([]);
  });

  it("rolling up changes no mean, no extreme and no count of a quarter of an hour", async () => {
    await using site = await open();
    const { metrics } = site.observations;
    const values = fc.sample(fc.double({ min: 0, max: 100, noNaN: true }), { numRuns: 90, seed: 1 });
    await metrics.add(values.map((value, index) => point(start + index * minute, value)));
    const quarters = { ...whole, stepMs: 15 * minute };
    const before = await metrics.read(quarters);

    expect(await metrics.rollUp(start + 65 * minute)).toBe(60);
    await metrics.add([point(start + 5 * minute, 7)]); // late, into a quarter that is rolled up already
    expect(await metrics.rollUp(start + 65 * minute)).toBe(1);
    expect(await metrics.rollUp(start + 65 * minute)).toBe(0);

    const [after] = await metrics.read(quarters);
    expect(after?.points.slice(1).map(rounded)).toEqual(before[0]?.points.slice(1).map(rounded));
    expect(after?.points[0]?.samples).toBe(16);
    expect((await metrics.read(whole))[0]?.points).toHaveLength(4 + 30);
  });

  it("takes no numbers that are none", async () => {
    await using site = await open();
    await site.observations.metrics.add([point(start, Number.NaN), point(start, Infinity), point(start, 1)]);
    expect((await site.observations.metrics.read(whole))[0]?.points).toMatchObject([{ samples: 1, mean: 1 }]);
  });
});

function rounded(one: { mean: number; lowest: number; highest: number; samples: number }) {
  return { ...one, mean: one.mean.toFixed(9) };
}

function pattern(id: string, more: Partial<NotedPattern> = {}): NotedPattern {
  const seen = { firstSeen: start, lastSeen: start, lines: 1 };
  return {
    service: "shop",
    id,
    template: `took <*> ms (${id})`,
    level: "info",
    ...seen,
    examples: [],
    ...more,
  };
}

const count = (at: number, lines: number) => ({ service: "shop", pattern: "a", at, lines });

const join = (from: string, into: string) => ({ service: "shop", from, into });

describeOnEachDriver("Log patterns", (open) => {
  it("adds up what several writers saw", async () => {
    await using site = await open();
    const { patterns } = site.observations;
    await Promise.all([
      patterns.note([pattern("a", { lines: 3, firstSeen: start - 5 }), pattern("b")], [count(start, 3)]),
      patterns.note(
        [pattern("b"), pattern("a", { lines: 4, lastSeen: start + 9 })],
        [count(start + 299_999, 4)],
      ),
    ]);
    await patterns.note(
      [pattern("a", { level: "error", template: "took <*>", examples: ["took 3"] })],
      [count(start + 300_000, 1), count(start + 300_001, 1), count(start, 0)],
    );

    expect(await patterns.read("shop", "a")).toEqual({
      service: "shop",
      id: "a",
      template: "took <*>",
      level: "error",
      firstSeen: start - 5,
      lastSeen: start + 9,
      lines: 8,
      examples: ["took 3"],
    });
    expect((await patterns.counts("shop", "a", start, start + hour)).map(({ lines }) => lines)).toEqual([
      7, 2,
    ]);
    expect(await patterns.read("other", "a")).toBeUndefined();
  });

  it("writes only times and lines of what is unchanged, and all of it where the store has lost it", async () => {
    await using site = await open();
    const { patterns, prune } = site.observations;
    await patterns.note([pattern("a", { lines: 3, examples: ["took 3"] })], []);
    const again = pattern("a", { template: "not written", lines: 4, lastSeen: start + 9, unchanged: true });
    await patterns.note([again, pattern("b", { unchanged: true })], [count(start, 4)]);
    expect(await patterns.list({ limit: 9 })).toMatchObject([
      { id: "a", template: "took <*> ms (a)", lines: 7, lastSeen: start + 9, examples: ["took 3"] },
      { id: "b", template: "took <*> ms (b)", lines: 1 },
    ]);
    await prune({ metrics: 0, logs: start + hour });
    await patterns.note([again], [count(start, 4)]);
    expect(await patterns.list({ limit: 9 })).toMatchObject([{ template: "not written", lines: 4 }]);
    expect(await patterns.counts("shop", "a", start, start + hour)).toMatchObject([{ lines: 4 }]);
  });

  it("makes one of two, whether the second is known yet or not, and loses no count", async () => {
    await using site = await open();
    const { patterns, saveLogs } = site.observations;
    await patterns.note([pattern("a", { lines: 3, firstSeen: start - 5 })], [count(start, 3)]);
    const nothing = { patterns: [], counts: [], lines: [], taken: [], places: [] };
    await saveLogs({ ...nothing, joined: [join("a", "b")] });
    expect(await patterns.read("shop", "a")).toBeUndefined();
    await patterns.note([pattern("c", { lines: 2 })], [{ ...count(start, 2), pattern: "c" }]);
    await saveLogs({ ...nothing, joined: [join("b", "c"), join("unknown", "c")] });
    expect(await patterns.list({ limit: 9 })).toMatchObject([{ id: "c", lines: 5, firstSeen: start - 5 }]);
    expect(await patterns.counts("shop", "c", start, start + hour)).toMatchObject([{ lines: 5 }]);
  });

  it("makes one of many at once, each in its turn where one follows another", async () => {
    await using site = await open();
    const { patterns, lines, saveLogs } = site.observations;
    const ids = ["a", "b", "c", "d", "e"];
    await patterns.note(
      ids.map((id, index) => pattern(id, { lines: 10 ** index, lastSeen: start + index })),
      ids.map((id, index) => ({ ...count(start, 10 ** index), pattern: id })),
    );
    const nothing = { patterns: [], counts: [], taken: [], places: [] };
    await saveLogs({
      ...nothing,
      lines: [line(start, "one", { pattern: "a" }), line(start, "another", { pattern: "e" })],
      // Two into one that is new; that one on into another; and one that comes after all of it.
      joined: [join("a", "new"), join("b", "new"), join("new", "c"), join("d", "e"), join("e", "new")],
    });
    expect(await patterns.list({ limit: 9 })).toMatchObject([
      { id: "new", lines: 11_000, template: "took <*> ms (e)", lastSeen: start + 4 },
      { id: "c", lines: 111, template: "took <*> ms (c)", lastSeen: start + 2 },
    ]);
    for (const [id, sum] of [
      ["new", 11_000],
      ["c", 111],
    ] as const)
      expect(await patterns.counts("shop", id, start, start + hour)).toMatchObject([{ lines: sum }]);
    const kept = await lines.list({ limit: 9 });
    expect(Object.fromEntries(kept.map((one) => [one.text, one.pattern]))).toEqual({
      another: "new",
      one: "c",
    });
  });

  it("lists the latest first, page by page", async () => {
    await using site = await open();
    const { patterns } = site.observations;
    const ids = ["p1", "p2", "p3", "p4"];
    await patterns.note(
      ids.map((id, index) => pattern(id, { lastSeen: start + Math.floor(index / 2) })),
      [],
    );
    const first = await patterns.list({ limit: 3 });
    const second = await patterns.list({ limit: 3, before: first.at(-1) });
    expect([...first, ...second].map(({ id }) => id)).toEqual(["p4", "p3", "p2", "p1"]);
    expect((await patterns.list({ limit: 9, text: "TOOK <*> MS (P2" })).map(({ id }) => id)).toEqual(["p2"]);
    expect(await patterns.list({ limit: 9, service: "other" })).toEqual([]);
  });
});

function line(at: number, text: string, more: Partial<KeptLogLine> = {}): KeptLogLine {
  return { service: "shop", at, level: "info", source: "docker", text, ...more };
}

describeOnEachDriver("Log lines", (open) => {
  it("finds them by service, level, time and words", async () => {
    await using site = await open();
    const { lines } = site.observations;
    await lines.add([
      line(start, "up 100 % at 'once'"),
      line(start + 2, "Timeout of shop_db", { level: "error", pattern: "a", traceId: "t" }),
      line(start + 1, "up", { service: "db", source: "file" }),
      line(start + 3, "null \0 byte and half a \uD800 pair"),
    ]);
    const texts = async (query: Omit<Parameters<typeof lines.list>[0], "limit">) =>
      (await lines.list({ limit: 50, ...query })).map(({ text }) => text);
    expect(await texts({ text: "TIMEOUT" })).toEqual(["Timeout of shop_db"]);
    expect(await texts({ text: "100 %" })).toHaveLength(1);
    expect(await texts({ text: "_" })).toEqual(["Timeout of shop_db"]);
    expect(await texts({ levels: ["error", "fatal"] })).toHaveLength(1);
    expect(await texts({ from: start + 1, to: start + 3 })).toEqual(["Timeout of shop_db", "up"]);
    expect(await texts({ service: "db" })).toEqual(["up"]);
    expect((await texts({}))[0]).toBe("null \uFFFD byte and half a \uFFFD pair");
    const [newest] = await lines.list({ limit: 1 });
    expect(await lines.list({ limit: 9, before: newest })).toHaveLength(3);
  });

  it("keeps the newest of each service", async () => {
    await using site = await open();
    const { lines } = site.observations;
    await lines.add(Array.from({ length: 1_200 }, (_, index) => line(start + index, `line ${index}`)));
    await lines.add([line(start, "only one", { service: "quiet" })]);
    expect(await lines.keepNewest(1_000)).toBe(200);
    expect(await lines.keepNewest(1_000)).toBe(0);
    expect((await lines.list({ limit: 1_000, service: "shop" })).at(-1)?.text).toBe("line 200");
    expect(await lines.list({ limit: 9, service: "quiet" })).toHaveLength(1);
  });
});

describeOnEachDriver("Observations", (open) => {
  it("keep what was learned, and let go of what is old", async () => {
    await using site = await open();
    const { learned, metrics, patterns, lines, prune } = site.observations;
    await learned.save("templates", { groups: [1] });
    await learned.save("templates", { groups: [1, 2] });
    expect(await learned.read("templates")).toEqual({ groups: [1, 2] });
    expect(await learned.read("nothing")).toBeUndefined();

    await metrics.add([point(start, 1), point(start + hour, 1), point(start, 1, { name: "memory" })]);
    await patterns.note(
      [pattern("old"), pattern("young", { lastSeen: start + hour })],
      [{ service: "shop", pattern: "young", at: start, lines: 1 }],
    );
    await lines.add([line(start, "old"), line(start + hour, "young")]);
    expect(await prune({ metrics: start + 1, logs: start + 1 })).toBe(2 + 1 + 1 + 1);
    expect(await metrics.read(whole)).toHaveLength(1);
    expect((await patterns.list({ limit: 9 })).map(({ id }) => id)).toEqual(["young"]);
    expect((await lines.list({ limit: 9 })).map(({ text }) => text)).toEqual(["young"]);
  });
});
