// An incident's story, timeline, evidence, likes and statistics, as text.
import type { EvidenceItem } from "../../../agents/desk/evidence.ts";
import type { TimelineEntry } from "../../../agents/desk/timeline.ts";
import { isGuess } from "../../../domain/diagnosis.ts";
import type { IncidentStatsAnswer, IncidentStory, SimilarAnswer } from "../../incident-desk.ts";
import { type Paint, plain } from "../terminal.ts";
import { renderIncident, renderIncidents } from "./lists.ts";
import { columns, indent, table } from "./table.ts";
import { distance, many, moment, percentOfBp, percentOfRatio, short, signedPoints, span } from "./words.ts";

export function renderStory(story: IncidentStory, now: number, paint: Paint = plain): string {
  const { incident, parts, runs, recommendations, notes } = story;
  const { resolutionSuggestions, preventiveMeasures } = recommendations;
  return [
    renderIncident(incident, parts, runs, now, paint),
    "",
    causeLine(story, paint),
    paint("bold", "What would help"),
    ...indent(
      resolutionSuggestions.flatMap((one) => [`${one.priority}: ${one.action}`, `  ${one.implementation}`]),
    ),
    ...(preventiveMeasures.length > 0 ? [paint("bold", "So that it does not come again")] : []),
    ...indent(preventiveMeasures),
    ...(notes.length > 0 ? [paint("bold", "Said")] : []),
    ...indent(notes.map((one) => `${moment(one.at)} ${one.author} (${one.kind}) ${one.text}`)),
  ].join("\n");
}

function causeLine({ recommendations }: IncidentStory, paint: Paint): string {
  const { rootCause, confidence, historicalOccurrences } = recommendations;
  if (confidence === 0) return `${paint("bold", "Cause")} ${rootCause}`;
  const word = isGuess({ scoreBp: confidence }) ? "Perhaps" : "Cause";
  const cases = historicalOccurrences === 0 ? "" : `; ${many(historicalOccurrences, "known case")}`;
  return `${paint("bold", word)} ${rootCause} (${percentOfBp(confidence)}${cases})`;
}

export function renderTimeline(timeline: readonly TimelineEntry[]): string {
  const rows = timeline.map((one) => [moment(one.at), one.kind, short(one.text, 120), one.by ?? "", one.ref]);
  return columns(rows).join("\n");
}

export function renderEvidence(evidence: readonly EvidenceItem[], paint: Paint = plain): string {
  const rows = evidence.map((one) => [
    one.verdict ?? one.kind,
    one.kind === "check" ? signedPoints(one.points) : "",
    short(one.title, 50),
    short(one.text, 90),
  ]);
  return table(["says", "points", "what", "seen"], rows, {
    paint,
    align: ["left", "right"],
    empty: "No run has looked at it yet.",
  });
}

export function renderSimilar(
  { incidents, cases }: SimilarAnswer,
  now: number,
  paint: Paint = plain,
): string {
  const rows = cases.map((one) => [
    one.id,
    `${Math.trunc(one.similarity * 100)} %`,
    one.playbook,
    one.fix,
    // What is generally known ended nowhere, and at no time.
    one.outcome === "known" ? "generally known" : one.outcome,
    one.outcome === "known" ? "–" : distance(one.at, now),
    short(one.title, 60),
  ]);
  const remembered = table(["case", "alike", "cause", "fix", "ended", "when", "what"], rows, {
    paint,
    empty: "Nothing similar is remembered.",
  });
  return incidents.length === 0 ? remembered : `${renderIncidents(incidents, now, paint)}\n\n${remembered}`;
}

const counts = (of: Record<string, number>) =>
  Object.entries(of)
    .map(([name, count]) => `${name} ${count}`)
    .join(", ") || "–";
const time = ({ count, mean, median }: IncidentStatsAnswer["mttr"]) =>
  mean === null || median === null ? "–" : `${span(mean)} (median ${span(median)}, of ${count})`;

export function renderIncidentStats(stats: IncidentStatsAnswer): string {
  return columns([
    ["incidents", String(stats.total)],
    ["by type", counts(stats.by_type)],
    ["by severity", counts(stats.by_severity)],
    ["by status", counts(stats.by_status)],
    ["mean time to detect", time(stats.mttd)],
    ["mean time to resolve", time(stats.mttr)],
    [
      "healed by itself",
      `${stats.auto_resolved} of ${stats.closed} closed, ${percentOfRatio(stats.auto_resolved_share)}`,
    ],
    ["resolved by hand", String(stats.resolved_by_person)],
  ]).join("\n");
}
