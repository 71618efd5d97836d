// What Operations must tell of what was observed, called directly or over HTTP.
import { describe, expect, it } from "vitest";
import { alice, type OperationsSite } from "./operations-changes.contract.ts";

const minute = 60_000;

async function fill({ world }: OperationsSite): Promise<number> {
  const { observations, clock } = world.opened;
  const now = clock.now();
  await observations.lines.add([
    { service: "shop", at: now - 2, level: "info", source: "docker", text: "up" },
    {
      service: "shop",
      at: now - 1,
      level: "error",
      source: "docker",
      text: "lost order 7",
      pattern: "p1",
      traceId: "t",
    },
    { service: "cache", at: now, level: "warn", source: "/var/log/cache.log", text: "slow" },
  ]);
  const seen = { firstSeen: now - minute, lastSeen: now, lines: 3 };
  await observations.patterns.note(
    [
      {
        service: "shop",
        id: "p1",
        template: "lost order <*>",
        level: "error",
        ...seen,
        examples: ["lost order 7"],
      },
      { service: "a:b", id: "p1", template: "beat", level: "info", ...seen, lastSeen: now - 1, examples: [] },
    ],
    [{ service: "shop", pattern: "p1", at: now, lines: 3 }],
  );
  const cpu = { service: "shop", name: "cpu", measuredOn: "service" };
  await observations.metrics.add([
    { ...cpu, at: now - 10 * minute, samples: 2, total: 1, lowest: 0.25, highest: 0.75 },
    { ...cpu, name: "memory", at: now - 10 * minute, samples: 1, total: 0.5, lowest: 0.5, highest: 0.5 },
  ]);
  return now;
}

