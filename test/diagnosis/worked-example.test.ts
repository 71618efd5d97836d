// The worked example of the explanation, counted again by the code that decides.
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { score } from "../../agents/confidence.ts";
import { learningPoints, rateOf, trustOf } from "../../agents/trust.ts";
import type { DatedOutcomes } from "../../knowledge/records.ts";
import { check, NOW } from "../gate/gate-input.ts";

const page = readFileSync(
  new URL("../../docs/explanations/how-a-confidence-comes-about.md", import.meta.url),
  "utf8",
);
const rows = page
  .split("\n")
  .filter((line) => line.startsWith("| "))
  .map((line) => line.split("|").map((cell) => cell.trim().replaceAll("*", "")));
/** The last cell of the row that begins with these words. */
function given(first: string): string {
  const row = rows.find((cells) => cells[1] === first);
  if (!row) throw new Error(`the page has no row "${first}"`);
  return row.at(-2) ?? "";
}

const today = Math.floor(NOW / 86_400_000);
const outcome = (nearness: DatedOutcomes["nearness"], age: number, successes: number, failures = 0) => ({
  nearness,
  day: today - age,
  successes,
  total: successes + failures,
});
const trust = trustOf(
  [outcome("target", 0, 2), outcome("target", 90, 1), outcome("target", 180, 0, 1), outcome("kind", 0, 6)],
  NOW,
);

const percent = (bp: number) => `${(bp / 100).toFixed(2)} %`;

it("gives the weights, rates and points that the page says", () => {
  if (!trust) throw new Error("no trust");
  const nobody = { total: 0, successes: 0, weightBp: 0, healedBp: 0 };
  expect(percent(rateOf({ ...trust, target: nobody, kind: nobody }))).toBe(given("elsewhere"));
  expect(percent(rateOf({ ...trust, target: nobody }))).toBe(given("others of its kind"));
  expect((trust.target.healedBp / 10_000).toFixed(4)).toBe(given("here: healed"));
  expect((trust.target.weightBp / 10_000).toFixed(4)).toBe(given("here: all"));
  expect(percent(rateOf(trust))).toBe(given("here"));
  expect(`+${learningPoints(trust)}`).toBe(given("points"));
});

const points = (name: string) => Number(given(name));

it("sums to what the page says, addend by addend", () => {
  const supporting = ["check: did it exit?", "check: first exit in a while?", "check: not killed for memory"];
  const { addends, scoreBp, discriminated } = score({
    prior: points("prior"),
    checks: [
      ...supporting.map((name) => check({ check: name, points: points(name) })),
      check({ check: "unseen", verdict: "unknown", points: 0 }),
    ],
    learning: trust,
  });
  expect(addends.map((one) => one.points)).toEqual([
    points("prior"),
    ...supporting.map(points),
    points("check: could not be made"),
    points("history"),
  ]);
  expect(scoreBp).toBe(points("sum"));
  expect(discriminated).toBe(true);
});
