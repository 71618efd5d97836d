// Reads a log line once, character by character, and tells what varies in it: numbers and words with digits, paths,
// hosts, dates, quoted text. Two lines with the same hash differ in nothing else. No regular expressions: this runs on
// every line of every service.
import { DOT, DOT_CODE, kinds, QUOTE, SLASH, SPACE, SPACE_CODE, UPPER, WORD } from "./characters.ts";
import { dateEnd, holeEnd, quoteEnd, varies } from "./varying.ts";

/** Stands for what varies: a code point that Unicode keeps for use inside programs. */
export const HOLE = "\ufdd0";
const HOLE_CODE = 0xfdd0;
/** Further right a line tells nothing new about what it is. */
export const MASK_LIMIT = 4_000;

export interface Masked {
  /** 53 bits over the line with its holes. */
  hash: number;
  /** How many holes `holes` holds: start and end of each. */
  count: number;
  holes: Int32Array;
}

/** FNV-1a (Fowler, Noll, Vo) and a second one of its kind: 53 of their 64 bits make the hash. */
const [ONE, ONE_FACTOR] = [0x811c9dc5 | 0, 0x01000193];
const [TWO, TWO_FACTOR] = [0x9e3779b9 | 0, 0x85ebca6b | 0];

/** Of `text` from `start` on; the answer is the scanner's own and changes with the next call. */
export function makeScanner(): (text: string, start: number) => Masked {
  const masked: Masked = { hash: 0, count: 0, holes: new Int32Array(MASK_LIMIT + 2) };

  function hole(from: number, to: number) {
    masked.holes[2 * masked.count] = from;
    masked.holes[2 * masked.count + 1] = to;
    masked.count++;
  }

  // One long function, since this loop is nearly all the work there is: the hash of a word is taken back when the word
  // turns out to be a hole.
  return (text, start) => {
    const end = Math.min(text.length, start + MASK_LIMIT);
    let one = ONE;
    let two = TWO;
    let gap = false;
    let at = start;
    masked.count = 0;
    while (at < end) {
      const code = text.charCodeAt(at);
      const kind = kinds[code] as number;
      if (kind === SPACE) {
        gap = true;
        at++;
        continue;
      }
      if (gap) {
        one = Math.imul(one ^ SPACE_CODE, ONE_FACTOR);
        two = Math.imul(two ^ SPACE_CODE, TWO_FACTOR) + SPACE_CODE;
        gap = false;
      }
      if ((kind & WORD) === 0 || (code === DOT_CODE && text.charCodeAt(at + 1) === DOT_CODE)) {
        const close = kind === QUOTE ? quoteEnd(text, at, end) : at;
        const sign = close > at ? code ^ HOLE_CODE : code;
        one = Math.imul(one ^ sign, ONE_FACTOR);
        two = Math.imul(two ^ sign, TWO_FACTOR) + sign;
        if (close > at) hole(at + 1, close);
        at = close + 1;
        continue;
      }
      let next = at;
      let char = code;
      let charKind = kind;
      let seen = 0;
      let dots = 0;
      let slashes = 0;
      let wordOne = one;
      let wordTwo = two;
      do {
        seen |= charKind;
        if (charKind & DOT) dots++;
        else if (charKind & SLASH) slashes++;
        wordOne = Math.imul(wordOne ^ char, ONE_FACTOR);
        wordTwo = Math.imul(wordTwo ^ char, TWO_FACTOR) + char;
        if (++next >= end) break;
        char = text.charCodeAt(next);
        charKind = kinds[char] as number;
      } while (charKind & WORD && (char !== DOT_CODE || text.charCodeAt(next + 1) !== DOT_CODE));
      let stop = next - at === 3 && kind & UPPER ? dateEnd(text, at, end) : 0;
      if (stop === 0 && varies(text, at, next, seen, dots, slashes)) stop = holeEnd(text, next, end, seen);
      if (stop > 0) {
        hole(at, stop);
        one = Math.imul(one ^ HOLE_CODE, ONE_FACTOR);
        two = Math.imul(two ^ HOLE_CODE, TWO_FACTOR) + HOLE_CODE;
        at = stop;
      } else {
        one = wordOne;
        two = wordTwo;
        at = next;
      }
    }
    masked.hash = (one >>> 0) * 2_097_152 + ((two ^ (two >>> 15)) >>> 11);
    return masked;
  };
}
