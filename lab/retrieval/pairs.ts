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

export function readPairs(set: SetName, half: Half): Pair[] {
  return readFile(sets[set]).filter(({ question }) => halfOf(question) === half);
}

/**
 * Questions that were written later, for a second round of tuning, by somebody who had not seen the half that is held
 * back. Of these, too, one half was looked at while words were added and the other only counted.
 */
export function readDeveloped(set: SetName, half: Half): Pair[] {
  return readFile(`developed/${sets[set]}`).filter(({ question }) => halfOf(question) === half);
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
