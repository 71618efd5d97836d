// What was seen: the findings with their numbers, and the evidence that was looked at for the leading hypothesis.
import type { CheckResult } from "../../../domain/diagnosis.ts";
import type { Json, JsonObject } from "../../../domain/json.ts";
import type { Incident } from "../../../domain/incident.ts";
import { columns } from "../render/table.ts";
import { facts, moment, short, signedPoints } from "../render/words.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function seen({ findings, signals }: Pick<Incident, "findings" | "signals">): Section {
  if (findings.length === 0) {
    return { heading: "What was seen", lines: [`Nothing wrong in ${signals.length} signals.`] };
  }
  const lines = findings.flatMap((one) => [
    `${one.severity} ${one.kind} on ${one.service} since ${moment(one.since)}: ${one.summary}`,
    ...(Object.keys(one.facts).length > 0 ? [`  ${facts(rounded(one.facts))}`] : []),
  ]);
  return { heading: "What was seen", lines };
}

/** What was measured is not known to sixteen digits; whole numbers stay as they are. */
function rounded(values: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, threeDigits(value)]));
}

const threeDigits = (value: Json): Json =>
  typeof value === "number" && !Number.isInteger(value) ? Number(value.toPrecision(3)) : value;

/** Each check of the leading hypothesis: what was asked, what was observed, and what it counted for. */
export function evidence({ diagnosis }: Pick<Incident, "diagnosis">, paint: Paint): Section | undefined {
  const best = diagnosis?.hypotheses[0];
  const side = best?.scoreBp === 0 ? "against" : "for";
  if (best === undefined) return undefined;
  const rows = columns(
    best.checks.map((check) => row(check, paint)),
    ["left", "left", "left", "right"],
  );
  const legend = best.checks.some(({ discriminating }) => discriminating) ? [paint("dim", LEGEND)] : [];
  return { heading: `Evidence ${side} "${best.title}"`, lines: [...rows, ...legend] };
}

const LEGEND = "* tells this cause from its likeliest rival";

function row(check: CheckResult, paint: Paint): string[] {
  const { observation } = check;
  const seen = observation.status === "known" ? observation.text : `not known: ${observation.reason}`;
  return [
    verdictMark(check, paint),
    `${check.question}${check.discriminating ? " *" : ""}`,
    short(seen, 100),
    signedPoints(check.points),
  ];
}

function verdictMark({ verdict }: CheckResult, paint: Paint): string {
  if (verdict === "supports") return paint("green", "✓");
  return verdict === "contradicts" ? paint("red", "✕") : paint("dim", "?");
}
