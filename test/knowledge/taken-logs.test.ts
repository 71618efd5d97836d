// Which log events were taken and how far sources were read, on both drivers.
import { expect, it } from "vitest";
import type { LogBatch } from "../../knowledge/observations.ts";
import { describeOnEachDriver } from "./each-driver.ts";

const batch = (more: Partial<LogBatch>): LogBatch => ({
  patterns: [],
  counts: [],
  joined: [],
  lines: [],
  taken: [],
  places: [],
  ...more,
});
const DAY = 24 * 3_600_000;

describeOnEachDriver("Taken logs", (open) => {
  it("gives numbers back as they were, from where the reader stopped", async () => {
    await using site = await open();
    const { saveLogs, taken } = site.observations;
    await saveLogs(batch({ taken: [1, 2 ** 53 - 1] }));
    const first = await taken.since(0, 100);
    expect(first.ids).toEqual([1, 2 ** 53 - 1]);
    await saveLogs(batch({ taken: [3] }));
    await saveLogs(batch({ taken: [4, 5] }));
    expect((await taken.since(first.last, 100)).ids).toEqual([3, 4, 5]);
    expect((await taken.since(0, 3)).ids, "the newest, where there are too many").toEqual([3, 4, 5]);
    const last = await taken.since(0, 100);
    expect(await taken.since(last.last, 100)).toEqual({ last: last.last, ids: [] });
  });

  it("forgets what is old or too much, and takes no more room for it", async () => {
    await using site = await open();
    const { saveLogs, taken } = site.observations;
    const many = Array.from({ length: 10_000 }, (_, n) => n + 1);
    const room = async () => {
      const sql = "select pg_total_relation_size('opsmedic.log_event_ids')::int as bytes";
      return (await site.db.query<{ bytes: number }>(sql))[0]?.bytes ?? 0;
    };
    for (let round = 0; round < 10; round += 1) {
      await saveLogs(batch({ taken: many }));
      site.clock.advance(DAY);
      await taken.tidy({ olderThan: site.clock.now() - DAY, most: 1_000_000 });
    }
    expect(await room()).toBeLessThan(4 * 80_000);
    for (let round = 0; round < 5; round += 1) await saveLogs(batch({ taken: many }));
    await taken.tidy({ olderThan: 0, most: 20_000 });
    expect((await taken.since(0, 1_000_000)).ids).toHaveLength(20_000);
  });

  it("moves a place only for who holds the source, or held it last", async () => {
    await using site = await open();
    const { saveLogs, taken } = site.observations;
    const move = (token: number, at: number) =>
      saveLogs(batch({ places: [{ source: "loki", token, place: { at } }] }));
    expect(await taken.place("loki")).toBeUndefined();
    await move(7, 1);
    await move(7, 2);
    await move(8, 3);
    await move(7, 4);
    expect(await taken.place("loki")).toEqual({ at: 3 });
    expect(await taken.place("other")).toBeUndefined();
  });

  it("stores all of a batch or nothing", async () => {
    await using site = await open();
    const { saveLogs, taken } = site.observations;
    const line = { service: "shop", at: 1, level: "info" as const, source: "http", text: "up" };
    // No store can write a bigint as JSON.
    const place = { source: "loki", token: 1, place: { at: 1n } };
    await expect(saveLogs(batch({ lines: [line], taken: [1], places: [place] }))).rejects.toThrow("BigInt");
    expect((await taken.since(0, 10)).ids).toEqual([]);
    expect(await site.observations.lines.list({ limit: 5 })).toEqual([]);
    expect(await taken.place("loki")).toBeUndefined();
  });
});
