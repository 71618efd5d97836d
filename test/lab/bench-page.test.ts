// The page of the benchmarks: whole, and with some measured anew while the others stand.
import { expect, it } from "vitest";
import { renderPage, withSections } from "../../lab/bench/page.ts";
import type { Result } from "../../lab/bench/table.ts";

const around = { loadBefore: 0.5, runs: 3, postgres: undefined };
const result = (name: string, samples: number[]): Result => ({
  name,
  title: `About ${name}`,
  rows: [{ role: "opsmedic", what: "it takes", unit: "ms", samples, bar: 10 }],
});

const lines = (text: string): string[] => text.split("\n").filter((one) => one.startsWith("| opsmedic"));

it.each(["first", "middle", "last"])("takes over what was measured by itself, the %s one", (name) => {
  const all = ["first", "middle", "last"].map((one) => result(one, [5, 5, 5]));
  const page = renderPage(all, around);
  const anew = withSections(page, [result(name, [50, 50, 50])], around, "2026-12-02");
  expect(lines(anew).map((one) => one.includes("miss"))).toEqual(
    ["first", "middle", "last"].map((one) => one === name),
  );
  expect(anew.match(/^## /gm)).toHaveLength(3);
  const added = anew.split("\n").filter((one) => one.startsWith("Measured by itself: 2026-12-02, 3 samples"));
  expect(added).toHaveLength(1);
  // Measured once more, it is there once.
  const again = withSections(anew, [result(name, [5, 5, 5])], around, "2026-12-03");
  expect(again.split("\n")).toHaveLength(anew.split("\n").length);
  expect(again).not.toContain("2026-12-02");
});

it("takes a new one, too", () => {
  const page = withSections(renderPage([result("first", [5])], around), [result("new", [5])], around);
  expect(page.match(/^## .*$/gm)).toEqual(["## About first (`first`)", "## About new (`new`)"]);
});
