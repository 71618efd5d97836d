// Whether an index pays, by numbers alone.
import { expect, it } from "vitest";
import { type IndexProgress, indexVerdict } from "../../agents/index-verdict.ts";
import { indexBaselineOf } from "../../tools/actions/index-baseline.ts";
import type { CountedStatement } from "../../tools/statement-counts.ts";

const HOUR = 3_600_000;
const times = { judgeAfterMs: 6 * HOUR, unusedForMs: 72 * HOUR };
/** 40 ms a read and 0.1 ms a written row, before it. */
const baseline = {
  reads: [{ id: "1", calls: 10, totalMs: 400, rows: 10 }],
  writes: [{ id: "2", calls: 1_000, totalMs: 100, rows: 1_000 }],
};
const after = (hours: number, more: Partial<IndexProgress> = {}): string => {
  const progress: IndexProgress = {
    since: 0,
    usesSince: 0,
    scans: 500,
    emptyToo: true,
    activity: 2_000,
    reads: { calls: 500, totalMs: 500 },
    writes: { rows: 1_000, totalMs: 110 },
    rowsThen: 1_000,
    rowsNow: 1_100,
    replicas: 0,
    ...more,
  };
  return indexVerdict(baseline, progress, times, hours * HOUR).verdict;
};

it("says nothing of a young one, nor by few statements, nor of a table that has grown", () => {
  const slow = { reads: { calls: 500, totalMs: 20_000 } };
  expect(after(5, slow)).toBe("not-yet");
  expect(after(7, slow)).toBe("no-gain");
  expect(after(7, { reads: { calls: 49, totalMs: 2_000 } })).toBe("not-yet");
  expect(after(7, { ...slow, rowsNow: 1_600 })).toBe("not-yet");
  expect(indexVerdict(null, { ...progressOf(slow) }, times, 7 * HOUR).verdict).toBe("not-yet");
});

it("calls one unused only where its table was in use, for long enough, and no replica may use it", () => {
  expect(after(73, { scans: 0 })).toBe("unused");
  expect(after(71, { scans: 0 })).toBe("pays");
  expect(after(73, { scans: 0, activity: 0 })).toBe("pays");
  expect(after(73, { scans: 0, replicas: 1 })).toBe("pays");
  expect(after(73, { scans: 1 })).toBe("pays");
});

it("calls none unused whose uses nobody counts, or not for long enough; by its statements it is judged all the same", () => {
  expect(after(73, { scans: 0, usesSince: null })).toBe("pays");
  expect(after(100, { scans: 0, usesSince: 30 * HOUR })).toBe("pays");
  expect(after(103, { scans: 0, usesSince: 30 * HOUR })).toBe("unused");
  const found = { scans: 0, emptyToo: false };
  expect(after(73, found)).toBe("pays"); // it is asked, and finds nothing
  expect(after(73, { ...found, reads: { calls: 0, totalMs: 0 } })).toBe("unused");
  const none = progressOf({ ...found, reads: { calls: 0, totalMs: 0 } });
  expect(indexVerdict(null, none, times, 73 * HOUR).verdict).toBe("not-yet"); // who asks is not known
  expect(after(7, { scans: 0, usesSince: null, reads: { calls: 500, totalMs: 20_000 } })).toBe("no-gain");
});

it("weighs what writes lose against what reads gain", () => {
  expect(after(7)).toBe("pays");
  const slowerWrites = { writes: { rows: 1_000, totalMs: 10_000 } };
  expect(after(7, slowerWrites)).toBe("pays"); // 9.9 s lost, 19.5 s gained
  expect(after(7, { ...slowerWrites, reads: { calls: 200, totalMs: 200 } })).toBe("harms-writes");
});

it("tells the statements that the index is for from those that pay for it, and from others", () => {
  const found = indexBaselineOf(
    [
      statement("read", 'select * from "public"."orders" o where o."customer" = $1'),
      statement("join", "select * from customers c join orders on orders.customer = c.id"),
      statement("other column", "select * from orders where note = $1"),
      statement("other table", "select * from parcels where customer = $1"),
      statement("insert", "insert into orders (customer) values ($1)"),
      statement("update", "update public.orders set note = $1 where customer = $2"),
      statement("elsewhere", "insert into audit select * from orders where customer = $1"),
    ],
    { table: "public.orders", column: "customer" },
  );
  expect(found.reads.map((one) => one.id)).toEqual(["read", "join"]);
  expect(found.writes.map((one) => one.id)).toEqual(["insert", "update"]);
});

it("tells tables of one name apart by the database that a statement names, or that its session was in", () => {
  const inShop = (id: string, text: string) => ({ ...statement(id, text), database: "shop" });
  const found = indexBaselineOf(
    [
      inShop("here", "SELECT * FROM `orders` WHERE `customer` = ?"),
      { ...statement("elsewhere", "SELECT * FROM `orders` WHERE `customer` = ?"), database: "archive" },
      inShop("named elsewhere", "SELECT * FROM `archive`.`orders` WHERE `customer` = ?"),
      {
        ...statement("named here", "SELECT * FROM `Shop`.`orders` WHERE `customer` = ?"),
        database: "archive",
      },
      inShop("replace", "REPLACE INTO `orders` ( `customer` ) VALUES (?)"),
      inShop("ignore", "INSERT IGNORE INTO `shop`.`orders` ( `customer` ) VALUES (?)"),
    ],
    { table: "shop.orders", column: "customer" },
  );
  expect(found.reads.map((one) => one.id)).toEqual(["here", "named here"]);
  expect(found.writes.map((one) => one.id)).toEqual(["replace", "ignore"]);
});

function statement(id: string, text: string): CountedStatement {
  return { id, statement: text, calls: 10, totalMs: 10, meanMs: 1, rows: 10 };
}

function progressOf(more: Partial<IndexProgress>): IndexProgress {
  const nothing = {
    since: 0,
    usesSince: 0,
    scans: 1,
    emptyToo: true,
    activity: 1,
    rowsThen: 1,
    rowsNow: 1,
    replicas: 0,
  };
  return { ...nothing, reads: { calls: 0, totalMs: 0 }, writes: { rows: 0, totalMs: 0 }, ...more };
}
