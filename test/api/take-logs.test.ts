// Log events from outside are counted once, whoever sends them twice: within a process, over its end, between processes.
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { makeLogObserver } from "../../agents/log-observer.ts";
import { makeSaveTogether } from "../../api/save-together.ts";
import { makeTakeLogs } from "../../api/take-logs.ts";
import { HealError } from "../../domain/errors.ts";
import type { Signal } from "../../domain/signal.ts";
import { makeAcceptedLogs } from "../../knowledge/accepted-logs.ts";
import type { LogBatch } from "../../knowledge/observations.ts";
import { makeTemplateMiner } from "../../signals/templates/miner.ts";
import type { LogEvent } from "../../tools/log-sources/log-source.ts";
import { describeOnEachDriver } from "../knowledge/each-driver.ts";
import { openTestStore, type TestStore } from "../knowledge/open-test-store.ts";

function event(service: string, rawId: string, more: Partial<LogEvent> = {}): LogEvent {
  const about = { ts: 5, ingestTs: 6, source: "http", attrs: {}, traceId: undefined };
  return { ...about, service, rawId, level: "info", message: "up", ...more };
}

const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, n) => event("shop", `${from + n}`, { message: `order ${from + n}` }));

const place = (at: number) => ({ source: "loki", token: 1, place: { at } });

/** One process that takes logs; what it has neither saved nor kept in its folder is gone with it. */
function process(site: TestStore, { shared = false, folder }: { shared?: boolean; folder?: string } = {}) {
  const noted: Signal[] = [];
  const others: Signal[] = [];
  let away = false;
  const saveLogs = (batch: LogBatch) =>
    away
      ? Promise.reject(new HealError("The database is away.", { code: "store-unreachable" }))
      : site.observations.saveLogs(batch);
  const logs = makeLogObserver({ clock: site.clock, miner: makeTemplateMiner(), store: { saveLogs } });
  const observe = (signal: Signal) => void (signal.kind === "log" && logs.note(signal));
  const accepted = folder === undefined ? undefined : makeAcceptedLogs(folder, () => undefined);
  const save = async () => {
    const stored = accepted?.cut();
    await logs.flush();
    await stored?.();
  };
  const taking = makeTakeLogs({
    services: () => new Set(["shop"]),
    note: (signal) => {
      noted.push(signal);
      observe(signal);
    },
    observe: (signal) => void others.push(signal),
    took: logs.took,
    reached: logs.reached,
    saving: makeSaveTogether({ save, clock: site.clock }),
    stored: site.observations.taken,
    accepted,
    clock: site.clock,
    shared,
  });
  const push = async (events: LogEvent[]) => {
    await taking.take(events);
    await taking.saved();
  };
  const goAway = (is: boolean) => {
    away = is;
  };
  return { ...taking, push, noted, others, goAway };
}

async function counted(site: TestStore): Promise<number> {
  const patterns = await site.observations.patterns.list({ limit: 100 });
  return patterns.reduce((sum, { lines }) => sum + lines, 0);
}

it("gives a service its lines once, bounds the names of others, and reads the level where none was named", async () => {
  await using site = await openTestStore("pglite");
  const { take, noted, others } = process(site);
  await take([
    event("shop", "1"),
    event("shop", "1"),
    event("shop", "1", { source: "otlp" }),
    event("shop", "2", { level: "unknown", message: "ERROR no" }),
  ]);
  await take(Array.from({ length: 500 }, (_, n) => event(`other-${n}`, `o${n}`)));
  expect(noted).toMatchObject([
    { service: "shop", at: 5, level: "info", source: "http" },
    { service: "shop", source: "otlp" },
    { service: "shop", level: "error" },
  ]);
  expect(others).toHaveLength(500);
  expect(new Set(others.map(({ service }) => service)).size).toBe(201);
});

