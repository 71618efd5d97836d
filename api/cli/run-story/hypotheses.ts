// Which causes were possible, best first, and the plain words of the diagnosis.
import { causesIn, ruledOutIn } from "../../../domain/diagnosis.ts";
import type { Incident } from "../../../domain/incident.ts";
import { columns } from "../render/table.ts";
import { percentOfBp } from "../render/words.ts";
import type { Section } from "./section.ts";

export function hypotheses({ diagnosis }: Pick<Incident, "diagnosis">): Section | undefined {
  if (diagnosis === null) return undefined;
  const rows = causesIn(diagnosis).map((one, at) => [
    `${at + 1}.`,
    percentOfBp(one.scoreBp),
    one.playbook,
    `${one.cause}${one.discriminated ? "" : " (no check tells it from its rivals)"}`,
  ]);
  const none = rows.length === 0 ? ["No playbook explains this."] : [];
  const out = ruledOutIn(diagnosis).map((one) => one.playbook);
  const ruledOut = out.length > 0 ? [`Ruled out: ${out.join(", ")}.`] : [];
  const words = diagnosis.explanation === "" ? [] : [diagnosis.explanation];
  return {
    heading: "Possible causes",
    lines: [...words, ...none, ...columns(rows, ["left", "right"]), ...ruledOut],
  };
}
