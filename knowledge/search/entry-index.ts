// What is kept of an entry for the search: its terms, each with a weight of where it stands.
import type { EntryContent } from "../entry-records.ts";
import { termsOf, type Term } from "./terms.ts";

/** Raised when terms, lexicon or weights change: rows of an older version are made anew in the background. */
export const INDEX_VERSION = 2;

export const PLAYBOOK_MARK = "@";

/** `weights` has one digit (1–9) a term, in their order. */
export interface EntryIndex {
  terms: Term[];
  weights: string;
}

type Content = Pick<EntryContent, "title" | "symptoms" | "vocabulary" | "playbook" | "cause" | "fix">;

/** `more`: the vocabulary of the entry's playbook. */
export function indexOf(entry: Content, more: readonly string[] = []): EntryIndex {
  const weights = new Map<Term, number>();
  const add = (text: string, weight: number): void => {
    const { words, concepts } = termsOf(text);
    for (const term of [...words, ...concepts]) weights.set(term, Math.max(weights.get(term) ?? 0, weight));
  };
  for (const line of entry.symptoms) add(line, 9);
  for (const phrase of entry.vocabulary) add(phrase, 9);
  for (const phrase of more) add(phrase, 6);
  add(entry.title, 8);
  add(entry.cause, 5);
  add(entry.fix, 3);
  if (entry.playbook !== "") weights.set(PLAYBOOK_MARK + entry.playbook, 6);
  return { terms: [...weights.keys()], weights: [...weights.values()].join("") };
}

/** Each symptom line, phrase and title by itself: a question usually is about one of them. */
export function linesOf(entry: Content): ReadonlySet<Term>[] {
  return [...entry.symptoms, ...entry.vocabulary, entry.title, entry.cause].map((text) => {
    const { words, concepts } = termsOf(text);
    return new Set([...words, ...concepts]);
  });
}
