// The few shapes of Markdown that the reference is made of.

/** Columns that are empty in every row are left out. */
export function table(heading: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const used = heading.map((_, at) => at).filter((at) => rows.some((row) => (row[at] ?? "") !== ""));
  const line = (cells: readonly string[]) => `| ${used.map((at) => cell(cells[at] ?? "")).join(" | ")} |`;
  return [line(heading), `|${used.map(() => " --- ").join("|")}|`, ...rows.map(line), ""];
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ").trim();

/** One blank line between parts, none at the end but the last newline. */
export function page(title: string, source: string, parts: readonly (readonly string[])[]): string {
  const head = [
    `# ${title}`,
    "",
    `<!-- Made by \`npm run docs\` from ${source}: edit that, not this page. -->`,
    "",
  ];
  const text = [...head, ...parts.flatMap((part) => [...part, ""])].join("\n");
  return `${text.replaceAll(/\n{3,}/g, "\n\n").trimEnd()}\n`;
}
