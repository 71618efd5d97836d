// Which entries are worth scoring. However many there are, few are read: those with the question's rare words, and
// those in which its common words stand together. Both come from one GIN index over the terms.
import type { Queryable } from "../db.ts";
import type { EntryIndex } from "./entry-index.ts";
import { ALL } from "./index-rows.ts";
import type { Question } from "./question.ts";
import { type Frequencies, idf } from "./scoring.ts";
import type { Term } from "./terms.ts";

export interface Candidate extends EntryIndex {
  entry: string;
}

/** Entries of the question's rare words that are read at most. */
const MOST_BY_RARE = 500;
const MOST_BY_COMMON = 200;
/** So many make it likely that the best is among them. */
const ENOUGH = 40;
/** Common words that must stand together, at most; then fewer. */
const MOST_TOGETHER = 5;

export async function readFrequencies(db: Queryable, question: Question): Promise<Frequencies> {
  const rows = await db.query<{ term: Term; entries: number }>(
    "select term, entries from opsmedic.knowledge_terms where term = any($1::text[]) and entries > 0",
    [[ALL, ...question.keys()]],
  );
  const of = new Map(rows.map(({ term, entries }) => [term, entries]));
  const total = of.get(ALL) ?? 0;
  of.delete(ALL);
  return { total, of };
}

/** `kinds`: kinds of target that are left out. */
export async function candidatesFor(
  db: Queryable,
  question: Question,
  frequencies: Frequencies,
  without: readonly string[],
): Promise<Candidate[]> {
  const known = [...frequencies.of].sort(([, a], [, b]) => a - b).map(([term]) => term);
  const rare = rareOf(known, frequencies);
  const common = known.slice(rare.length);
  const rareSayLittle = weightOf(rare, question, frequencies) < weightOf(known, question, frequencies) * 0.6;
  // Side by side: neither needs what the other finds.
  const [byRare, byCommon] = await Promise.all([
    rare.length > 0 ? read(db, "terms && $1::text[]", rare, without, MOST_BY_RARE) : [],
    common.length > 0 && rareSayLittle ? together(db, common, without) : [],
  ]);
  return [...new Map([...byRare, ...byCommon].map((one) => [one.entry, one])).values()];
}

/** The rarest terms, as long as they stand in few entries together. */
function rareOf(known: readonly Term[], { of }: Frequencies): Term[] {
  let sum = 0;
  const end = known.findIndex((term) => (sum += of.get(term) ?? 0) > MOST_BY_RARE);
  return end === -1 ? [...known] : known.slice(0, end);
}

function weightOf(terms: readonly Term[], question: Question, frequencies: Frequencies): number {
  return terms.reduce((sum, term) => sum + idf(frequencies, term) * (question.get(term) ?? 0), 0);
}

/** The rarest of the common words together; one fewer as long as too few entries have them all. */
async function together(
  db: Queryable,
  common: readonly Term[],
  without: readonly string[],
): Promise<Candidate[]> {
  const found = new Map<string, Candidate>();
  for (let count = Math.min(common.length, MOST_TOGETHER); count > 0; count -= 2) {
    const terms = common.slice(0, count);
    for (const one of await read(db, "terms @> $1::text[]", terms, without, MOST_BY_COMMON))
      found.set(one.entry, one);
    if (found.size >= ENOUGH) break;
  }
  return [...found.values()];
}

async function read(
  db: Queryable,
  condition: string,
  terms: readonly Term[],
  without: readonly string[],
  limit: number,
): Promise<Candidate[]> {
  const rows = await db.query<{ entry: string; terms: string; weights: string }>(
    `select entry, array_to_string(terms, ' ') as terms, weights from opsmedic.knowledge_index
     where ${condition} and not disabled and target_kind <> all($2::text[]) limit $3`,
    [terms, without, limit],
  );
  return rows.map(({ entry, terms, weights }) => ({ entry, terms: terms.split(" "), weights }));
}
