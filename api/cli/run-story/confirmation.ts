// What the cause predicts, as it was seen right before anything was touched.
import type { Incident } from "../../../domain/incident.ts";
import { columns } from "../render/table.ts";
import type { Paint } from "../terminal.ts";
import type { Section } from "./section.ts";

export function confirmation(
  { confirmation: looked }: Pick<Incident, "confirmation">,
  paint: Paint,
): Section | undefined {
  if (!looked || looked.checks.length === 0) return undefined;
  const marks = {
    held: paint("green", "✓ holds"),
    refuted: paint("red", "✕ refuted"),
    unknown: paint("dim", "? not seen"),
  };
  return {
    heading: `Before acting: ${looked.outcome}`,
    lines: columns(looked.checks.map((one) => [marks[one.verdict], one.question, one.text])),
  };
}
