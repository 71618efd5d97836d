// When does a column vary? Wrong merges are worse than wrong splits: a column of words is taken as varying only when
// enough different words were seen in it while the rest of the line stayed the same.
import { differences } from "./columns.ts";
import { HOLE } from "./mask.ts";

/** Different words that make a column vary; names with dots, slashes or digits are seldom part of a sentence. */
const ENOUGH_WORDS = 4;
const ENOUGH_NAMES = 3;
/** The first word says most about what a line is. */
export const ENOUGH_FIRST = 16;
/** Words that the lines must have in common besides. */
const SUPPORT = 2;

const constant = /^[^a-z]*[A-Z_]{2,}[^a-z]*$/;
const name = /\w[.$@/\\]\w|\ufdd0/;

export function varies(words: readonly string[], at: number, values: readonly string[]): boolean {
  if (supportOf(words, at) < SUPPORT) return false;
  // LEADING, FOLLOWING, ACTION_DOWN: states of a machine are no parameters.
  if (values.filter((value) => constant.test(value)).length * 2 >= values.length) return false;
  const names = values.filter((value) => name.test(value)).length;
  return values.length >= (names * 2 >= values.length ? ENOUGH_NAMES : ENOUGH_WORDS);
}

/** Words of the sentence beside the column. */
export function supportOf(words: readonly string[], at: number): number {
  return words.filter((word, index) => index !== at && isProse(word)).length;
}

const isProse = (word: string) => !word.includes(HOLE) && /[a-z]{2}/i.test(word);

/** What stands before a column: where a user's name was a parameter once, it is one in other lines too. */
export function contextOf(words: readonly string[], at: number): string {
  const word = words[at] as string;
  const key = word.search(/[=:]/);
  return `${words[at - 2] ?? ""} ${words[at - 1] ?? ""} ${key > 0 ? word.slice(0, key + 1) : ""}`;
}

interface Line {
  words: readonly string[];
}

/** Of groups as long: one that differs in nothing but holes, and those that differ in one column, by column. */
export function nearTo<One extends Line>(group: One, others: readonly One[]) {
  const byColumn = new Map<number, One[]>();
  for (const other of others) {
    if (other === group) continue;
    const [at, ...more] = differences(group.words, other.words, 1);
    if (at === undefined) return { same: other, byColumn };
    if (at > 0 && more.length === 0) byColumn.set(at, [...(byColumn.get(at) ?? []), other]);
  }
  return { same: undefined, byColumn };
}

/** The group that differs in the fewest columns, at most `limit`, and has more words than that in common. */
export function likest<One extends Line>(group: One, others: readonly One[], limit: number): One | undefined {
  let [best, fewest] = [undefined as One | undefined, limit + 1];
  for (const other of others) {
    if (other === group) continue;
    const found = differences(group.words, other.words, fewest - 1);
    if (found.includes(0) || found.length >= fewest) continue;
    const common = group.words.filter((word, at) => word === other.words[at] && isProse(word)).length;
    if (common > found.length) [best, fewest] = [other, found.length];
  }
  return best;
}
