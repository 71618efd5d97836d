// What varies in log lines, and when it has drifted: made-up lines of known programs, and steady noise of many kinds.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { withoutSecrets } from "../../domain/mask-secrets.ts";
import { seededChance } from "../../signals/forecast/random.ts";
import { makeNumberLevel, WINDOW_MS } from "../../signals/patterns/number-level.ts";
import { makePatternParameters } from "../../signals/patterns/parameter-drift.ts";
import { makeParameterReader } from "../../signals/patterns/parameters.ts";
import { makeWordShares } from "../../signals/patterns/word-shares.ts";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const start = 1_800_000_000_000;

type Random = () => number;
const normal = (next: Random): number =>
  Math.sqrt(-2 * Math.log(1 - next())) * Math.cos(2 * Math.PI * next());
const durations = (next: Random, middle: number, spread = 0.8): number =>
  middle * Math.exp(spread * normal(next));

/** A line every ten seconds (or as told), for so long; `line` gets the time since the start. */
function read(template: string, hours: number, line: (ms: number, n: number) => string, every = 10_000) {
  const parameters = makePatternParameters(template, line(0, 0), withoutSecrets);
  if (parameters === undefined) throw new Error("nothing varies");
  for (let ms = 0; ms < hours * HOUR; ms += every) parameters.note(start + ms, line(ms, ms / every));
  const now = start + hours * HOUR;
  return {
    drifts: parameters.drifts(now),
    view: parameters.view(now),
    later: (ms: number) => parameters.drifts(now + ms),
  };
}

describe("the values of a line", () => {
  it.each<[string, string, string[], (string | number)[]]>([
    ["took <*> ms", "took 23 ms", ["took"], [23]],
    ["took <*>", "2026-11-21 12:00:00 took 1.5s", ["took"], [1_500]],
    ["GET <*> <*> in <*>ms", "GET /a/b 200 in 7ms", ["GET", "2.", "in"], ["/a/b", 200, 7]],
    [
      "<*> connected to <*>:<*>",
      "12:00 INFO web-1 connected to db-2:5432",
      ["1.", "to", "3."],
      ["web-1", "db-2", 5_432],
    ],
    ["wrote <*> to disk", "wrote 1.2 KB to disk", ["wrote"], [1_200]],
    [
      "level=<*> durationMs=<*> code=<*>",
      "level=warn durationMs=12 code=E42",
      ["level", "durationMs", "code"],
      ["warn", 12, "E42"],
    ],
    ["paid <*>", '{"msg":"paid 12","at":1}', ["paid"], [12]],
    ["paid by visa-1 in <*> ms", "paid by cash-1 in 7 ms", ["by", "in"], ["cash-1", 7]],
    ["token <*><*> is <*>", "token ab is 0x1f", ["token", "is"], ["ab", "0x1f"]],
  ])("%s: %s", (template, text, names, values) => {
    const reader = makeParameterReader(template);
    const found = reader?.read(text)?.map((value, at) => reader.numberOf(at, value) ?? value);
    expect([reader?.parameters.map(({ name }) => name), found]).toEqual([names, values]);
  });

  it("are those that were put in, whatever the words around them", () => {
    const word = fc.stringMatching(/^[a-z]{1,8}$/);
    const value = fc.stringMatching(/^[0-9]{1,6}[A-Z]{0,2}$/);
    fc.assert(
      fc.property(
        fc.array(fc.tuple(word, value), { minLength: 1, maxLength: 6 }),
        fc.string(),
        (pairs, junk) => {
          const reader = makeParameterReader(pairs.map(([name]) => `${name} <*>`).join(" "));
          expect(reader?.read(pairs.flat().join(" "))).toEqual(pairs.map(([, one]) => one));
          expect(() => reader?.read(junk)).not.toThrow();
        },
      ),
    );
  });

  it("are none where a template leaves nothing open, or is nothing but open", () => {
    for (const template of ["", "started", "<*>", "<*> <*>"])
      expect(makeParameterReader(template)).toBeUndefined();
    expect(makeParameterReader("took <*> ms")?.read("gave up after 7 ms")).toBeUndefined();
  });
});

const upstream = (ms: number) =>
  `time=1 level=info msg="request completed" upstream=${ms < 2 * HOUR ? "a" : "b"}`;
