// Explains a diagnosis to a person in plain words, by rules alone.
import { type CheckResult, causesIn, type Hypothesis, ruledOutIn } from "../domain/diagnosis.ts";

/** Beyond these nobody reads on; the record has them all. */
const MOST_LISTED = 8;

/** What was concluded, what speaks for it and against it, and what else it could be. */
export function explanationOf(hypotheses: readonly Hypothesis[]): string {
  const [top, rival] = causesIn({ hypotheses: [...hypotheses] });
  const out = ruledOutIn({ hypotheses: [...hypotheses] });
  if (!top)
    return ["No known failure fits these symptoms; a human should look.", ruledOut(out)].join(" ").trim();
  return [
    `${top.title} (${top.service}), ${percent(top.scoreBp)} sure. ${top.cause}`,
    listed("For it", top.checks, "supports"),
    listed("Against it", top.checks, "contradicts"),
    listed("Could not be seen", top.checks, "unknown"),
    top.discriminated ? "" : "Nothing that was measured tells it from its likeliest rival.",
    rival ? `Next likely: ${rival.title} (${rival.service}), ${percent(rival.scoreBp)}.` : "",
    ruledOut(out, MOST_LISTED),
  ]
    .filter((one) => one !== "")
    .join(" ");
}

function ruledOut(hypotheses: readonly Hypothesis[], most = Number.POSITIVE_INFINITY): string {
  const places = new Map<string, string[]>();
  for (const { title, service } of hypotheses) places.set(title, [...(places.get(title) ?? []), service]);
  const titles = [...places].map(([title, services]) => `${title} (${services.join(", ")})`);
  const more = titles.length > most ? `; and ${titles.length - most} more` : "";
  return titles.length > 0 ? `Ruled out: ${titles.slice(0, most).join("; ")}${more}.` : "";
}

function listed(label: string, checks: readonly CheckResult[], verdict: CheckResult["verdict"]): string {
  const texts = checks
    .filter((one) => one.verdict === verdict && (verdict === "unknown" || one.points !== 0))
    .map(({ observation }) =>
      observation.status === "known" ? observation.text : `${observation.name} (${observation.reason})`,
    );
  const all = [...new Set(texts)];
  const more = all.length > MOST_LISTED ? `; and ${all.length - MOST_LISTED} more` : "";
  return all.length > 0 ? `${label}: ${all.slice(0, MOST_LISTED).join("; ")}${more}.` : "";
}

function percent(basisPoints: number): string {
  return `${Math.trunc(basisPoints / 100)} %`;
}
