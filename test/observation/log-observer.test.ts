// What is counted and kept of the lines of services, into a real store.
import { expect, it } from "vitest";
import { makeLogObserver } from "../../agents/log-observer.ts";
import type { LogSignal } from "../../domain/signal.ts";
import { HealError } from "../../domain/errors.ts";
import type { LogBatch } from "../../knowledge/observations.ts";
import { makeTemplateMiner } from "../../signals/templates/miner.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";

const MINUTE = 60_000;

function line(at: number, text: string, more: Partial<LogSignal> = {}): LogSignal {
  return { kind: "log", service: "shop", at, level: "info", source: "docker", text, ...more };
}

const observerOf = (site: TestStore, more: { keptLines?: number; patternsPerService?: number } = {}) =>
  makeLogObserver({ clock: site.clock, miner: makeTemplateMiner(), store: site.observations, ...more });

it("counts every line, keeps some, and adds up over flushes", async () => {
  await using site = await openTestStore("pglite");
  const observer = observerOf(site);
  const start = site.clock.now();
  for (let n = 0; n < 1_000; n += 1) observer.note(line(start + n, `took ${n} ms`));
  observer.note(line(start, "lost 3 orders", { level: "error" }));
  await observer.flush();
  site.clock.advance(10_000);
  observer.note(line(start + MINUTE, "took 1 ms", { level: "warn" }));
  await observer.flush();
  await observer.flush();

  const { patterns, lines } = site.observations;
  const [took, lost] = await patterns.list({ limit: 9 });
  expect(took).toMatchObject({ template: "took <*> ms", lines: 1_001, level: "warn", firstSeen: start });
  expect(took?.examples).toEqual(["took 0 ms", "took 1 ms", "took 2 ms"]);
  expect(lost).toMatchObject({ template: "lost <*> orders", lines: 1, level: "error" });
  const counts = await patterns.counts("shop", took?.id ?? "", 0, start + 2 * MINUTE);
  expect(counts.reduce((sum, one) => sum + one.lines, 0)).toBe(1_001);
  const kept = await lines.list({ limit: 500 });
  expect(kept.filter(({ pattern }) => pattern === took?.id)).toHaveLength(21);
  expect(kept.filter(({ level }) => level === "error")).toMatchObject([
    { text: "lost 3 orders", pattern: lost?.id },
  ]);
});

it("says when a pattern came up that the store does not know yet", async () => {
  await using site = await openTestStore("pglite");
  const observer = observerOf(site);
  const start = site.clock.now();
  const sayAndFlush = async (text: string): Promise<boolean> => {
    observer.note(line(start, text));
    const isNew = observer.hasNew();
    await observer.flush();
    expect(observer.hasNew()).toBe(false);
    return isNew;
  };
  const told = [];
  for (const text of ["took 1 ms", "took 2 ms", "lost 3 orders", "took 4 ms"])
    told.push(await sayAndFlush(text));
  expect(told).toEqual([true, false, true, false]);
});

it("counts a pattern once that was forgotten and came again before it was written", async () => {
  await using site = await openTestStore("pglite");
  const observer = observerOf(site, { patternsPerService: 1 });
  const at = site.clock.now();
  const texts = ["one thing", "quite another matter", "one thing", "quite another matter", "one thing"];
  for (const text of texts) observer.note(line(at, text));
  await observer.flush();
  const counts = (await site.observations.patterns.list({ limit: 9 })).map(({ lines }) => lines);
  expect(new Set(counts)).toEqual(new Set([2, 3]));
});

it("counts the first lines of a form under the pattern that they turn out to have, in the store, too", async () => {
  await using site = await openTestStore("pglite");
  const observer = observerOf(site);
  const { patterns, lines } = site.observations;
  const start = site.clock.now();
  const say = (from: number, to: number): void => {
    for (let n = from; n < to; n += 1) {
      const at = start + n * MINUTE;
      observer.note(line(at, `${new Date(at).toISOString()} INFO took ${n} ms`));
    }
  };
  say(0, 20);
  await observer.flush();
  expect(await patterns.list({ limit: 9 })).toMatchObject([{ template: "<*> INFO took <*> ms", lines: 20 }]);
  say(20, 60);
  await observer.flush();
  const [took, ...others] = await patterns.list({ limit: 9 });
  expect(others).toEqual([]);
  expect(took).toMatchObject({ template: "took <*> ms", lines: 60, firstSeen: start });
  const counts = await patterns.counts("shop", took?.id ?? "", 0, start + 61 * MINUTE);
  expect(counts.reduce((sum, one) => sum + one.lines, 0)).toBe(60);
  const kept = await lines.list({ limit: 100 });
  expect(new Set(kept.map(({ pattern }) => pattern))).toEqual(new Set([took?.id]));
});