const many = (_ms: number, n: number) =>
  JSON.stringify({
    msg: "x",
    ...Object.fromEntries(Array.from({ length: 50 }, (_, at) => [`f${n}-${at}`, at])),
  });

describe("drift", () => {
  it("of a duration that grew from 20 ms to 900 ms is found within twenty minutes, and is over with it", () => {
    const next = seededChance(1);
    const grown = (ms: number) => `took ${durations(next, ms < 3 * HOUR ? 20 : 900).toFixed(0)} ms`;
    expect(read("took <*> ms", 3, grown).drifts).toEqual([]);
    const { drifts, later } = read("took <*> ms", 3 + 1 / 3, grown);
    expect(drifts).toMatchObject([
      { parameter: { name: "took", unit: "ms" }, drift: { kind: "level", since: start + 3 * HOUR } },
    ]);
    const [drift] = drifts.map((one) => one.drift);
    expect(drift?.before).toBeCloseTo(20, -1);
    expect(later(5 * HOUR)).toEqual([]);
    const back = (ms: number) => `took ${durations(next, ms < 2 * HOUR || ms > 3 * HOUR ? 20 : 900)} ms`;
    expect(read("took <*> ms", 3.5, back).drifts).toEqual([]);
  });

  it("of a number that fell, and of one that stood still, is found, too", () => {
    const next = seededChance(2);
    const fell = (ms: number) =>
      `${Math.round(durations(next, ms < 3 * HOUR ? 400 : 4, 0.3))} items in stock`;
    expect(read("<*> items in stock", 4, fell).drifts).toMatchObject([{ drift: { kind: "level" } }]);
    expect(read("pool size <*>", 4, (ms) => `pool size ${ms < 3 * HOUR ? 10 : 2}`).drifts).toMatchObject([
      { drift: { kind: "value", before: "10", after: "2", share: 1 } },
    ]);
  });

  it("of a host or an error code that took over is found", () => {
    const next = seededChance(3);
    const host = (ms: number) =>
      ms < 2 * HOUR ? (next() < 0.5 ? "db-1.local" : "db-2.local") : "db-9.local";
    const { drifts, view } = read(
      "connected to <*> in <*> ms",
      3,
      (ms) => `connected to ${host(ms)} in ${Math.round(durations(next, 5))} ms`,
    );
    expect(drifts).toMatchObject([
      {
        parameter: { name: "to" },
        drift: { kind: "value", since: start + 2 * HOUR, after: "db-9.local", share: 1 },
      },
    ]);
    expect(view[0]?.values.map(({ value }) => value).toSorted()).toEqual([
      "db-1.local",
      "db-2.local",
      "db-9.local",
    ]);
    expect(view[1]?.windows.length).toBe(35);

    const code = (ms: number) =>
      next() < (ms < 2 * HOUR ? 0.7 : 0.05) ? "E1045" : ms < 2 * HOUR ? "E1205" : "E1040";
    expect(read("failed with <*>", 3, (ms) => `failed with ${code(ms)}`).drifts).toMatchObject([
      { drift: { after: "E1040", before: "E1045" } },
    ]);
  });

  it.each<[string, string, (ms: number, n: number, next: Random) => string]>([
    ["a counter", "order <*> placed", (_ms, n) => `order ${81_000 + 3 * n} placed`],
    [
      "a counter that was set back",
      "order <*> placed",
      (ms, n) => `order ${ms < 3 * HOUR ? 81_000 + n : n} placed`,
    ],
    ["ids", "customer <*> came", (_ms, _n, next) => `customer ${Math.floor(next() * 1e6)} came`],
    [
      "ids that grow",
      "basket <*> gone",
      (_ms, n, next) => `basket ${2_000 + n - Math.floor(next() * 40)} gone`,
    ],
    ["a process id", "started pid <*>", (ms) => `started pid ${ms < 3 * HOUR ? 1_234 : 56_789}`],
    [
      "a date",
      "saved backup <*>",
      (ms) => `saved backup ${new Date(start + 8 * ms).toISOString().slice(0, 10)}`,
    ],
    [
      "values that take turns",
      "leader is <*>",
      (ms) => `leader is node-${Math.floor(ms / (25 * MINUTE)) % 3}`,
    ],
    [
      "one bad quarter of an hour",
      "took <*> ms",
      (ms, _n, next) => `took ${durations(next, ms > 3 * HOUR && ms < 3 * HOUR + 9 * MINUTE ? 900 : 20)} ms`,
    ],
    ["a fifth more", "took <*> ms", (ms, _n, next) => `took ${durations(next, ms < 3 * HOUR ? 20 : 24)} ms`],
  ])("is not seen in %s", (_what, template, line) => {
    const next = seededChance(4);
    for (const hours of [3.3, 3.5, 4]) {
      expect(read(template, hours, (ms, n) => line(ms, n, next)).drifts).toEqual([]);
    }
  });

  it("of a field of a structured line is found, whatever its message leaves open", () => {
    const next = seededChance(5);
    const took = (ms: number) => Math.round(durations(next, ms < 2 * HOUR ? 20 : 900));
    const json = (ms: number, n: number) =>
      JSON.stringify({
        level: 30,
        time: start + ms,
        pid: ms < 2 * HOUR ? 7 : 9_999,
        req: { id: n, method: "GET" },
        responseTimeMs: took(ms),
        tags: ["a"],
        password: "hunter2",
        msg: "request completed",
      });
    const { drifts, view } = read("request completed", 3, json);
    expect(drifts).toMatchObject([
      { parameter: { name: "responseTimeMs", unit: "ms" }, drift: { kind: "level" } },
    ]);
    expect(view.map(({ name }) => name)).toEqual(["req.id", "req.method", "responseTimeMs", "password"]);
    expect(JSON.stringify(view)).not.toContain("hunter2");

    expect(read("request completed", 3, upstream).drifts).toMatchObject([
      { parameter: { name: "upstream" }, drift: { kind: "value", before: "a", after: "b" } },
    ]);
  });

  it("keeps to a few fields, however many a line has", () => {
    expect(read("x", 1, many).view).toHaveLength(8);
  });

  it("shows no secret, not even one that only its name gives away", () => {
    const { view } = read("password=<*> for <*>", 1, () => "password=hunter2 for ada");
    expect(JSON.stringify(view)).not.toContain("hunter2");
    expect(JSON.stringify(view)).toContain("ada");
  });
});

