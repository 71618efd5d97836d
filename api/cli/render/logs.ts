// Log lines and their sources, as a person reads them: oldest first, the next line below.
import type { LogLevel } from "../../../domain/log-level.ts";
import type { LogSourceAnswer, SeenLogLine } from "../../observed.ts";
import { type Paint, plain, type Style } from "../terminal.ts";
import { okMark } from "./marks.ts";
import { table } from "./table.ts";
import { distance, moment, short } from "./words.ts";

const LINE_LIMIT = 2_000;

const styles: Partial<Record<LogLevel, Style>> = { fatal: "red", error: "red", warn: "yellow", debug: "dim" };

/** Further lines of an event (a stack trace) are indented below the first. */
export function renderLogLine({ at, service, level, text }: SeenLogLine, paint: Paint = plain): string {
  const word = (level === "unknown" ? "–" : level).padEnd(5);
  const style = styles[level];
  const cut = text.length > LINE_LIMIT ? `${text.slice(0, LINE_LIMIT)}…` : text;
  const message = cut.trimEnd().replaceAll("\n", "\n    ");
  return `${paint("dim", moment(at))}  ${service}  ${style ? paint(style, word) : word}  ${message}`;
}

export function renderLogLines(lines: readonly SeenLogLine[], paint: Paint = plain): string {
  if (lines.length > 0) return lines.map((one) => renderLogLine(one, paint)).join("\n");
  return "No line that was kept fits. Every line is counted (opsmedic patterns ls), and some of each pattern are kept.";
}

export function renderLogSources(
  sources: readonly LogSourceAnswer[],
  empty: string,
  now: number,
  paint: Paint = plain,
): string {
  const rows = sources.map((one) => [
    okMark(one.ok, paint),
    one.service,
    one.source,
    distance(one.at, now),
    short(one.text, 100),
  ]);
  return table(["", "service", "source", "since", "state"], rows, { paint, empty });
}
