// Which causes were possible, best first, and what the evidence ruled out, each with what speaks against it. The plain words
// of the rules would say the same again; those of a language model are its own.
import { causesIn, type Hypothesis, ruledOutIn } from "../../../domain/diagnosis.ts";
import type { Incident } from "../../../domain/incident.ts";
import { columns, indent } from "../render/table.ts";
import { percentOfBp, short } from "../render/words.ts";
import type { Section } from "./section.ts";

export function hypotheses({ diagnosis }: Pick<Incident, "diagnosis">): Section | undefined {
  if (diagnosis === null) return undefined;
  const rows = causesIn(diagnosis).map((one, at) => [
    `${at + 1}.`,
    percentOfBp(one.scoreBp),
    one.service === diagnosis.service ? one.playbook : `${one.playbook} at ${one.service}`,
    `${one.cause}${one.discriminated ? "" : " (no check tells it from its rivals)"}`,
  ]);
  const none = rows.length === 0 ? ["No playbook explains this."] : [];
  const words = diagnosis.opinion?.explained === true ? [diagnosis.explanation] : [];
  return {
    heading: "Possible causes",
    lines: [...words, ...none, ...columns(rows, ["left", "right"]), ...ruledOut(ruledOutIn(diagnosis))],
  };
}

const MOST_RULED_OUT = 6;

/** The likeliest of them first, as it was before it was looked into. */
function ruledOut(all: readonly Hypothesis[]): string[] {
  if (all.length === 0) return [];
  const shown = all.toSorted((a, b) => prior(b) - prior(a)).slice(0, MOST_RULED_OUT);
  const more = all.length - shown.length;
  return [
    "Ruled out:",
    ...indent(columns(shown.map((one) => [`${one.playbook} at ${one.service}`, short(against(one), 100)]))),
    ...(more > 0 ? [`  and ${more} more`] : []),
  ];
}

function prior({ addends }: Hypothesis): number {
  return addends.find((one) => one.kind === "prior")?.points ?? 0;
}

function against({ checks, title }: Hypothesis): string {
  const texts = checks.flatMap(({ verdict, points, observation }) =>
    verdict === "contradicts" && points < 0 && observation.status === "known" ? [observation.text] : [],
  );
  return [...new Set(texts)].join("; ") || title;
}
