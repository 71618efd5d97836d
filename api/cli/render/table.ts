// Columns of text, as wide as their widest cell. Colours do not count.
import { stripVTControlCharacters } from "node:util";
import type { Paint } from "../terminal.ts";

export type Align = "left" | "right";

/** Letters as a reader counts them. */
const letters = new Intl.Segmenter("en", { granularity: "grapheme" });
const width = (text: string): number => Array.from(letters.segment(stripVTControlCharacters(text))).length;

/** Lines without a trailing space; newlines within a cell become spaces. */
export function columns(rows: readonly (readonly string[])[], align: readonly Align[] = []): string[] {
  const cells = rows.map((row) => row.map((cell) => cell.replaceAll("\n", " ")));
  const count = Math.max(0, ...cells.map((row) => row.length));
  const widths = Array.from({ length: count }, (_, at) =>
    Math.max(0, ...cells.map((row) => width(row[at] ?? ""))),
  );
  return cells.map((row) => {
    const padded = row.map((cell, at) => pad(cell, widths[at] ?? 0, align[at] ?? "left"));
    return padded.join("  ").trimEnd();
  });
}

/** A table with a heading; `empty` is said where there are no rows. */
export function table(
  heading: readonly string[],
  rows: readonly (readonly string[])[],
  { paint, align, empty }: { paint: Paint; align?: readonly Align[]; empty: string },
): string {
  if (rows.length === 0) return empty;
  const [first = "", ...rest] = columns([heading, ...rows], align);
  return [paint("dim", first), ...rest].join("\n");
}

export function indent(lines: readonly string[], by = "  "): string[] {
  return lines.flatMap((line) => line.split("\n")).map((line) => (line === "" ? "" : by + line));
}

function pad(cell: string, to: number, align: Align): string {
  const space = " ".repeat(Math.max(0, to - width(cell)));
  return align === "right" ? space + cell : cell + space;
}
