// docs/lab.md: every fault with its outcome and times, the bars, the misses, and how far stated confidence can be believed.
import { cpus, loadavg, release, totalmem } from "node:os";
import type { Calibration } from "../../signals/calibration.ts";
import { faultCalibration, type Recording } from "../fault-calibration.ts";
import type { LabRun } from "./run-lab.ts";
import type { Score } from "./score.ts";
import type { Bar, Summary } from "./summary.ts";

export interface PageParts extends LabRun {
  summary: Summary;
  /** Faults whose world this machine does not have, with what is missing. */
  skipped: readonly { fault: string; missing: string }[];
  watch: string;
  /** Before the first fault. */
  load: number;
}

export function renderLabPage(parts: PageParts): string {
  const { scores, summary, recordings } = parts;
  return [
    "# Lab",
    "",
    "Made by `opsmedic lab run --write`. Each fault is made for real in a small world of its own, under one real server",
    "(`opsmedic serve`), and is judged from outside: by the lab's own probes, its own look at every process, file, setting",
    "and row, and by what the API tells. What opsmedic says of itself counts only for the cause.",
    "",
    ...surroundings(parts),
    "",
    "## Bars",
    "",
    table(["what", "bar", "measured", ""], summary.bars.map(barRow)),
    "",
    `${summary.passed} of ${summary.faults} faults went in every way as they should. ${kindsText(summary)}`,
    summary.falseAlarms === 0
      ? "No incident was opened for what is nothing."
      : `${summary.falseAlarms} incidents were opened for what is nothing; nothing was done for them.`,
    "",
    "## Misses",
    "",
    ...misses(scores),
    "",
    "## Faults",
    "",
    "*seen*: from the break to the incident over the API. *applied*: from there to the first change that a repair made.",
    "*well*: from the break to good answers that last. A fault that builds up slowly is seen when it is there.",
    "",
    table(["fault", "kind", "should be", "cause named", "seen", "applied", "well", ""], scores.map(scoreRow)),
    "",
    "## How far stated confidence can be believed",
    "",
    ...curves(recordings),
    "",
  ].join("\n");
}

function surroundings({ tookMs, skipped, watch, load, scores }: PageParts): string[] {
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    `- ${new Date().toISOString().slice(0, 10)}, ${scores.length} faults in ${Math.round(tookMs / 60_000)} minutes`,
    `- ${cpus().length} × ${cpus()[0]?.model ?? "CPU"}, ${memory} GB, Linux ${release()}, Node ${process.versions.node}`,
    `- load average before ${load.toFixed(1)}, after ${(loadavg()[0] ?? 0).toFixed(1)}; above the number of CPUs, times are other people's, too`,
    `- a look every ${watch} and 4 s of validation, as short as in the demo (delivered: 5 s and 120 s); all else as delivered`,
    ...(skipped.length === 0
      ? []
      : [`- not tried here: ${skipped.map((one) => `${one.fault} (no ${one.missing})`).join(", ")}`]),
  ];
}

const barRow = ({ what, bar, text, holds, value }: Bar): string[] => [
  what,
  bar,
  text,
  value === null ? "not measured" : holds ? "holds" : "**missed**",
];

function kindsText({ byKind }: Summary): string {
  const parts = Object.entries(byKind).map(([kind, { faults, passed }]) => `${kind} ${passed} of ${faults}`);
  return `By kind: ${parts.join(", ")}.`;
}

function scoreRow(score: Score): string[] {
  const { fault, title, kind, right, cause, detectedMs, appliedMs, wellMs, passed } = score;
  return [
    `**${fault}** ${title}`,
    kind,
    right,
    cause === null ? "" : cause.right ? cause.named : `${cause.named} (wrong)`,
    seconds(detectedMs),
    seconds(appliedMs),
    seconds(wellMs),
    passed ? "✓" : "✗",
  ];
}

const seconds = (ms: number | null): string => (ms === null ? "" : `${(ms / 1_000).toFixed(1)} s`);

/** In so many words: what is short is said. */
function misses(scores: readonly Score[]): string[] {
  const missed = scores.filter((one) => !one.passed);
  if (missed.length === 0) return ["None."];
  return missed.map((one) => `- **${one.fault}**: ${one.why}.`);
}

function curves(recordings: readonly Recording[]): string[] {
  const { cause, healing, diagnosed, wrong } = faultCalibration(recordings);
  return [
    `Over the ${diagnosed} runs of this page that came to a diagnosis of a service at fault.`,
    "",
    "Was the cause right?",
    "",
    ...curve(cause),
    "",
    "Did the fix heal? Fixes that are made not to help are among them.",
    "",
    ...curve(healing),
    ...(wrong.length === 0 ? [] : ["", "Named wrongly:", ""]),
    ...wrong.map((one) => `- ${one.fault}: ${one.named}, ${one.scoreBp / 100} %`),
  ];
}

const percent = (value: number): string => `${Math.round(value * 1_000) / 10} %`;

function curve({ bins, brier, meanError }: Calibration): string[] {
  const rows = bins.map((one) => [
    `${one.fromBp / 100} – ${one.toBp / 100} %`,
    String(one.count),
    percent(one.meanConfidence),
    percent(one.successShare),
    `${percent(one.interval.low)} – ${percent(one.interval.high)}`,
  ]);
  const lines = [table(["stated", "count", "mean stated", "came true", "95 % interval"], rows)];
  if (brier !== null && meanError !== null)
    lines.push(
      "",
      `Brier score ${brier.score.toFixed(4)}, mean distance of stated and true ${percent(meanError)}.`,
    );
  return lines;
}

const line = (cells: readonly string[]): string =>
  `| ${cells.map((one) => one.replaceAll("|", "\\|")).join(" | ")} |`;

/** GitHub-flavoured Markdown. */
function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join("\n");
}
