// Forgives typing errors in short questions: a word that no entry knows is read as the one known word that is nearly
// the same. Log lines are not touched: what is unknown in them is a name.
import type { Queryable } from "../db.ts";
import type { Question } from "./question.ts";
import type { Frequencies } from "./scoring.ts";
import type { Term } from "./terms.ts";

const SHORTEST_WORD = 5;
/** A question of more words is a log line. */
const MOST_WORDS = 12;
const MISSPELT = 0.8;

/** The question with the known words in the place of mistyped ones; the same one where nothing is to be done. */
export async function respelt(
  db: Queryable,
  question: Question,
  frequencies: Frequencies,
): Promise<Question> {
  const words = [...question.keys()].filter((term) => /^[a-z]/.test(term));
  const unknown = words.filter((term) => term.length >= SHORTEST_WORD && !frequencies.of.has(term));
  if (unknown.length === 0 || words.length > MOST_WORDS) return question;
  const rows = await db.query<{ term: Term }>(
    "select term from opsmedic.knowledge_terms where left(term, 1) = any($1::text[]) and length(term) between $2 and $3 and entries > 0",
    [
      [...new Set(unknown.map((term) => term.slice(0, 1)))],
      Math.min(...unknown.map((term) => term.length)) - 1,
      Math.max(...unknown.map((term) => term.length)) + 1,
    ],
  );
  const changed = new Map(question);
  for (const word of unknown) {
    const near = rows.filter(({ term }) => distance(word, term) <= allowed(word));
    const [only] = near;
    if (only === undefined || near.length > 1) continue;
    changed.delete(word);
    if (!changed.has(only.term)) changed.set(only.term, MISSPELT);
  }
  return changed.size === question.size && unknown.every((word) => changed.has(word)) ? question : changed;
}

const allowed = (word: string): number => (word.length >= 9 ? 2 : 1);

/** Letters left out, added, changed, or two of them in the wrong order (optimal string alignment). */
export function distance(a: string, b: string): number {
  let before: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, at) => at);
  for (let row = 1; row <= a.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= b.length; column += 1) {
      const same = a[row - 1] === b[column - 1];
      let least = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = row > 1 && column > 1 && a[row - 1] === b[column - 2] && a[row - 2] === b[column - 1];
      if (swapped) least = Math.min(least, (before[column - 2] ?? 0) + 1);
      next.push(least);
    }
    before = last;
    last = next;
  }
  return last[b.length] ?? a.length;
}
