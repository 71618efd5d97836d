// What was done, step by step: how each action stands in the journal, how long it took, what it said.
import { clearsOfAction, clearsText } from "../../../agents/plan-clears.ts";
import type { Application, Incident } from "../../../domain/incident.ts";
import type { JournalEntry } from "../../../knowledge/records.ts";
import { columns } from "../render/table.ts";
import { facts, short, span } from "../render/words.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function actions(
  journal: readonly JournalEntry[],
  { application }: Pick<Incident, "application">,
  paint: Paint,
): Section | undefined {
  if (journal.length === 0) return undefined;
  const rows = journal.map((entry) => row(entry, application, paint));
  return { heading: "Actions", lines: columns(rows, ["left", "left", "left", "right"]) };
}

function row(entry: JournalEntry, application: Application | null, paint: Paint): string[] {
  const applied = application?.steps.find(
    ({ step, action }) => step === entry.step && action === entry.action,
  );
  const clears = clearsOfAction(entry);
  const given = clears === undefined ? facts(entry.params) : clearsText(clears);
  return [
    `${entry.step}.`,
    `${entry.action} ${entry.service}${given === "" ? "" : ` (${given})`}`,
    stateMark(entry, paint),
    span(applied?.ms ?? entry.updatedAt - entry.intentAt),
    short(applied?.text ?? entry.detail, 100),
  ];
}

function stateMark({ state }: JournalEntry, paint: Paint): string {
  if (state === "verified") return paint("green", `✓ ${state}`);
  if (state === "failed") return paint("red", `✕ ${state}`);
  return state === "undone" ? paint("yellow", `↩ ${state}`) : paint("cyan", `↻ ${state}`);
}
