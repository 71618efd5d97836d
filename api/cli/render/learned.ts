// What was learned, as text: calibration, standing watches, the insight of a week.
import type { Insights } from "../../../agents/desk/insights.ts";
import type { Calibration } from "../../../signals/calibration.ts";
import type { CalibrationAnswer, WatchAnswer } from "../../learned.ts";
import { type Paint, plain } from "../terminal.ts";
import { wouldHave } from "./autonomy.ts";
import { columns, indent, table } from "./table.ts";
import { distance, many, moment, percentOfBp, percentOfRatio, short, signedPoints, span } from "./words.ts";

const n = (value: number) => value.toFixed(4);

export function renderCurve({ count, bins, brier, meanError }: Calibration, paint: Paint = plain): string {
  const rows = bins.map((one) => [
    `${percentOfBp(one.fromBp)} – ${percentOfBp(one.toBp)}`,
    String(one.count),
    percentOfRatio(one.meanConfidence),
    percentOfRatio(one.successShare),
    `${percentOfRatio(one.interval.low)} – ${percentOfRatio(one.interval.high)}`,
  ]);
  const curve = table(["stated", "fixes", "mean stated", "came true", "95 % interval"], rows, {
    paint,
    align: ["right", "right", "right", "right", "right"],
    empty: "No fix has been carried out yet, so there is nothing to compare.",
  });
  if (brier === null || meanError === null) return curve;
  return [
    curve,
    "",
    `Brier score ${n(brier.score)} = reliability ${n(brier.reliability)} − resolution ${n(brier.resolution)} + uncertainty ${n(brier.uncertainty)} + within bins ${n(brier.withinBins)}`,
    `mean distance of stated and true ${percentOfRatio(meanError)}, over ${many(count, "fix", "fixes")}`,
  ].join("\n");
}

export function renderCalibration(answer: CalibrationAnswer, paint: Paint = plain): string {
  const rows = answer.by_playbook.map((one) => [
    one.playbook,
    String(one.count),
    percentOfRatio(one.meanConfidence),
    percentOfRatio(one.successShare),
  ]);
  if (rows.length === 0) return renderCurve(answer, paint);
  const causes = table(["cause", "fixes", "mean stated", "came true"], rows, {
    paint,
    align: ["left", "right", "right", "right"],
    empty: "",
  });
  return `${renderCurve(answer, paint)}\n\n${causes}`;
}

export function renderWatches(watches: readonly WatchAnswer[], now: number, paint: Paint = plain): string {
  const rows = watches.map((one) => [
    one.id,
    one.service,
    one.kind,
    one.showing === true ? paint("yellow", "▲ shows") : one.sign === null ? "closer look" : "quiet",
    one.lastWarningAt === null ? "never" : distance(one.lastWarningAt, now),
    short(one.told, 90),
  ]);
  return table(["watch", "service", "warns of", "sign", "warned", "what"], rows, {
    paint,
    empty: "No standing watches: one is made when a symptom comes the second time.",
  });
}

export function renderWatch(one: WatchAnswer, now: number): string {
  return columns([
    ["watch", one.id],
    ["warns of", `${one.kind} of ${one.service}`],
    ["what", one.told],
    ["made", `${moment(one.createdAt)}, from incident ${one.fromIncident}`],
    ["shows now", one.showing === null ? "not looked at here" : one.showing ? "yes" : "no"],
    [
      "warnings",
      `${one.warnings} in 30 days, the last ${one.lastWarningAt === null ? "never" : distance(one.lastWarningAt, now)}`,
    ],
  ]).join("\n");
}

const pair = (one: { playbook: string; fix: string; service: string }) =>
  `${one.service}: ${one.fix} against ${one.playbook}`;

export function renderInsights(insights: Insights, paint: Paint = plain): string {
  const { incidents, timeToHeal } = insights;
  const part = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ["", paint("bold", title), ...indent(lines)];
  return [
    `${moment(insights.since)} to ${moment(insights.until)}: ${many(incidents.opened, "incident")}, ${incidents.resolved} resolved, ${incidents.escalated} escalated, ${incidents.active} open`,
    timeToHeal.medianMs === null
      ? "nothing was healed"
      : `time to heal: median ${span(timeToHeal.medianMs)}, of ${timeToHeal.count}`,
    ...(insights.wouldHaveFixed.total === 0
      ? []
      : [wouldHave({ would_have_fixed: insights.wouldHaveFixed })]),
    ...(insights.truncated ? ["More happened than is counted here; ask for a shorter time."] : []),
    ...part(
      "Came again",
      insights.recurring.map((one) => `${one.occurrences}× (${one.ever}× ever) ${one.service}: ${one.title}`),
    ),
    ...part(
      "Healed by",
      insights.healed.map((one) => `${one.times}× ${pair(one)}`),
    ),
    ...part(
      "Did not help",
      insights.failed.map(
        (one) => `${one.times}× ${pair(one)}${one.worse > 0 ? `, ${one.worse}× worse` : ""}`,
      ),
    ),
    ...part(
      "Trust",
      insights.trust.map(
        (one) =>
          `${pair(one)}: ${percentOfBp(one.beforeBp)} → ${percentOfBp(one.afterBp)} (${signedPoints(one.afterBp - one.beforeBp)})`,
      ),
    ),
    ...part(
      "Standing watches",
      insights.watches.map(
        (one) =>
          `${one.made ? "new: " : ""}${one.kind} of ${one.service}, in time ${one.inTime}, missed ${one.missed}, for nothing ${one.withoutSymptom}: ${one.told}`,
      ),
    ),
    ...part(
      "For people",
      insights.forPeople.map((one) => `${one.text} (${one.cites.join(", ")})`),
    ),
  ].join("\n");
}
