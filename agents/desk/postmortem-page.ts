// A postmortem as a Markdown page. Words from outside cannot become markup: they are escaped.
import { isGuess } from "../../domain/diagnosis.ts";
import { percent } from "../report.ts";
import { type Claim, minutes, type Postmortem } from "./postmortem.ts";

export function postmortemPage(one: Postmortem): string {
  const { impact, rootCause } = one;
  const cost = impact.revenue ? `, at most ${impact.revenue.atMost} ${impact.revenue.currency}` : "";
  const users = impact.users === null ? "" : `, up to ${impact.users} users`;
  return [
    `# Postmortem: ${plain(one.title)}`,
    `Incident ${one.incidentId} · ${one.service} · ${one.severity} · ${one.status}`,
    "## Summary",
    list(one.summary.map(claim)),
    "## Impact",
    `${minutes(impact.durationMs)} on ${impact.services.join(", ")}${cost}${users}.`,
    "## Root cause",
    rootCause
      ? `${isGuess(rootCause) ? "Not sure, perhaps: " : ""}${plain(rootCause.cause)} (${rootCause.service}, ${percent(rootCause.scoreBp)})\n\n${arithmetic(rootCause)}`
      : "Not found: no known failure fits the symptoms.",
    "## What was done",
    list(one.done.map(claim), "Nothing was changed."),
    "## What did not help",
    list(one.didNotHelp.map(claim), "Nothing that is recorded."),
    "## Lessons",
    list(one.lessons.map(claim), "None were written down."),
    "## Follow-ups",
    list(
      one.followUps.map((text) => `[ ] ${plain(text)}`),
      "None.",
    ),
    "## Timeline",
    list(
      one.timeline.map(
        ({ at, text, by, ref }) =>
          `${new Date(at).toISOString()} ${plain(text)}${by === null ? "" : ` (${plain(by)})`} \`${ref}\``,
      ),
    ),
    "",
  ].join("\n\n");
}

function arithmetic({ addends, scoreBp }: NonNullable<Postmortem["rootCause"]>): string {
  return [
    "| addend | points |",
    "| --- | ---: |",
    ...addends.map(({ kind, label, points }) => `| ${kind}: ${plain(label)} | ${points} |`),
    `| **sum** | **${scoreBp}** |`,
  ].join("\n");
}

function claim({ text, cites, by }: Claim): string {
  const whose = by === "model" ? " (worded by the language model)" : "";
  return `${plain(text)}${whose} \`${cites.join("`, `")}\``;
}

function list(lines: readonly string[], empty = "–"): string {
  return lines.length === 0 ? empty : lines.map((line) => `- ${line}`).join("\n");
}

/** On one line; what Markdown or HTML would read as markup is escaped. */
function plain(text: string): string {
  return text.replaceAll(/\s+/g, " ").replaceAll(/[\\`*_[\]<>|#]/g, (mark) => `\\${mark}`);
}
