// How well an entry answers a question, as a number from 0 to 1: how much of what was asked the entry knows, and how
// well its best single line fits. Rare terms count more (inverse document frequency, Robertson & Spärck Jones 1976).
import type { EntryIndex } from "./entry-index.ts";
import { isAdded, isConcept, type Question } from "./question.ts";
import type { Term } from "./terms.ts";

export interface Frequencies {
  /** Entries in all. */
  total: number;
  /** In how many entries a term stands; absent: in none. */
  of: ReadonlyMap<Term, number>;
}

/** A word that no entry knows tells that the question is about something else, or is a name. */
const UNKNOWN = 0.45;
const CONCEPT_IN_LINE = 0.8;

export function idf({ total, of }: Frequencies, term: Term): number {
  const count = of.get(term) ?? 0;
  return Math.log(1 + (total - count + 0.5) / (count + 0.5));
}

/** Of a word that stands in a single entry; one that is nowhere counts as rare. */
function rarestIdf({ total }: Frequencies): number {
  return Math.log(1 + (total + 0.5) / 1.5);
}

export interface WeighedQuestion {
  /** Weight times rarity of each term that some entry knows. */
  known: ReadonlyMap<Term, number>;
  /** The same summed over what was really asked, unknown words with a part. */
  mass: number;
}

export function weighQuestion(question: Question, frequencies: Frequencies): WeighedQuestion {
  const known = new Map<Term, number>();
  let mass = 0;
  const rarest = rarestIdf(frequencies);
  for (const [term, weight] of question) {
    const isKnown = frequencies.of.has(term);
    const value = weight * (isKnown ? idf(frequencies, term) : rarest * UNKNOWN);
    if (isKnown) known.set(term, value);
    if (!isAdded(term, weight) && (isKnown || !isConcept(term))) mass += value;
  }
  return { known, mass };
}

/** Share of what was asked that the entry knows; 0–1. */
export function coverage({ known, mass }: WeighedQuestion, { terms, weights }: EntryIndex): number {
  let found = 0;
  for (const [place, term] of terms.entries()) {
    const value = known.get(term);
    if (value !== undefined) found += (value * Number(weights[place])) / 9;
  }
  return mass === 0 ? 0 : Math.min(1, found / mass);
}

export interface LineFit {
  /** What the best line shares with the question, of both together (a weighted Dice coefficient); 0–1. */
  fit: number;
  /** How much that is, in words as rare as words can be here. */
  evidence: number;
}

export function bestLine(
  { known, mass }: WeighedQuestion,
  lines: readonly ReadonlySet<Term>[],
  frequencies: Frequencies,
): LineFit {
  const best = { fit: 0, shared: 0 };
  for (const line of lines) {
    let shared = 0;
    let own = 0;
    for (const term of line) {
      own += idf(frequencies, term) * (isConcept(term) ? CONCEPT_IN_LINE : 1);
      shared += known.get(term) ?? 0;
    }
    if (own > 0) best.fit = Math.max(best.fit, shared / (0.65 * mass + 0.35 * own));
    best.shared = Math.max(best.shared, shared);
  }
  return { fit: Math.min(1, best.fit), evidence: best.shared / rarestIdf(frequencies) };
}

/** So many rare words must be shared before a likeness is believed in full. */
const ENOUGH = 1.5;
/** A question that tells of nothing wrong needs more. */
const WITHOUT_FAILURE = 0.6;

/**
 * 0–1. The mean of both, since either alone is fooled by long questions or short lines; less where little is shared
 * at all, however short the question.
 */
export function textSimilarity(covered: number, { fit, evidence }: LineFit, failure: boolean): number {
  const believed = Math.min(1, (evidence * (failure ? 1 : WITHOUT_FAILURE)) / ENOUGH);
  return ((covered + fit) / 2) * believed;
}