it("a flood of chatter leaves room for troubles, and for other services", async () => {
  await using site = await openTestStore("pglite");
  const observer = observerOf(site, { keptLines: 50 });
  const words = Array.from({ length: 80 }, (_, n) => "chatter and ".repeat(n + 1));
  for (const text of words) observer.note(line(site.clock.now(), text));
  observer.note(line(site.clock.now(), "disk full", { level: "error" }));
  observer.note(line(site.clock.now(), "quiet", { service: "db" }));
  await observer.flush();
  const kept = await site.observations.lines.list({ limit: 500 });
  expect(kept.filter(({ level, service }) => level === "info" && service === "shop")).toHaveLength(50);
  expect(kept.map(({ text }) => text)).toEqual(expect.arrayContaining(["disk full", "quiet"]));
});

function trace(n: number): string {
  return `Traceback (most recent call last):\n  File "/app/shop.py", line ${n}, in order\nKeyError: 'price'`;
}

it("counts a stack trace by what it says, not by its frames", async () => {
  await using site = await openTestStore("pglite");
  const observer = observerOf(site);
  const at = site.clock.now();
  for (let n = 0; n < 3; n += 1) observer.note(line(at, trace(n), { level: "error" }));
  observer.note(line(at, "Error: no price\n    at order (/app/shop.js:7:1)\n    at main (/app/shop.js:9:1)"));
  const templates = observer.patterns("shop").map(({ template, total }) => [template, total]);
  expect(templates).toEqual([
    ["KeyError: 'price'", 3],
    ["Error: no price", 1],
  ]);
});

it("loses no count while the store is away", async () => {
  await using site = await openTestStore("pglite");
  let away = true;
  const store = {
    saveLogs: (batch: LogBatch) =>
      away
        ? Promise.reject(new HealError("The database is away.", { code: "store-unreachable" }))
        : site.observations.saveLogs(batch),
  };
  const observer = makeLogObserver({ clock: site.clock, miner: makeTemplateMiner(), store });
  const start = site.clock.now();
  observer.note(line(start, "took 1 ms"));
  await expect(observer.flush()).rejects.toThrow("away");
  observer.note(line(start + 5, "took 2 ms"));
  observer.note(line(start - 5, "took 3 ms"));
  await expect(observer.flush()).rejects.toThrow("away");
  expect(observer.hasNew()).toBe(true);
  away = false;
  observer.note(line(start + 400_000, "took 4 ms"));
  await observer.flush();

  const [took] = await site.observations.patterns.list({ limit: 9 });
  expect(took).toMatchObject({ lines: 4, firstSeen: start - 5, lastSeen: start + 400_000 });
  expect(await site.observations.lines.list({ limit: 9 })).toHaveLength(4);
});

it("says of which patterns the store has all but the count", async () => {
  await using site = await openTestStore("pglite");
  const batches: LogBatch[] = [];
  const saveLogs = (batch: LogBatch) =>
    batches.push(batch) === 2 ? Promise.reject(new Error("away")) : site.observations.saveLogs(batch);
  const observer = makeLogObserver({ clock: site.clock, miner: makeTemplateMiner(), store: { saveLogs } });
  const now = site.clock.now();
  const add = (count: number, level: "info" | "error" = "info") => {
    for (let n = 0; n < count; n += 1) observer.note(line(now, `took ${n} ms`, { level }));
  };
  add(5);
  await observer.flush();
  add(1, "error");
  await expect(observer.flush()).rejects.toThrow("away");
  add(1);
  await observer.flush();
  add(1);
  await observer.flush();
  expect(batches.map(({ patterns }) => patterns.map(({ lines, unchanged }) => [lines, unchanged]))).toEqual([
    [[5, false]],
    [[1, false]],
    [[2, false]],
    [[1, true]],
  ]);
  expect(await site.observations.patterns.list({ limit: 9 })).toMatchObject([{ lines: 8, level: "error" }]);
});

it("says what is new, bursts and falls silent, and forgets the longest silent beyond its limit", async () => {
  await using site = await openTestStore("pglite");
  const observer = observerOf(site, { patternsPerService: 2 });
  const start = site.clock.now();
  for (let n = 0; n < 60; n += 1) observer.note(line(start + n * 30_000, `beat ${n}`));
  site.clock.advance(42 * MINUTE);
  for (let n = 0; n < 40; n += 1)
    observer.note(line(site.clock.now() - n * 100, `failed ${n}`, { level: "error" }));
  const view = new Map(observer.patterns("shop").map((one) => [one.template, one]));
  expect(view.get("beat <*>")).toMatchObject({ trend: "vanished", total: 60 });
  expect(view.get("failed <*>")).toMatchObject({
    trend: "new",
    level: "error",
    burst: { lines: 40, usual: 0 },
  });
  expect(observer.counts("shop", view.get("beat <*>")?.id ?? "", 4).reduce((sum, one) => sum + one, 0)).toBe(
    10,
  );

  observer.note(line(site.clock.now(), "third"));
  expect(observer.patterns("shop").map(({ template }) => template)).toEqual(["failed <*>", "third"]);
  expect(observer.patterns("other")).toEqual([]);
});
