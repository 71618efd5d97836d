// What every rule is given, and what it hands back.
import { causeIn } from "../../../domain/diagnosis.ts";
import { percentOf } from "../words.ts";
import type { Claim, Citation, Topic } from "../reply.ts";
import type { Question } from "../question.ts";
import type { ReadRun, Reading } from "../reading.ts";

export interface Ask {
  question: Question;
  reading: Reading;
  now: number;
  /** Unix ms → "2026-01-09 02:20" in the asker's time zone. */
  moment: (at: number) => string;
}

export interface Draft {
  claims: Claim[];
  /** Where nothing is known: what was looked for. */
  note?: string;
  commands?: string[];
  /** The question may have been another: the note says so, whatever is told. */
  unsure?: boolean;
  topic?: Topic;
}

export type Rule = (ask: Ask) => Promise<Draft>;

export function claim(text: string, ...citations: Citation[]): Claim {
  return { text, citations };
}

/** "service search", "search and web", "any service" */
export function whose({ services }: Question): string {
  return services.length === 0 ? "any service" : services.join(" and ");
}

export function when({ span }: Question): string {
  return span === undefined ? "" : ` ${span.words}`;
}

/** The cause that was thought likeliest, and how sure that was. */
export function causeClaims({ run, incident, at }: ReadRun): Claim[] {
  const top = causeIn(incident?.diagnosis);
  if (!top) return [];
  const other = top.service === run.service ? "" : ` The fault lies with ${top.service}.`;
  return [
    claim(`${top.title}: ${top.cause}${other} I was ${percentOf(top.scoreBp)} sure of that.`, at("diagnose")),
  ];
}
