// Reads a log line once, character by character, and tells what varies in it: numbers and words with digits, paths,
// hosts, dates, quoted text. Two lines with the same hash differ in nothing else. No regular expressions: this runs on
// every line of every service.

/** Stands for what varies: a code point that Unicode keeps for use inside programs. */
export const HOLE = "\ufdd0";
const HOLE_CODE = 0xfdd0;
/** Further right a line tells nothing new about what it is. */
export const MASK_LIMIT = 4_000;
const QUOTE_LIMIT = 256;

const LETTER = 1;
const UPPER = 2;
const DIGIT = 4;
const DOT = 8;
const SLASH = 16;
const JOINT = 32; // keeps a word together
const BACKSLASH = 64;
const NOT_HEX = 128;
const WORD = LETTER | UPPER | DIGIT | DOT | SLASH | JOINT | BACKSLASH;
const SPACE = 256;
const QUOTE = 512;

const kinds = new Uint16Array(65_536).fill(LETTER | NOT_HEX);
for (let code = 0; code < 128; code++) kinds[code] = kindOf(String.fromCharCode(code));

function kindOf(char: string): number {
  if (/[a-z]/.test(char)) return char <= "f" ? LETTER : LETTER | NOT_HEX;
  if (/[A-Z]/.test(char)) return char <= "F" ? UPPER : UPPER | NOT_HEX;
  if (/\d/.test(char)) return DIGIT;
  if (char === ".") return DOT | NOT_HEX;
  if (char === "/") return SLASH | NOT_HEX;
  if (char === "\\") return BACKSLASH | NOT_HEX;
  if (/[-_$%*+~^]/.test(char)) return JOINT | NOT_HEX;
  if (/["'`]/.test(char)) return QUOTE;
  return /\s/.test(char) || char < " " ? SPACE : 0;
}

const threeLetters = (word: string) =>
  (word.charCodeAt(0) << 16) | (word.charCodeAt(1) << 8) | word.charCodeAt(2);
const calendar = new Set(
  "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ").map(threeLetters),
);

export interface Masked {
  /** 53 bits over the line with its holes. */
  hash: number;
  /** How many holes `holes` holds: start and end of each. */
  count: number;
  holes: Int32Array;
}

/** Of `text` from `start` on; the answer is the scanner's own and changes with the next call. */
export function makeScanner(): (text: string, start: number) => Masked {
  const masked: Masked = { hash: 0, count: 0, holes: new Int32Array(MASK_LIMIT + 2) };
  return (text, start) => {
    const end = Math.min(text.length, start + MASK_LIMIT);
    const holes = masked.holes;
    let [count, one, two, gap] = [0, 0x811c9dc5 | 0, 0x9e3779b9 | 0, false];
    let at = start;
    while (at < end) {
      const code = text.charCodeAt(at);
      const kind = kinds[code] as number;
      if (kind === SPACE) {
        gap = true;
        at++;
        continue;
      }
      if (gap && at > start) {
        one = Math.imul(one ^ 32, 0x01000193);
        two = Math.imul(two ^ 32, 0x85ebca6b) + 32;
      }
      gap = false;
      const close = kind === QUOTE ? quoteEnd(text, at, end) : at;
      if (close > at) {
        holes[2 * count] = at + 1;
        holes[2 * count++ + 1] = close;
        one = Math.imul(one ^ code ^ HOLE_CODE, 0x01000193);
        two = Math.imul(two ^ code, 0x85ebca6b) + HOLE_CODE;
        at = close + 1;
        continue;
      }
      if ((kind & WORD) === 0) {
        one = Math.imul(one ^ code, 0x01000193);
        two = Math.imul(two ^ code, 0x85ebca6b) + code;
        at++;
        continue;
      }
      let [next, seen, wordOne, wordTwo] = [at, 0, one, two];
      let [letterKind, dots, slashes] = [kind, 0, 0];
      let char = code;
      do {
        seen |= letterKind;
        if (letterKind & DOT) dots++;
        else if (letterKind & SLASH) slashes++;
        wordOne = Math.imul(wordOne ^ char, 0x01000193);
        wordTwo = Math.imul(wordTwo ^ char, 0x85ebca6b) + char;
        if (++next >= end) break;
        char = text.charCodeAt(next);
        letterKind = kinds[char] as number;
      } while (letterKind & WORD);
      const date = next - at === 3 && kind & UPPER ? dateEnd(text, at, end) : 0;
      if (date === 0 && !varies(text, at, next, seen, dots, slashes)) {
        [one, two, at] = [wordOne, wordTwo, next];
        continue;
      }
      const stop = date > 0 ? date : holeEnd(text, clockEnd(text, next, end, seen), end);
      holes[2 * count] = at;
      holes[2 * count++ + 1] = stop;
      one = Math.imul(one ^ HOLE_CODE, 0x01000193);
      two = Math.imul(two ^ HOLE_CODE, 0x85ebca6b) + HOLE_CODE;
      at = stop;
    }
    masked.count = count;
    masked.hash = (one >>> 0) * 2_097_152 + ((two ^ (two >>> 15)) >>> 11);
    return masked;
  };
}

/** Does a word vary? It has a digit, or is a path, a host's name, a long hexadecimal number. */
function varies(
  text: string,
  at: number,
  next: number,
  seen: number,
  dots: number,
  slashes: number,
): boolean {
  if (seen & DIGIT) return true;
  if ((seen & (LETTER | UPPER)) === 0) return false;
  if (seen & BACKSLASH) return true;
  if (slashes > 0 && next - at > 1 && (slashes > 1 || dots > 0 || text.charCodeAt(at) === 47)) return true;
  if (dots > 1 && (seen & (UPPER | SLASH)) === 0) return hostLike(text, at, next);
  if (next - at === 4 || next - at === 9) return nothing.has(text.slice(at, next));
  return (seen & NOT_HEX) === 0 && next - at >= 8;
}

const nothing = new Set(["null", "NULL", "undefined"]);

/** Names with single dots between them: db.example.org, not "wait..." */
function hostLike(text: string, at: number, next: number): boolean {
  for (let index = at; index < next; index++) {
    if (text.charCodeAt(index) !== 46) continue;
    if (index === at || index + 1 === next || text.charCodeAt(index + 1) === 46) return false;
  }
  return true;
}

/** The end of the time that follows a date of digits ("2024-03-02 11:00:00.5"), or `from`. */
function clockEnd(text: string, from: number, end: number, seen: number): number {
  if ((seen & (SLASH | JOINT)) === 0 || text.charCodeAt(from) !== 32 || from + 6 > end) return from;
  const isClock = text.charCodeAt(from + 3) === 58 && kinds[text.charCodeAt(from + 1)] === DIGIT;
  return isClock && kinds[text.charCodeAt(from + 2)] === DIGIT ? from + 3 : from;
}

/** A sentence's full stop is not part of the word; a port, and the rest of a time, are. */
function holeEnd(text: string, from: number, end: number): number {
  let next = from;
  while (next + 1 < end && text.charCodeAt(next) === 58 && kinds[text.charCodeAt(next + 1)] === DIGIT) {
    next++;
    while (next < end && (kinds[text.charCodeAt(next)] as number) & WORD) next++;
  }
  while (text.charCodeAt(next - 1) === 46) next--;
  return next;
}

/** The end of a date that begins with the name of a day or month ("Sat Jun 18 02:23:10 2005"), or 0. */
function dateEnd(text: string, at: number, end: number): number {
  if (!isCalendarWord(text, at)) return 0;
  let [next, parts] = [at + 3, 0];
  while (next < end) {
    let begin = next;
    if (text.charCodeAt(begin) === 44) begin++;
    while (begin < end && text.charCodeAt(begin) === 32) begin++;
    if (begin === next || begin >= end) break;
    const digit = kinds[text.charCodeAt(begin)] === DIGIT;
    if (!digit && !(isCalendarWord(text, begin) && begin + 3 <= end)) break;
    next = begin;
    while (
      next < end &&
      (((kinds[text.charCodeAt(next)] as number) & WORD) !== 0 || text.charCodeAt(next) === 58)
    )
      next++;
    if (digit) parts++;
  }
  return parts > 0 ? next : 0;
}

function isCalendarWord(text: string, at: number): boolean {
  const code = (text.charCodeAt(at) << 16) | (text.charCodeAt(at + 1) << 8) | text.charCodeAt(at + 2);
  return calendar.has(code) && !((kinds[text.charCodeAt(at + 3)] ?? 0) & (LETTER | UPPER));
}

/** Where the quoted text ends that begins at `at`, or `at`: apostrophes, names of JSON fields and empty text are no holes. */
function quoteEnd(text: string, at: number, end: number): number {
  if (at > 0 && (kinds[text.charCodeAt(at - 1)] as number) & WORD) return at;
  const close = text.indexOf(text[at] as string, at + 1);
  if (close <= at + 1 || close >= end || close - at > QUOTE_LIMIT) return at;
  const after = close + 1 < text.length ? text.charCodeAt(close + 1) : 32;
  return after === 58 || (kinds[after] as number) & (LETTER | UPPER | DIGIT) ? at : close;
}