export function observedContract(name: string, open: () => Promise<OperationsSite>): void {
  describe(`${name} as Observed`, () => {
    it("finds log lines, page by page", async () => {
      await using site = await open();
      const now = await fill(site);
      const { operations } = site;
      const first = await operations.logs({ limit: 2 });
      expect(first.logs.map(({ text }) => text)).toEqual(["slow", "lost order 7"]);
      const second = await operations.logs({ limit: 2, cursor: first.next_cursor ?? "" });
      expect(second).toMatchObject({ logs: [{ text: "up" }], next_cursor: null });

      const troubles = await operations.logs({ limit: 9, service: "shop", level: "warn", q: "LOST" });
      expect(troubles.logs).toEqual([
        expect.objectContaining({
          at: now - 1,
          level: "error",
          pattern: "p1",
          traceId: "t",
          source: "docker",
        }),
      ]);
      const between = await operations.logs({ limit: 9, from: now - 1, to: now });
      expect(between.logs).toHaveLength(1);
      await expect(operations.logs({ limit: 9, cursor: "x" })).rejects.toMatchObject({ code: "bad-cursor" });
    });

    it("lists patterns and tells the story of one", async () => {
      await using site = await open();
      const now = await fill(site);
      const { operations } = site;
      const first = await operations.patterns({ limit: 1 });
      expect(first.patterns).toMatchObject([
        { id: "shop:p1", service: "shop", lines: 3, trend: null, burst: null },
      ]);
      const second = await operations.patterns({ limit: 1, cursor: first.next_cursor ?? "" });
      expect(second).toMatchObject({ patterns: [{ id: "a:b:p1", template: "beat" }] });
      expect((await operations.patterns({ limit: 9, q: "order" })).patterns).toHaveLength(1);
      expect((await operations.patterns({ limit: 9, service: "none" })).patterns).toEqual([]);

      expect(await operations.pattern("shop:p1")).toMatchObject({
        template: "lost order <*>",
        examples: ["lost order 7"],
        counts: [{ at: now - (now % (5 * minute)), lines: 3 }],
        days: [{ at: now - (now % (24 * 60 * minute)), lines: 3 }],
        seenOn: 1,
        course: "learning",
        sameHour: null,
        newSince: null,
      });
      expect(await operations.pattern("a:b:p1")).toMatchObject({ service: "a:b", counts: [] });
      await expect(operations.pattern("shop:none")).rejects.toMatchObject({ code: "not-found" });
      await expect(operations.patterns({ limit: 9, cursor: "1-x" })).rejects.toMatchObject({
        code: "bad-cursor",
      });
    });

    it("tells how a pattern goes from day to day, and after which change it came up", async () => {
      await using site = await open();
      const { operations, world } = site;
      const { observations, clock } = world.opened;
      const day = 24 * 60 * minute;
      clock.advance(day);
      const now = clock.now();
      const firstSeen = now - 4 * day;
      const record = { service: "shop", id: "p2", template: "slow", level: "warn", examples: [] } as const;
      const counts = [200, 80, 36, 36].map((lines, ago) => ({
        service: "shop",
        pattern: "p2",
        at: now - ago * day - 10 * minute,
        lines,
      }));
      await observations.patterns.note(
        [
          { ...record, examples: [], firstSeen, lastSeen: now, lines: 352 },
          { ...record, id: "p3", examples: [], firstSeen: now - minute, lastSeen: now, lines: 1 },
        ],
        counts,
      );
      const change = { service: "shop", path: "app.yaml", goodVersion: "a", summary: "port: 80 → 81" };
      world.observers.note({ kind: "change", at: now - 2 * minute, ...change });
      expect(await operations.pattern("shop:p2")).toMatchObject({
        counts: [{ lines: 200 }],
        seenOn: 4,
        course: "rising",
        sameHour: { lines: 200, days: 3, unusual: "more" },
        newSince: null,
      });
      expect(await operations.pattern("shop:p3")).toMatchObject({
        newSince: { at: now - 2 * minute, what: "a change of app.yaml" },
      });
    });

    it("tells what varies in a pattern's lines, and what drifts", async () => {
      await using site = await open();
      const { operations, world } = site;
      const { observers, opened } = world;
      const now = opened.clock.now();
      const line = { kind: "log", service: "bank", level: "info", source: "docker" } as const;
      for (let ago = 200 * minute; ago > 0; ago -= 10_000) {
        const text = `paid in ${ago > 20 * minute ? 20 + (ago % 7) : 900} ms by ${ago > 20 * minute ? "visa" : "cash"}-1`;
        observers.note({ ...line, at: now - ago, text });
      }
      await observers.logs.flush();
      const [pattern] = (await operations.patterns({ limit: 1, service: "bank" })).patterns;
      const { parameters } = await operations.pattern(pattern?.id ?? "");
      expect(parameters).toMatchObject([
        {
          name: "in",
          unit: "ms",
          drift: { kind: "level", after: 900, since: now - (now % (5 * minute)) - 20 * minute },
        },
        { name: "by", windows: [], drift: { kind: "value", before: "visa-1", after: "cash-1", share: 1 } },
      ]);
      expect(parameters[0]?.windows.at(-1)).toMatchObject({ median: 900, samples: expect.any(Number) });
    });

    it("tells what those who watch say just now", async () => {
      await using site = await open();
      const { operations, world } = site;
      const start = world.opened.clock.now() - 600 * minute;
      const { observers } = world;
      const line = { kind: "log", service: "shop", level: "error", source: "docker" } as const;
      for (const at of [start, start + 1, start + 2]) {
        observers.note({ ...line, at, text: `cannot reach the bank, try ${at}` });
      }
      const cpu = { service: "shop", name: "cpu", measuredOn: "service", samples: 1 };
      for (let n = 0; n < 600; n += 1) {
        const value = n < 595 ? 0.2 + (n % 7) / 1_000 : 0.95;
        const at = start + n * minute;
        observers.metrics.minute({ ...cpu, at, total: value, lowest: value, highest: value });
      }
      expect(await operations.clusters()).toMatchObject([{ lines: 3, services: ["shop"], firstAt: start }]);
      expect(await operations.anomalies()).toMatchObject([{ name: "cpu", value: 0.95, ongoing: true }]);
      const [prediction] = await operations.predictions({ service: "shop" });
      expect(prediction).toMatchObject({ name: "cpu", last: 0.95, limit: 0.9, aheadSeconds: 900 });
      expect(prediction?.ahead?.hi).toHaveLength(15);
      expect(prediction?.untilLimit).toEqual({ seconds: 0, lo: 0, hi: 0 });
      expect(await operations.predictions({ service: "other" })).toEqual([]);
      const [outage] = await operations.outages({ service: "shop" });
      expect(outage).toMatchObject({
        suspects: [{ service: "cache", confidence: 0.9 }],
        next: [{ service: "shop", at: Date.parse("2026-01-05T11:59:00Z") }],
      });
      expect(await operations.outages({ service: "other" })).toEqual([]);
      await observers.logs.flush();
      const { patterns } = await operations.patterns({ limit: 9, q: "bank" });
      expect(patterns).toMatchObject([{ lines: 3, level: "error", trend: "steady", burst: null }]);
    });

    it("gives numbers over time, and no sources where nobody reads", async () => {
      await using site = await open();
      const now = await fill(site);
      const { operations } = site;
      const at = now - 10 * minute;
      expect(await operations.metricsHistory({ names: ["cpu", "disk"] })).toEqual([
        {
          service: "shop",
          name: "cpu",
          measuredOn: "service",
          points: [{ at: at - (at % (5 * minute)), samples: 2, mean: 0.5, lowest: 0.25, highest: 0.75 }],
        },
      ]);
      expect(await operations.metricsHistory({ service: "shop", stepMs: minute })).toHaveLength(2);
      expect(await operations.metricsHistory({ from: now - minute, to: now })).toEqual([]);
      expect(await operations.logSources()).toEqual([]);
    });

    it("makes rules about log lines, counts what fits them, and removes them", async () => {
      await using site = await open();
      const { operations, world } = site;
      const { observers, opened } = world;
      const threshold = { lines: 2, within: "10m" };
      const made = { name: "lost", match: "lost \\d+ orders", severity: "warning" as const, threshold };
      expect(await operations.addRule({ ...made, service: "shop" }, alice)).toEqual({
        ...made,
        service: "shop",
        level: null,
        hint: null,
        origin: "api",
        services: [],
      });
      const at = opened.clock.now();
      observers.note({
        kind: "log",
        service: "shop",
        at,
        level: "info",
        source: "docker",
        text: "lost 3 orders",
      });
      await observers.rules.flush();
      const { rules, passed_over } = await operations.rules();
      expect(rules).toMatchObject([
        { name: "declined", origin: "configuration", threshold: { lines: 1, within: "5m" }, services: [] },
        { name: "lost", services: [{ service: "shop", lines: 1, lastAt: at, now: 1 }] },
        { name: "spare", origin: "api", services: [] },
      ]);
      expect(passed_over).toBe(0);

      await operations.addRule({ ...made, match: "found", hint: "Well done." }, alice);
      const [, changed] = (await operations.rules()).rules;
      expect(changed).toMatchObject({ name: "lost", match: "found", service: null, hint: "Well done." });
      await expect(operations.addRule({ ...made, name: "declined" }, alice)).rejects.toMatchObject({
        code: "rule-configured",
      });
      await expect(operations.removeRule("declined", alice)).rejects.toMatchObject({
        code: "rule-configured",
      });
      expect(await operations.removeRule("lost", alice)).toMatchObject({ name: "lost", match: "found" });
      await expect(operations.removeRule("lost", alice)).rejects.toMatchObject({ code: "not-found" });
      expect((await operations.rules()).rules).toHaveLength(2);
      const entries = await operations.audit({ limit: 9 });
      expect(entries.map((one) => `${one.action} ${one.target}`)).toEqual([
        "rule.remove lost",
        "rule.put lost",
        "rule.put lost",
      ]);
    });

    it("takes only so many rules", async () => {
      await using site = await open();
      const { operations } = site;
      const rule = { severity: "info" as const, threshold: { lines: 1, within: "5m" } };
      for (const name of ["a", "b", "c", "d", "e"])
        await operations.addRule({ ...rule, name, match: `${name}{900}` }, alice);
      await expect(operations.addRule({ ...rule, name: "f", match: "f{900}" }, alice)).rejects.toMatchObject({
        code: "too-many-rules",
      });
      await operations.addRule({ ...rule, name: "a", match: "small" }, alice); // takes its own place
    });
  });
}
