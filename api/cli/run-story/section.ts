// A part of a run's story: a heading and lines below it. A part with nothing to say is left out.
import { indent } from "../render/table.ts";
import type { Paint } from "../terminal.ts";

export interface Section {
  heading: string;
  lines: readonly string[];
}

export function sectionText({ heading, lines }: Section, paint: Paint): string {
  return [paint("bold", heading), ...indent(lines)].join("\n");
}
