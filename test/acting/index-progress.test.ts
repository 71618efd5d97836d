// What is counted of an index from look to look, over restarts and gaps, by numbers alone.
import { expect, it } from "vitest";
import { counted, type KeptProgress } from "../../agents/index-progress.ts";
import type { CountedUses, IndexUse, StatementTotals } from "../../tools/index-use.ts";

const made = {
  planId: "plan",
  baseline: { reads: [{ id: "read", calls: 10, totalMs: 400, rows: 10 }], writes: [] },
  madeAt: 1_000,
};
const ofMysql = (scans: number, activity: number, since = 500_000): CountedUses => {
  return { scans, activity, emptyToo: false, by: "performance_schema", since };
};
const ofPostgres = (scans: number, activity: number): CountedUses => {
  return { scans, activity, emptyToo: true, by: "pg_stat_user_indexes", since: null };
};
const use = (uses: IndexUse["uses"], read?: StatementTotals): IndexUse => {
  return { uses, rows: 100, replicas: 0, statements: read ? { read } : {} };
};

/** A look every second, from the 10th on. */
function after(...looks: IndexUse[]): KeptProgress["progress"] {
  const all = looks.reduce<KeptProgress | undefined>(
    (before, one, index) => counted(before, made, one, 10_000 + index * 1_000),
    undefined,
  );
  if (all === undefined) throw new Error("nobody looked");
  return all.progress;
}

it("counts from its making where the server's counters are sure to, else from the first look", () => {
  expect(after(use(ofPostgres(7, 90)))).toMatchObject({ usesSince: 1_000, scans: 7, activity: 0 });
  expect(after(use(ofMysql(7, 90)))).toMatchObject({ usesSince: 10_000, scans: 0, activity: 0 });
  const later = [use(ofMysql(7, 90)), use(ofMysql(9, 95, 501_000))];
  expect(after(...later)).toMatchObject({ since: 1_000, usesSince: 10_000, scans: 2, activity: 5 });
});

it.each([
  ["the server was started again", use(ofMysql(8, 200, 900_000))],
  ["its counters were set back", use(ofMysql(3, 200))],
  ["another counter counts", use({ ...ofMysql(8, 200), by: "userstat" })],
])("begins anew where %s", (_what, anew) => {
  const progress = after(use(ofMysql(7, 90)), anew);
  expect(progress).toMatchObject({ since: 11_000, usesSince: 11_000, activity: 200 });
});

it("knows nothing of a time in which nobody counted", () => {
  const before = use(ofMysql(7, 90));
  expect(after(before, use(null))).toMatchObject({ usesSince: null, scans: 0 });
  expect(after(before, use(null), use(ofMysql(7, 99)))).toMatchObject({ usesSince: 12_000, scans: 0 });
  expect(after(use(null), use(ofMysql(7, 99)))).toMatchObject({ since: 1_000, usesSince: 11_000 });
});

const totals = (calls: number, totalMs: number, since: number | null = null): StatementTotals => {
  return { calls, totalMs, rows: 1, since };
};

it("counts a statement anew that the server counts anew, however often it was called since", () => {
  const looks = (...some: StatementTotals[]) => after(...some.map((one) => use(null, one))).reads;
  expect(looks(totals(5, 50, 1), totals(8, 80, 1))).toEqual({ calls: 3, totalMs: 30 });
  expect(looks(totals(5, 50, 1), totals(8, 16, 2))).toEqual({ calls: 8, totalMs: 16 });
  expect(looks(totals(5, 50), totals(2, 4))).toEqual({ calls: 2, totalMs: 4 });
  expect(after(use(null, totals(5, 50, 1)), use(null), use(null, totals(9, 90, 1))).reads.calls).toBe(9);
});
