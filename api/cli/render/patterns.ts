// Patterns of log lines, and the users' rules, as a person reads them.
import type { PatternAnswer, PatternStory, RuleAnswer } from "../../observed.ts";
import { type Paint, plain } from "../terminal.ts";
import { columns, indent, table } from "./table.ts";
import { distance, many, moment, percentOfRatio, short } from "./words.ts";

const TEMPLATE_CHARS = 90;

export function renderPatterns(
  patterns: readonly PatternAnswer[],
  now: number,
  paint: Paint = plain,
): string {
  const rows = patterns.map((one) => [
    one.id,
    one.level,
    String(one.lines),
    trendMark(one, paint),
    distance(one.lastSeen, now),
    short(one.template, TEMPLATE_CHARS),
  ]);
  return table(["pattern", "level", "lines", "trend", "last", "template"], rows, {
    paint,
    align: ["left", "left", "right"],
    empty: "No patterns yet: opsmedic serve finds them in the lines of the services.",
  });
}

export function renderPattern(story: PatternStory, now: number, paint: Paint = plain): string {
  const { id, service, level, template, firstSeen, lastSeen, lines, burst, counts, examples, newSince } =
    story;
  const trend = story.trend === null ? "" : ` · ${trendMark(story, paint)}`;
  return [
    `${paint("bold", `Pattern ${id}`)} · ${service} · ${level}${trend}`,
    template,
    `${many(lines, "line")}, first seen ${moment(firstSeen)}, last seen ${distance(lastSeen, now)}`,
    ...(burst === null ? [] : [`${burst.lines} in the last minute, usually ${round(burst.usual)}`]),
    ...(counts.length === 0 ? [] : [`last day, by the hour  ${bars(hours(counts, now))}`]),
    ...dayLines(story),
    ...(newSince === null ? [] : [`new since ${newSince.what} at ${moment(newSince.at)}`]),
    ...parameterLines(story, paint),
    ...(examples.length === 0 ? [] : ["", paint("bold", "Examples"), ...indent(examples)]),
  ].join("\n");
}

function trendMark({ trend, burst }: Pick<PatternAnswer, "trend" | "burst">, paint: Paint): string {
  if (burst !== null) return paint("red", "▲ burst");
  switch (trend) {
    case null:
      return "–";
    case "rising":
      return paint("yellow", "↗ rising");
    case "new":
      return paint("cyan", "+ new");
    case "falling":
      return "↘ falling";
    case "vanished":
      return paint("yellow", "✕ vanished");
    case "steady":
      return "→ steady";
  }
}

/** Over days: a bar a day, what it comes to, and this hour against the same of earlier days. */
function dayLines({ days, seenOn, course, sameHour }: PatternStory): string[] {
  if (days.length < 2) return [];
  const told = course === "learning" ? "" : `, ${course}`;
  const bar = `by the day             ${bars(days.map(({ lines }) => lines))}  on ${seenOn} of ${many(days.length, "day")}${told}`;
  if (sameHour === null) return [bar];
  const { lines, usual, unusual, days: earlier } = sameHour;
  const word = unusual === null ? "" : `: ${unusual} than usual`;
  const before = many(earlier, "earlier day");
  return [bar, `last hour ${lines}, the same hour of ${before} ${round(usual)}${word}`];
}

const VALUES_SHOWN = 4;

/** What varies: of numbers the last medians and quartiles, of words the most frequent; what drifts is marked. */
function parameterLines({ parameters }: PatternStory, paint: Paint): string[] {
  if (parameters.length === 0) return [];
  const rows = parameters.map(({ name, unit, windows, values, drift }) => {
    const last = windows.at(-1);
    const now =
      last &&
      `median ${amount(last.median, unit)}, mostly ${amount(last.low, unit)} to ${amount(last.high, unit)}`;
    const shares = values.slice(0, VALUES_SHOWN).map((one) => `${one.value} ${percentOfRatio(one.share)}`);
    return [
      name,
      now ?? (shares.join(", ") || "hardly ever the same"),
      bars(windows.map(({ median }) => median)),
      drift === null ? "" : paint("yellow", `▲ ${driftWords(drift, unit)} since ${moment(drift.since)}`),
    ];
  });
  return ["", paint("bold", "What varies"), ...indent(columns(rows))];
}

function driftWords(drift: NonNullable<PatternStory["parameters"][number]["drift"]>, unit: string): string {
  if (drift.kind === "value") return `${drift.before} → ${drift.after}`;
  return `${amount(drift.before, unit)} → ${amount(drift.after, unit)}`;
}

const amount = (value: number, unit: string): string =>
  `${Number(value.toPrecision(3))}${unit === "" ? "" : ` ${unit}`}`;

const HOUR_MS = 3_600_000;
const DAY_HOURS = 24;

function hours(counts: PatternStory["counts"], now: number): number[] {
  const first = now - DAY_HOURS * HOUR_MS;
  const sums = Array.from({ length: DAY_HOURS }, () => 0);
  for (const { at, lines } of counts) {
    const hour = Math.min(DAY_HOURS - 1, Math.max(0, Math.floor((at - first) / HOUR_MS)));
    sums[hour] = (sums[hour] ?? 0) + lines;
  }
  return sums;
}

const HEIGHTS = "▁▂▃▄▅▆▇█";

/** One sign a number; a dot for none. */
export function bars(values: readonly number[]): string {
  const most = Math.max(...values, 1);
  return values
    .map((one) => (one === 0 ? "·" : (HEIGHTS[Math.ceil((one / most) * HEIGHTS.length) - 1] ?? "▁")))
    .join("");
}

const round = (value: number): string => String(Math.round(value * 10) / 10);

export function renderRules(
  { rules, passed_over }: { rules: readonly RuleAnswer[]; passed_over: number },
  now: number,
  paint: Paint = plain,
): string {
  const rows = rules.map((one) => {
    const lines = one.services.reduce((sum, each) => sum + each.lines, 0);
    const last = Math.max(0, ...one.services.map(({ lastAt }) => lastAt));
    const over = one.services.filter((each) => (each.now ?? 0) >= one.threshold.lines);
    return [
      one.name,
      one.severity,
      `${one.threshold.lines} in ${one.threshold.within}`,
      scopeOf(one),
      String(lines),
      last === 0 ? "–" : distance(last, now),
      over.length === 0 ? "" : paint("yellow", `▲ ${over.map(({ service }) => service).join(", ")}`),
      one.origin === "configuration" ? "opsmedic.yaml" : "",
      short(one.match, 60),
    ];
  });
  const heading = ["rule", "severity", "from", "where", "last day", "last", "over", "of", "match"];
  const shown = table(heading, rows, {
    paint,
    align: ["left", "left", "left", "left", "right"],
    empty: 'No rules. opsmedic patterns rules add NAME "expression" makes one.',
  });
  if (passed_over === 0) return shown;
  return `${shown}\n▲ ${many(passed_over, "line was", "lines were")} not looked at: the rules took too long. Make them simpler.`;
}

function scopeOf({ service, level }: Pick<RuleAnswer, "service" | "level">): string {
  return `${service ?? "everywhere"}${level === null ? "" : `, ${level} and graver`}`;
}

/** "rule declined: warning from 20 lines in 5m on" */
export function ruleWords(rule: {
  name: string;
  severity: string;
  threshold: { lines: number; within: string };
}): string {
  const { name, severity, threshold } = rule;
  return `rule ${name}: ${severity} from ${many(threshold.lines, "line")} in ${threshold.within} on`;
}