it("takes nothing more while nothing can be stored, and loses and doubles nothing by it", async () => {
  await using site = await openTestStore("pglite");
  const { push, noted, goAway } = process(site);
  goAway(true);
  await expect(push(numbered(0, 10))).rejects.toThrow("away");
  // The sender comes again, and others come.
  await expect(push(numbered(0, 10))).rejects.toThrow("away");
  await expect(push(numbered(10, 20))).rejects.toThrow("away");
  expect(noted).toHaveLength(10);
  goAway(false);
  await push(numbered(0, 10));
  await push(numbered(10, 20));
  expect(await counted(site)).toBe(20);
});

describe("Logs that were accepted", () => {
  it("are counted by the next process where this one is killed before it saved them, once", async () => {
    await using world = await inFolder();
    const { site, folder } = world;
    const first = process(site, { folder });
    await first.push(numbered(0, 100));
    first.goAway(true); // From now on the store gets nothing of what it accepts.
    await first.accept(numbered(50, 200));
    expect(await counted(site)).toBe(100);

    const next = process(site, { folder });
    await next.begin();
    expect(next.noted.length, "those that watch are told, too").toBe(100);
    // The answer got lost: the sender comes again, with more.
    await next.accept(numbered(150, 250));
    await next.saved();
    expect(await counted(site)).toBe(250);
  });

  it("are counted once where the kill came between the store and the removal of the file", async () => {
    await using world = await inFolder();
    const { site, folder } = world;
    const first = process(site, { folder });
    first.goAway(true);
    await first.accept(numbered(0, 100));
    // Stored by a process whose own folder is another one: the file stays.
    await process(site).push(numbered(0, 100));
    const next = process(site, { folder });
    await next.accept(numbered(100, 110));
    await next.saved();
    expect(await counted(site)).toBe(110);
    const last = process(site, { folder });
    await last.begin();
    expect(last.noted, "it is gone").toEqual([]);
  });

  it("wait for the store where the disk takes nothing, and are refused where neither does", async () => {
    await using world = await inFolder();
    const { site, folder } = world;
    writeFileSync(folder, "no folder");
    const { accept, goAway } = process(site, { folder });
    goAway(true);
    await expect(accept(numbered(0, 10))).rejects.toThrow("away");
    await expect(accept(numbered(0, 10)), "it is known, and still not safe").rejects.toThrow("away");
    goAway(false);
    await accept(numbered(0, 10));
    expect(await counted(site)).toBe(10);
    rmSync(folder);
    goAway(true);
    await accept(numbered(10, 20));
    const next = process(site, { folder });
    await next.begin();
    expect(next.noted).toHaveLength(10);
  });
});

async function inFolder() {
  const site = await openTestStore("pglite");
  const root = mkdtempSync(join(tmpdir(), "opsmedic-accepted-"));
  return {
    site,
    folder: join(root, "accepted-logs"),
    async [Symbol.asyncDispose]() {
      await site[Symbol.asyncDispose]();
      rmSync(root, { recursive: true, force: true });
    },
  };
}

describeOnEachDriver("Logs from outside", (open) => {
  it("are not counted again after the end of the process that took them", async () => {
    await using site = await open();
    await process(site).push(numbered(0, 1_500));
    // The answer got lost: the sender comes again, with more.
    await process(site).push(numbered(1_000, 2_000));
    expect(await counted(site)).toBe(2_000);
  });

  it("are stored with the place of their source or not at all", async () => {
    await using site = await open();
    const first = process(site);
    await first.take(numbered(0, 100), { place: place(100) });
    await first.saved();
    await first.take(numbered(100, 200), { place: place(200) });
    // Killed here: neither the lines nor the place were saved.
    expect(await site.observations.taken.place("loki")).toEqual({ at: 100 });
    expect(await counted(site)).toBe(100);

    const next = process(site);
    await next.take(numbered(100, 200), { place: place(200) });
    await next.saved();
    expect(await site.observations.taken.place("loki")).toEqual({ at: 200 });
    expect(await counted(site)).toBe(200);
  });

  it("are counted once where two processes are sent the same", async () => {
    await using site = await open();
    const [one, other] = [process(site, { shared: true }), process(site, { shared: true })];
    await one.push(numbered(0, 10));
    await other.push(numbered(5, 15));
    await one.push(numbered(10, 20));
    expect(await counted(site)).toBe(20);
  });
});
