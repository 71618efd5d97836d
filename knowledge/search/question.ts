// What is asked, as weighted terms: the question's own words, the concepts that they stand for, and what the
// vocabulary of playbooks adds to them.
import { PLAYBOOK_MARK } from "./entry-index.ts";
import { failureConcepts } from "./lexicon.ts";
import { CONCEPT_MARK, type Term, termsOf } from "./terms.ts";

/** A playbook's id and the words that people and programs use for its failure. */
export interface Vocabulary {
  id: string;
  vocabulary: readonly string[];
}

/** Weight of each term in the question; a word has 1. */
export type Question = ReadonlyMap<Term, number>;

const CONCEPT = 0.8;
const WIDENED = 0.2;
const PLAYBOOK = 0.4;
/** A question that names more failures than this names none. */
const MOST_PLAYBOOKS = 3;

export function questionOf(text: string, playbooks: readonly Vocabulary[] = []): Question {
  const { words, concepts } = termsOf(text);
  const question = new Map<Term, number>(words.map((one) => [one, 1]));
  for (const one of concepts) question.set(one, CONCEPT);
  const own = new Set([...words, ...concepts]);
  const named = playbooks.filter((one) => phrasesOf(one).some((phrase) => isIn(phrase, own)));
  if (named.length > MOST_PLAYBOOKS) return question;
  for (const playbook of named) {
    question.set(PLAYBOOK_MARK + playbook.id, PLAYBOOK);
    for (const term of phrasesOf(playbook).flat()) {
      if (!question.has(term)) question.set(term, WIDENED);
    }
  }
  return question;
}

/** Some thousand phrases, the same for each question. */
const phrases = new WeakMap<Vocabulary, readonly Term[][]>();

/** The words of each phrase. */
function phrasesOf(playbook: Vocabulary): readonly Term[][] {
  const known = phrases.get(playbook) ?? playbook.vocabulary.map((phrase) => termsOf(phrase).words);
  phrases.set(playbook, known);
  return known;
}

/** Whether all words of the phrase stand in the text. */
const isIn = (words: readonly Term[], own: ReadonlySet<Term>): boolean =>
  words.length > 0 && words.every((one) => own.has(one));

export const isConcept = (term: Term): boolean => term.startsWith(CONCEPT_MARK);
export const isAdded = (term: Term, weight: number): boolean =>
  term.startsWith(PLAYBOOK_MARK) || weight === WIDENED;

/** How a text speaks: of a failure, of nothing in particular, or of something that went well. */
export type Mood = "failure" | "unclear" | "calm";

/** Most lines of most logs tell of no failure. */
export function moodOf(text: string): Mood {
  const { concepts, trouble, success } = termsOf(text);
  const failing = concepts.some((term) => failureConcepts.has(term.slice(1)));
  if (success) return trouble ? "failure" : failing ? "unclear" : "calm";
  return failing || trouble ? "failure" : "unclear";
}
