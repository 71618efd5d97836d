// Questions with the case that answers them, written before the ranking was tuned. Half of them is held back from
// tuning, by a hash of the question, so that nobody chooses which.
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";

export interface Pair {
  /** The case that answers; null: none does. */
  answer: string | null;
  question: string;
}

export const sets = {
  /** New lines of a known failure: other numbers and names, another version or runtime. */
  lines: "lines.tsv",
  /** What a person would ask. */
  words: "words.tsv",
  /** What has no answer: ordinary lines, other errors, other matters. */
  nothing: "nothing.tsv",
} as const;
export type SetName = keyof typeof sets;
export type Half = "tuned" | "held back";
/** "developed": questions of a second round of tuning, by somebody who had not seen the half that is held back. */
export type Part = Half | "developed";

export function readPairs(set: SetName, part: Part): Pair[] {
  if (part === "developed") return readFile(`developed/${sets[set]}`);
  return readFile(sets[set]).filter(({ question }) => halfOf(question) === part);
}

function readFile(file: string): Pair[] {
  const text = readFileSync(new URL(file, import.meta.url), "utf8");
  return text
    .trim()
    .split("\n")
    .map((line) => {
      const [answer = "", question = ""] = line.split("\t");
      return { answer: answer === "-" ? null : answer, question };
    });
}

export function halfOf(question: string): Half {
  const [first = 0] = createHash("sha256").update(question).digest();
  return first % 2 === 1 ? "held back" : "tuned";
}
