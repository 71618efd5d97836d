// When does a column vary? Wrong merges are worse than wrong splits: a column of words is taken as varying only when
// enough different words were seen in it while the rest of the line stayed the same.
import { differences } from "./columns.ts";
import { HOLE } from "./mask.ts";

/** Different words that make a column vary; names with dots, slashes or digits are seldom part of a sentence. */
const ENOUGH_WORDS = 4;
const ENOUGH_NAMES = 3;
/** Several columns vary together only if so many lines differ in all of them and in nothing else. */
const ENOUGH_TOGETHER = 8;
const COLUMNS = 3;
/** The first word says most about what a line is; and a line with few words in common needs more of them. */
export const ENOUGH_FIRST = 16;
/** Words that the lines must have in common besides, and one more for each further column. */
const SUPPORT = 2;

const constant = /^[^a-z]*[A-Z_]{2,}[^a-z]*$/;
const name = /\w[-_.$@/\\]\w|\ufdd0/;

/** Do the columns in which these lines differ vary? */
export function varies(lines: readonly Line[], columns: readonly number[]): boolean {
  const [first] = lines as [Line];
  if (columns.length > 1 && lines.length < ENOUGH_TOGETHER) return false;
  const named = columns.filter((at) => sameKey(lines.map(({ words }) => words[at] as string)));
  const lacking = SUPPORT + columns.length - 1 - supportOf(first.words, columns) - named.length;
  if (lacking > 1 || (lacking === 1 && lines.length < ENOUGH_FIRST)) return false;
  return columns.every((at) => columnVaries(lines.map(({ words }) => words[at] as string)));
}

/** Is it the value of something that has a name, which is a word in common too? */
function sameKey(values: readonly string[]): boolean {
  const key = keyOf(values[0]);
  return key.length > 1 && !key.includes(HOLE) && values.every((value) => value.startsWith(key));
}

function columnVaries(all: readonly string[]): boolean {
  const values = [...new Set(all)];
  // RUNNING, FAILED, DONE: states of a machine are no parameters.
  if (values.filter((value) => constant.test(value)).length * 2 >= values.length) return false;
  const names = values.filter((value) => name.test(value)).length;
  return values.length >= (names * 2 >= values.length ? ENOUGH_NAMES : ENOUGH_WORDS);
}

/** Words of the sentence beside the columns. */
export function supportOf(words: readonly string[], columns: readonly number[]): number {
  return words.filter((word, index) => !columns.includes(index) && isProse(word)).length;
}

const isProse = (word: string) => !word.includes(HOLE) && /[a-z]{2}/i.test(word);

/** "port=" */
const keyOf = (word = "") => word.slice(0, word.search(/[=:]/) + 1);

/**
 * The two words before a column, or one and the name of the value ("port="): where a user's name was a parameter once,
 * it is one in other lines too. "" where they say too little.
 */
export function contextOf(words: readonly string[], at: number): string {
  const [word, before = "", beforeThat = ""] = [words[at] as string, words[at - 1], words[at - 2]];
  const key = keyOf(word);
  return isProse(before) && (isProse(beforeThat) || key.length > 1) ? `${beforeThat} ${before} ${key}` : "";
}

interface Line {
  words: readonly string[];
}

/** Groups that differ from one in the same columns. */
export interface Near<One> {
  columns: number[];
  others: One[];
}

/** Of groups as long: one that differs in nothing but holes, and those that differ in few columns, by column. */
export function nearTo<One extends Line>(group: One, others: readonly One[]) {
  const near = new Map<string, Near<One>>();
  for (const other of others) {
    if (other === group) continue;
    const columns = differences(group.words, other.words, COLUMNS);
    if (columns.length === 0) return { same: other, near: [] };
    if (columns.includes(0) || columns.length > COLUMNS) continue;
    const key = columns.join();
    const known = near.get(key);
    if (known === undefined) near.set(key, { columns, others: [other] });
    else known.others.push(other);
  }
  return { same: undefined, near: [...near.values()] };
}
