// The outage that a run belongs to: where it probably comes from, who has a part in it, and who is hit next.
import type { NextHit, Outage } from "../../../domain/outage.ts";
import type { Incident } from "../../../domain/incident.ts";
import type { RunStory } from "../../operations.ts";
import { columns } from "../render/table.ts";
import { distance, partOfText, percentOfRatio } from "../render/words.ts";
import type { Section } from "./section.ts";

export function outage(
  { partOf }: Pick<RunStory, "partOf">,
  { diagnosis }: Pick<Incident, "diagnosis">,
): Section | undefined {
  const seen = diagnosis?.outage;
  if (partOf === null && seen === undefined) return undefined;
  const told = seen === undefined ? [] : outageLines(seen, diagnosis?.at ?? 0);
  return { heading: "Outage", lines: [...(partOf === null ? [] : [partOfText(partOf)]), ...told] };
}

/** One percent. */
const LEAST = 0.01;

function outageLines({ suspects, kind, services, next }: Outage, at: number): string[] {
  // Its place among the others names everyone who shows something; without a share in the suspicion that is no suspect.
  const rows = suspects
    .filter(({ confidence }, place) => place === 0 || confidence >= LEAST)
    .map(({ service, confidence, because }, place) => {
      const what = place === 0 && kind !== null ? ` (${kind})` : "";
      return [
        `${service}${what}`,
        percentOfRatio(confidence),
        because[0] ?? "only by its place among the others",
      ];
    });
  return [
    "Suspected, by all that is known of the services:",
    ...columns(rows, ["left", "right"]).map((line) => `  ${line}`),
    `Symptoms at ${services.map((one) => one.service).join(", ")}.`,
    ...(next.length === 0 ? [] : [`Hit next: ${next.map((one) => hitText(one, at)).join("; ")}.`]),
  ];
}

/** As it was foretold at the time of the diagnosis. */
function hitText({ service, chance, at: due }: NextHit, at: number): string {
  return `${service} (${percentOfRatio(chance)}, ${due <= at ? "now" : distance(due, at)})`;
}
