// Entries of the knowledge base as a person reads them.
import type { EntryStory, FoundEntry } from "../../knowledge.ts";
import { type Paint, plain } from "../terminal.ts";
import { columns, indent, table } from "./table.ts";
import { distance, moment, percentOfBp, short } from "./words.ts";

const TITLE_CHARS = 70;

export function renderEntries(entries: readonly FoundEntry[], now: number, paint: Paint = plain): string {
  const rows = entries.map((one) => [
    one.id,
    short(one.title, TITLE_CHARS),
    one.targetKind,
    one.disabled ? "off" : one.outcome,
    one.used === 0 ? "" : `${one.worked}/${one.used}`,
    one.origin === "starter" ? "" : distance(one.at, now),
    one.similarity === null ? "" : one.similarity.toFixed(2),
  ]);
  return table(["case", "title", "kind", "outcome", "worked", "last", "alike"], rows, {
    paint,
    align: ["left", "left", "left", "left", "right", "right", "right"],
    empty: "Nothing is known yet.",
  });
}

export function renderEntry(story: EntryStory, now: number, paint: Paint = plain): string {
  const facts = [
    ["kind", story.targetKind],
    ["playbook", story.playbook],
    ["cause", story.cause],
    ["fix", story.fix],
    ["outcome", story.disabled ? `${story.outcome} (switched off)` : story.outcome],
    ["tried here", story.used === 0 ? "never" : `${story.used} times, healed ${story.worked} times`],
    ["confidence", story.scoreBp === null ? "" : percentOfBp(story.scoreBp)],
    ["version", `${story.version}, ${story.origin}`],
  ].filter(([, text]) => text !== "");
  const section = (heading: string, lines: readonly string[]): string[] =>
    lines.length === 0 ? [] : ["", paint("bold", heading), ...indent(lines)];
  return [
    paint("bold", story.title),
    ...indent(columns(facts)),
    ...section("Symptoms", story.symptoms),
    ...section("Also called", story.vocabulary),
    ...section(
      "Runs",
      columns(
        story.runs.map(({ runId, service, outcome, at }) => [runId, service, outcome, distance(at, now)]),
      ),
    ),
    ...section(
      "Changes",
      story.history.map(({ version, by, at }) => `version ${version} by ${by}, ${moment(at)}`),
    ),
    ...section(
      "Nearest",
      columns(
        story.nearest.map(({ id, title, similarity }) => [
          id,
          short(title, TITLE_CHARS),
          (similarity ?? 0).toFixed(2),
        ]),
      ),
    ),
  ].join("\n");
}
