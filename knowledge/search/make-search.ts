// Finds entries like a text: by its words, by vectors, or by both joined. Nothing similar is an answer.
import type { Queryable } from "../db.ts";
import type { Embedder } from "../embedder.ts";
import type { KnowledgeEntry } from "../entry-records.ts";
import { readEntries } from "../entry-rows.ts";
import type { Alike, Vectors } from "../vectors.ts";
import { type Candidate, candidatesFor, readFrequencies } from "./candidates.ts";
import { linesOf } from "./entry-index.ts";
import { fused } from "./fusion.ts";
import { moodOf, questionOf, type Vocabulary } from "./question.ts";
import { bestLine, coverage, textSimilarity, type WeighedQuestion, weighQuestion } from "./scoring.ts";
import { respelt } from "./spelling.ts";
import { namesIn, type Term } from "./terms.ts";

export const searchModes = ["hybrid", "text", "vector"] as const;
export type SearchMode = (typeof searchModes)[number];

export interface SearchFor {
  text: string;
  mode?: SearchMode | undefined;
  /** Kinds of target that are left out. */
  without?: readonly string[] | undefined;
  limit: number;
}

export interface Found {
  entry: KnowledgeEntry;
  /** 0–1 */
  similarity: number;
}

export interface Search {
  /** Best first; empty: nothing is similar. Where vectors cannot be had, words alone search. */
  find(search: SearchFor, signal?: AbortSignal): Promise<Found[]>;
}

export interface SearchParts {
  db: Queryable;
  vectors: Vectors;
  /** Those whose vectors may be stored: the configured one first; while others' are left, they are asked, too. */
  embedders: () => readonly Embedder[];
  playbooks: readonly Vocabulary[];
  onProblem?: (error: unknown) => void;
}

/** Where the best is below it, nothing is similar. Chosen on lab/retrieval without the half that is held back. */
export const SIMILAR = 0.285;
/** Below it a further one is not shown beside the best. */
const WORTH_SHOWING = SIMILAR * 0.6;
const TEXT_WEIGHT = 4;
/** Candidates whose lines are looked at. */
const CLOSE_LOOKS = 20;
/** A vector from elsewhere is waited for this long. */
const VECTOR_MS = 1_500;
const LINES_KEPT = 4_000;

export function makeSearch({ db, vectors, embedders, playbooks, onProblem }: SearchParts): Search {
  // What an entry's lines say changes with its version only, and splitting them is most of a search's work.
  const lines = new Map<string, ReadonlySet<Term>[]>();

  function linesFor(entry: KnowledgeEntry): ReadonlySet<Term>[] {
    const key = `${entry.id} ${entry.changedAt}`;
    const known = lines.get(key) ?? linesOf(entry);
    lines.delete(key);
    lines.set(key, known);
    for (const oldest of lines.keys()) {
      if (lines.size <= LINES_KEPT) break;
      lines.delete(oldest);
    }
    return known;
  }

  async function byVectors(
    { text, without = [] }: SearchFor,
    candidates: () => Promise<readonly string[]>,
    signal?: AbortSignal,
  ): Promise<{ list: Alike[]; embedder: Embedder }[]> {
    if (!(await vectors.usable())) return [];
    const limit = AbortSignal.timeout(VECTOR_MS);
    const within = signal ? AbortSignal.any([signal, limit]) : limit;
    const lists = embedders().map(async (embedder) => {
      try {
        const [vector] = await embedder.embed([text], within);
        if (vector === undefined || vector.every((value) => value === 0)) return [];
        const search = { model: embedder.model, vector, without, candidates, limit: CLOSE_LOOKS };
        return [{ list: await vectors.nearest(search), embedder }];
      } catch (error) {
        // Words find most of it; a search never fails for want of vectors.
        signal?.throwIfAborted();
        onProblem?.(error);
        return [];
      }
    });
    return (await Promise.all(lists)).flat();
  }

  async function byWords({ text, without = [] }: SearchFor) {
    const asTyped = questionOf(text, playbooks);
    const asTypedKnown = await readFrequencies(db, asTyped);
    const question = await respelt(db, asTyped, asTypedKnown);
    const frequencies = question === asTyped ? asTypedKnown : await readFrequencies(db, question);
    const candidates = question.size === 0 ? [] : await candidatesFor(db, question, frequencies, without);
    const weighed = weighQuestion(question, frequencies, namesIn(text));
    return { frequencies, weighed, close: closest(weighed, candidates) };
  }

  return {
    async find(search, signal) {
      const { text, mode = "hybrid", limit } = search;
      const reading = byWords(search);
      const candidates = async () => (await reading).close.map(({ entry }) => entry);
      // Side by side: an index of vectors needs no candidates of the words.
      const [{ frequencies, weighed, close }, alike] = await Promise.all([
        reading,
        mode === "text" ? [] : byVectors(search, candidates, signal),
      ]);
      const ids = new Set([
        ...(mode === "vector" ? [] : close.map(({ entry }) => entry)),
        ...alike.flatMap(({ list }) => list.slice(0, limit).map(({ entry }) => entry)),
      ]);
      const entries = await readEntries(db, "where id = any($1::text[])", [[...ids]]);
      const mood = moodOf(text);
      const covered = new Map(close.map((one) => [one.entry, one.covered]));
      const byText = new Map(
        entries.map((one) => [
          one.id,
          textSimilarity(covered.get(one.id) ?? 0, bestLine(weighed, linesFor(one), frequencies), mood),
        ]),
      );
      const textOrder = [...byText]
        .filter(([, value]) => value > 0)
        .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1));
      const order = fused([
        ...(mode === "vector" ? [] : [{ ids: textOrder.map(([id]) => id), weight: TEXT_WEIGHT }]),
        ...alike.map(({ list, embedder }) => ({
          ids: list.map(({ entry }) => entry),
          weight: embedder.weight,
        })),
      ]);
      const byId = new Map(entries.map((one) => [one.id, one]));
      const found = order
        .flatMap((id): Found[] => {
          const entry = byId.get(id);
          if (entry === undefined) return [];
          const words = mode === "vector" ? 0 : (byText.get(id) ?? 0);
          // Vectors do not tell what failed from what went well.
          const likenesses = mood === "calm" ? [] : alike.map((one) => likeness(one, id));
          const similarity = Math.max(words, ...likenesses);
          return similarity < WORTH_SHOWING
            ? []
            : [{ entry, similarity: Math.round(similarity * 1_000) / 1_000 }];
        })
        .slice(0, limit);
      return found.some(({ similarity }) => similarity >= SIMILAR) ? found : [];
    },
  };
}

function closest(
  weighed: WeighedQuestion,
  candidates: readonly Candidate[],
): { entry: string; covered: number }[] {
  return candidates
    .map((one) => ({ entry: one.entry, covered: coverage(weighed, one) }))
    .sort((a, b) => b.covered - a.covered)
    .slice(0, CLOSE_LOOKS);
}

/** A cosine on the scale of similarity: the embedder's own "alike" is just similar. */
function likeness({ list, embedder }: { list: readonly Alike[]; embedder: Embedder }, id: string): number {
  const cosine = list.find(({ entry }) => entry === id)?.cosine ?? 0;
  if (cosine < embedder.alike) return 0;
  return SIMILAR + ((cosine - embedder.alike) / (1 - embedder.alike)) * (1 - SIMILAR);
}
