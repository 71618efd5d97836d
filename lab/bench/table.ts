// Results as a table that reads the same on a terminal and on a page.
import type { Missing, Row } from "./benchmark.ts";
import { median } from "./statistics.ts";

export interface Result {
  name: string;
  title: string;
  rows: readonly (Row | Missing)[];
}

const HEAD = ["who", "what", "median", "worst", "bar", "", "samples"];

const moreIsBetter = ({ unit }: Row): boolean => unit === "lines/s" || unit === "%";

export function missed(row: Row): boolean {
  const { samples, bar } = row;
  if (bar === undefined) return false;
  // Written so that no samples, whose median is NaN, do not pass.
  return !(moreIsBetter(row) ? median(samples) >= bar : median(samples) <= bar);
}

function worst(row: Row): number {
  return moreIsBetter(row) ? Math.min(...row.samples) : Math.max(...row.samples);
}

/** A GitHub-flavoured Markdown table under a heading. */
export function renderResult({ name, title, rows }: Result): string {
  const lines = [HEAD, ...rows.map(cellsOf)];
  const widths = HEAD.map((_, column) => Math.max(...lines.map((one) => one[column]?.length ?? 0), 3));
  const render = (cells: readonly string[]): string =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width)).join(" | ")} |`;
  const rule = `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`;
  return [`## ${title} (\`${name}\`)`, "", render(HEAD), rule, ...lines.slice(1).map(render), ""].join("\n");
}

function cellsOf(row: Row | Missing): string[] {
  if ("missing" in row) return ["–", row.what, "–", "–", "–", "not measured", row.missing];
  const { role, what, unit, samples, bar, note } = row;
  const number = (value: number): string => `${value >= 100 ? Math.round(value) : value.toFixed(1)} ${unit}`;
  return [
    role,
    note === undefined ? what : `${what} (${note})`,
    number(median(samples)),
    number(worst(row)),
    bar === undefined ? "" : `${moreIsBetter(row) ? "≥" : "≤"} ${bar} ${unit}`,
    bar === undefined ? "" : missed(row) ? "**miss**" : "pass",
    `${samples.length}`,
  ];
}
