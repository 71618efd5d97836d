// The confidence as a sum anyone can check: every addend of the leading hypothesis. If the addends do not give
// the recorded score, that is said before anything else.
import type { Addend, Hypothesis } from "../../../domain/diagnosis.ts";
import type { Incident } from "../../../domain/incident.ts";
import { columns } from "../render/table.ts";
import { percentOfBp, points, signedPoints } from "../render/words.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function arithmetic(
  { diagnosis, verdict, plan }: Pick<Incident, "diagnosis" | "verdict" | "plan">,
  paint: Paint,
): Section | undefined {
  const chosen =
    diagnosis?.hypotheses.find(({ playbook }) => playbook === plan?.playbook) ?? diagnosis?.hypotheses[0];
  if (chosen === undefined) return undefined;
  const rows = chosen.addends.map(({ kind, label, points: addend }) => [kind, label, signedPoints(addend)]);
  const scoreBp = verdict?.scoreBp ?? chosen.scoreBp;
  const total = ["=", comparison(scoreBp, verdict?.allowBp), points(sum(chosen.addends))];
  return {
    heading: "Arithmetic",
    lines: [...columns([...rows, total], ["left", "left", "right"]), ...wrongSum(chosen, scoreBp, paint)],
  };
}

function sum(addends: readonly Addend[]): number {
  return addends.reduce((total, addend) => total + addend.points, 0);
}

function comparison(scoreBp: number, allowBp: number | undefined): string {
  if (allowBp === undefined) return percentOfBp(scoreBp);
  const gap = allowBp - scoreBp;
  return `${percentOfBp(scoreBp)}, gate at ${percentOfBp(allowBp)}: ${gap > 0 ? `short by ${points(gap)}` : "reached"}`;
}

function wrongSum({ addends, scoreBp }: Hypothesis, judgedBp: number, paint: Paint): string[] {
  const total = sum(addends);
  const wrong = [
    ...(total === scoreBp
      ? []
      : [`the addends give ${points(total)}, the diagnosis says ${points(scoreBp)}`]),
    ...(judgedBp === scoreBp
      ? []
      : [`the gate judged ${points(judgedBp)}, the diagnosis says ${points(scoreBp)}`]),
  ];
  return wrong.map((text) => paint("red", `✕ This record contradicts itself: ${text}. Do not act on it.`));
}
