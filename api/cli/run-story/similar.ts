// Cases like this one, as they were remembered at the time of the diagnosis.
import type { Incident } from "../../../domain/incident.ts";
import { columns } from "../render/table.ts";
import { short } from "../render/words.ts";
import type { Section } from "./section.ts";

export function similar({ diagnosis }: Pick<Incident, "diagnosis">): Section | undefined {
  if (diagnosis?.similar === undefined) return undefined;
  const rows = diagnosis.similar.map((one) => [
    one.similarity.toFixed(2),
    one.id,
    short(one.title, 70),
    one.outcome === "known" ? "generally known" : `${one.outcome} in ${one.runId ?? "another run"}`,
    short(one.fix, 90),
  ]);
  return { heading: "Similar cases (they change no score)", lines: columns(rows) };
}
