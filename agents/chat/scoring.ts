// How likely each reading of a question is: the weight of the concepts that it explains. What explains most wins; of
// readings as good, the one that stands first.
import type { Concept } from "./concepts.ts";
import { type Intent, type Part, rules } from "./intents.ts";

/** How much a concept says of what is asked; those not named here say 1. Words for trouble are in most questions. */
const WEIGHTS: Partial<Record<Part, number>> = {
  diff: 4,
  undo: 4,
  rolled: 3,
  rival: 5,
  know: 4,
  math: 5,
  sure: 4,
  similar: 4,
  waiting: 4,
  expire: 4,
  idle: 4,
  named: 0,
  audit: 3,
  person: 4,
  fill: 4,
  worst: 5,
  learn: 4,
  drag: 4,
  often: 3,
  long: 4,
  approve: 3,
  reject: 3,
  evidence: 4,
  gate: 3,
  best: 2,
  would: 4,
  did: 4,
  who: 2,
  watch: 3,
  mean: 3,
  log: 3,
  numbers: 2.5,
  change: 3,
  happen: 3,
  help: 5,
  why: 2,
  before: 1.5,
  fix: 1.5,
  list: 0.5,
  past: 0.5,
  do: 0.5,
  how: 0.5,
  back: 0.5,
  now: 1.5,
  code: 2,
  other: 0.5,
  again: 0,
};

export interface Scored {
  intent: Intent;
  /** Weight of the concepts that this reading explains. */
  points: number;
  explains: readonly string[];
}

/** What a question must also speak of, to be taken for another one. */
const TELLING = 3;

/** The first is the more particular: to who asks for it, the words of the second are no other question. */
const INCLUDES: ReadonlySet<string> = new Set([
  "decided audit",
  "decided waiting",
  "not-fixed audit",
  "not-fixed undo",
  "proof audit",
  "similar happened",
  "undo done",
]);

/** Nearly as likely as the first reading, and explains what that leaves unexplained. undefined: one reading is clear. */
export function rivalOf([first, ...others]: readonly Scored[]): Scored | undefined {
  if (first === undefined) return undefined;
  return others.find(
    ({ intent, points, explains }) =>
      points >= first.points - 1 &&
      !INCLUDES.has(`${first.intent} ${intent}`) &&
      explains.some((one) => (WEIGHTS[one as Part] ?? 1) >= TELLING && !first.explains.includes(one)),
  );
}

/** Every intent that has a reading, likeliest first. */
export function readingsOf(
  concepts: ReadonlySet<Concept>,
  { named, person }: { named: boolean; person: boolean },
): Scored[] {
  const isThere = (part: string): boolean =>
    part === "named" ? named : part === "person" ? person : concepts.has(part as Concept);
  const best = new Map<Intent, Scored>();
  for (const [intent, ...parts] of rules) {
    const wanted = parts.filter((one) => !one.startsWith("!"));
    const absent = parts.filter((one) => one.startsWith("!")).map((one) => one.slice(1));
    if (!wanted.every(isThere) || absent.some(isThere)) continue;
    const points = wanted.reduce((sum, one) => sum + (WEIGHTS[one as Part] ?? 1), 0);
    if (points > (best.get(intent)?.points ?? 0)) best.set(intent, { intent, points, explains: wanted });
  }
  // The order in which they were found is that of the rules, and sorting keeps it among equals.
  return [...best.values()].sort((a, b) => b.points - a.points);
}
