// How well an entry answers a question, as a number from 0 to 1: how much of what was asked the entry knows, and how
// well its best single line fits. Rare terms count more (inverse document frequency, Robertson & Spärck Jones 1976).
import type { EntryIndex } from "./entry-index.ts";
import { isAdded, isConcept, type Mood, type Question } from "./question.ts";
import { conceptsOfWord, type Term } from "./terms.ts";

export interface Frequencies {
  /** Entries in all. */
  total: number;
  /** In how many entries a term stands; absent: in none. */
  of: ReadonlyMap<Term, number>;
}

/** A word that no entry knows tells that the question is about something else. */
const UNKNOWN = 1;
/** Inside a path, an identifier or quotes it is a name, which hardly tells. */
const UNKNOWN_IN_NAME = 0.2;
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
  /** What was only added by a playbook's vocabulary. */
  added: ReadonlySet<Term>;
  /** The word that a concept was read from, if it was one word: both are one piece of evidence. */
  readFrom: ReadonlyMap<Term, Term>;
}

/** `names`: its words that stand in names only. */
export function weighQuestion(
  question: Question,
  frequencies: Frequencies,
  names: ReadonlySet<Term>,
): WeighedQuestion {
  const known = new Map<Term, number>();
  const added = new Set<Term>();
  const readFrom = new Map<Term, Term>();
  let mass = 0;
  const rarest = rarestIdf(frequencies);
  for (const [term, weight] of question) {
    const isKnown = frequencies.of.has(term);
    const value =
      weight * (isKnown ? idf(frequencies, term) : rarest * (names.has(term) ? UNKNOWN_IN_NAME : UNKNOWN));
    if (isKnown) known.set(term, value);
    if (isAdded(term, weight)) added.add(term);
    else for (const concept of conceptsOfWord(term)) readFrom.set(concept, term);
    if (!isAdded(term, weight) && (isKnown || !isConcept(term))) mass += value;
  }
  return { known, mass, added, readFrom };
}

/** What a playbook's vocabulary adds to a question counts up to this part of what was really asked. */
const MOST_ADDED = 0.5;

/** Share of what was asked that the entry knows; 0–1. */
export function coverage({ known, mass, added }: WeighedQuestion, { terms, weights }: EntryIndex): number {
  let found = 0;
  let more = 0;
  for (const [place, term] of terms.entries()) {
    const value = known.get(term);
    if (value === undefined) continue;
    const part = (value * Number(weights[place])) / 9;
    if (added.has(term)) more += part;
    else found += part;
  }
  if (mass === 0) return 0;
  return Math.min(1, (found + Math.min(more, MOST_ADDED * found)) / mass);
}

export interface LineFit {
  /** What the best line shares with the question, of both together (a weighted Dice coefficient); 0–1. */
  fit: number;
  /**
   * How much of what was really asked it shares, in words as rare as words can be here. A word and the concepts that
   * it stands for are one piece of evidence.
   */
  evidence: number;
}

export function bestLine(
  { known, mass, readFrom, added }: WeighedQuestion,
  lines: readonly ReadonlySet<Term>[],
  frequencies: Frequencies,
): LineFit {
  const best = { fit: 0, evidence: 0 };
  for (const line of lines) {
    let shared = 0;
    let own = 0;
    const pieces = new Map<Term, number>();
    for (const term of line) {
      own += idf(frequencies, term) * (isConcept(term) ? CONCEPT_IN_LINE : 1);
      const value = known.get(term) ?? 0;
      shared += value;
      if (value > 0 && !added.has(term)) {
        const from = readFrom.get(term) ?? term;
        pieces.set(from, Math.max(pieces.get(from) ?? 0, value));
      }
    }
    if (own > 0) best.fit = Math.max(best.fit, shared / (0.65 * mass + 0.35 * own));
    let evidence = 0;
    for (const value of pieces.values()) evidence += value;
    best.evidence = Math.max(best.evidence, evidence);
  }
  return { fit: Math.min(1, best.fit), evidence: best.evidence / rarestIdf(frequencies) };
}

/** So many rare words must be shared before a likeness is believed in full. */
const ENOUGH = 1.3;
/** What tells of nothing wrong needs more of them, and what tells of something that went well much more. */
const BELIEVED: Readonly<Record<Mood, number>> = { failure: 1, unclear: 0.5, calm: 0.12 };
/** A line that fits worse is only some words in common. */
const LEAST_FIT = 0.25;

/**
 * 0–1. The mean of both, since either alone is fooled by long questions or short lines; less where little is shared
 * at all, however short the question, and where no single line fits.
 */
export function textSimilarity(covered: number, { fit, evidence }: LineFit, mood: Mood): number {
  const believed = Math.min(1, (evidence * BELIEVED[mood]) / ENOUGH) * Math.min(1, fit / LEAST_FIT);
  return ((covered + fit) / 2) * believed;
}
