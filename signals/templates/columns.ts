// Columns of templates: a word in which HOLE stands for what varies.
import { HOLE } from "./mask.ts";

const pieces = /([^\w.$*+~^\\/\u0080-\uffff-])/;
const severalHoles = /\ufdd0{2,}/g;
const nothingElse = /^[\ufdd0 ]*$/;

/** The narrowest column that covers both: "user=root" and "user=guest" give "user=" and a hole. */
export function generalise(one: string, other: string): string {
  if (one === other) return one;
  const [left, right] = [one.split(pieces), other.split(pieces)];
  if (
    left.length === right.length &&
    left.every((piece, index) => index % 2 === 0 || piece === right[index])
  ) {
    return left.map((piece, index) => (piece === right[index] ? piece : HOLE)).join("");
  }
  if (nothingElse.test(one) || nothingElse.test(other)) return HOLE;
  return aroundDifference(left, right);
}

function aroundDifference(left: string[], right: string[]): string {
  const shorter = Math.min(left.length, right.length);
  let before = 0;
  while (before < shorter && left[before] === right[before]) before++;
  let after = 0;
  while (after < shorter - before && left.at(-1 - after) === right.at(-1 - after)) after++;
  const joined = left.slice(0, before).join("") + HOLE + left.slice(left.length - after).join("");
  return joined.replace(severalHoles, HOLE);
}

/** Does every word of the other column fit into this one? */
export function covers(column: string, other: string): boolean {
  return (
    column === other || column === HOLE || (column.includes(HOLE) && generalise(column, other) === column)
  );
}

/** A line of one word is known by that word only; and holes alone say nothing about a line that has words. */
export function coversAll(columns: readonly string[], words: readonly string[]): boolean {
  if (words.length === 1) return columns[0] === words[0];
  if (!columns.every((column, index) => covers(column, words[index] as string))) return false;
  return hasWords(columns) || !hasWords(words);
}

const hasWords = (columns: readonly string[]) => columns.some((column) => /\p{L}/u.test(column));

/** The columns in which neither covers the other; more than `limit` of them are not all named. */
export function differences(one: readonly string[], other: readonly string[], limit: number): number[] {
  const found: number[] = [];
  for (let index = 0; index < one.length && found.length <= limit; index++) {
    const [left, right] = [one[index] as string, other[index] as string];
    if (left === right) continue;
    if (one.length === 1 || (!covers(left, right) && !covers(right, left))) found.push(index);
  }
  return found.length > 0 || hasWords(one) === hasWords(other) ? found : [0];
}