describe("steady noise", () => {
  const kinds: ((next: Random, middle: number, ms: number) => number)[] = [
    (next, middle) => durations(next, middle),
    (next, middle) => durations(next, middle, 1.5),
    (next, middle) => middle / (1 - next()), // without a mean
    (next, middle) => Math.floor(next() * middle),
    (next, middle) => (next() < 0.9 ? middle : 20 * middle), // now and then a slow one
    (next, middle, ms) => durations(next, middle * (1 + 0.5 * Math.sin((ms / HOUR / 24) * 2 * Math.PI))), // a day's wave
  ];

  it("gives under one false alarm in a hundred days of a series", () => {
    let alarms = 0;
    const series = 60;
    for (let seed = 1; seed <= series; seed += 1) {
      const next = seededChance(seed);
      const [make, middle] = [kinds[seed % kinds.length] ?? durations, 10 ** (3 * next())];
      const level = makeNumberLevel();
      const every = seed % 2 === 0 ? 10_000 : MINUTE;
      let told = false;
      for (let ms = 0; ms < 48 * HOUR; ms += every) {
        level.note(start + ms, make(next, middle, ms));
        if (ms % WINDOW_MS !== 0) continue;
        const now = level.shift(start + ms) !== undefined;
        if (now && !told) alarms += 1;
        told = now;
      }
    }
    expect(alarms).toBeLessThan((series * 2) / 100);
  });

  it("of words, where one is now more and now less, is no takeover", () => {
    for (let seed = 1; seed <= 40; seed += 1) {
      const next = seededChance(seed);
      const words = makeWordShares();
      for (let ms = 0; ms < 24 * HOUR; ms += 20_000) {
        const word = Math.floor(next() ** (1 + (seed % 3)) * (2 + (seed % 30)));
        words.note(start + ms, `host-${word}`);
        expect(words.takeover(start + ms)).toBeUndefined();
      }
    }
  });
});
