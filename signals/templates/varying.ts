// What varies in a log line, and where it ends: numbers and words with digits, paths, hosts, dates, sizes, quoted text.
// Everything is told from single characters around a position; nothing looks further than the value itself.
import {
  BACKSLASH,
  COLON,
  COMMA,
  codeOf,
  DIGIT,
  DOT_CODE,
  JOINT,
  kinds,
  LETTER,
  NOT_HEX,
  SLASH,
  SLASH_CODE,
  SPACE_CODE,
  UPPER,
  WORD,
} from "./characters.ts";

const QUOTE_LIMIT = 256;

const threeLetters = (word: string) =>
  (word.charCodeAt(0) << 16) | (word.charCodeAt(1) << 8) | word.charCodeAt(2);
const calendar = new Set(
  "Mon Tue Wed Thu Fri Sat Sun Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ").map(threeLetters),
);

/** Does a word vary? It has a digit, or is a path, a host's name, a long hexadecimal number. */
export function varies(
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
  if (slashes > 0 && next - at > 1 && (slashes > 1 || dots > 0 || text.charCodeAt(at) === SLASH_CODE))
    return true;
  if (dots > 0 && (seen & (UPPER | SLASH)) === 0 && (dots > 1 || hasPort(text, next)))
    return hostLike(text, at, next);
  if ((seen & NOT_HEX) === 0 && next - at <= 4)
    return text.charCodeAt(next) === COLON && beginsAddress(text, at, next);
  if (next - at === 4 || next - at === 9) return nothing.has(text.slice(at, next));
  return (seen & NOT_HEX) === 0 && next - at >= 8;
}

const nothing = new Set(["null", "NULL", "undefined"]);

/** "example.org:443", but not "server.go:26". */
function hasPort(text: string, next: number): boolean {
  if (text.charCodeAt(next) !== COLON || kinds[text.charCodeAt(next + 1)] !== DIGIT) return false;
  return !sourceFiles.has(text.slice(text.lastIndexOf(".", next) + 1, next));
}

const sourceFiles = new Set(
  "c cc cpp cs erl ex go h java js jsx kt lua m mjs php pl py rb rs scala sh swift ts tsx".split(" "),
);

/** Names with single dots between them: db.example.org, not "wait..." */
function hostLike(text: string, at: number, next: number): boolean {
  for (let index = at; index < next; index++) {
    if (text.charCodeAt(index) !== DOT_CODE) continue;
    if (index === at || index + 1 === next || text.charCodeAt(index + 1) === DOT_CODE) return false;
  }
  return true;
}

/** The end of the time that follows a date of digits ("2024-03-02 11:00:00.5"), or `from`. */
function clockEnd(text: string, from: number, end: number, seen: number): number {
  if ((seen & (SLASH | JOINT)) === 0 || text.charCodeAt(from) !== SPACE_CODE || from + 6 > end) return from;
  const isClock = text.charCodeAt(from + 3) === COLON && kinds[text.charCodeAt(from + 1)] === DIGIT;
  return isClock && kinds[text.charCodeAt(from + 2)] === DIGIT ? from + 3 : from;
}

/** The end of what varies and begins with a word that ends at `from`: with its port, clock time or unit, without a full stop. */
export function holeEnd(text: string, from: number, end: number, seen: number): number {
  let next = clockEnd(text, from, end, seen);
  while (next + 1 < end && text.charCodeAt(next) === COLON) {
    const part = wordEnd(text, next + 1, end);
    if (kinds[text.charCodeAt(next + 1)] !== DIGIT && !isHexGroup(text, next + 1, part)) break;
    next = part;
  }
  while (text.charCodeAt(next - 1) === DOT_CODE) next--;
  return sizeEnd(text, next);
}

/** The end of a date that begins with the name of a day or month ("Sat Jun 18 02:23:10 2005"), or 0. */
export function dateEnd(text: string, at: number, end: number): number {
  if (!isCalendarWord(text, at)) return 0;
  let [next, parts] = [at + 3, 0];
  while (next < end) {
    let begin = next;
    if (text.charCodeAt(begin) === COMMA) begin++;
    while (begin < end && text.charCodeAt(begin) === SPACE_CODE) begin++;
    if (begin === next || begin >= end) break;
    const digit = kinds[text.charCodeAt(begin)] === DIGIT;
    if (!digit && !(isCalendarWord(text, begin) && begin + 3 <= end)) break;
    next = begin;
    while (
      next < end &&
      (((kinds[text.charCodeAt(next)] as number) & WORD) !== 0 || text.charCodeAt(next) === COLON)
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

/** "GET /path HTTP/1.1": what is asked for is worth reading. */
function isRequest(text: string, at: number): boolean {
  let next = at;
  while ((kinds[text.charCodeAt(next)] ?? 0) & UPPER) next++;
  return (
    next - at > 2 &&
    text.charCodeAt(next) === SPACE_CODE &&
    kinds[text.charCodeAt(next + 1)] === (SLASH | NOT_HEX)
  );
}

function wordEnd(text: string, from: number, end: number): number {
  let next = from;
  while (next < end && (kinds[text.charCodeAt(next)] as number) & WORD) next++;
  return next;
}

/** One part of a MAC or IPv6 address. */
function isHexGroup(text: string, from: number, to: number): boolean {
  for (let index = from; index < to; index++)
    if ((kinds[text.charCodeAt(index)] as number) & NOT_HEX) return false;
  return to > from && to - from <= 4;
}

/** Does a word of letters begin a MAC or IPv6 address? Three parts make one. */
function beginsAddress(text: string, at: number, next: number): boolean {
  let from = at;
  for (let parts = 0, to = next; parts < 3; parts++) {
    if (!isHexGroup(text, from, to)) return false;
    from = to + 1;
    to = text.charCodeAt(to) === COLON ? wordEnd(text, from, text.length) : from;
  }
  return true;
}

/** "1.2 KB" and "3 MB" are values of the same kind. */
function sizeEnd(text: string, from: number): number {
  if (text.charCodeAt(from) !== SPACE_CODE) return from;
  let next = from + 1;
  if (magnitudes.has(text.charCodeAt(next))) next++;
  if (next > from + 1 && text.charCodeAt(next) === codeOf("i")) next++;
  const ends = text.charCodeAt(next) === codeOf("B") && !((kinds[text.charCodeAt(next + 1)] ?? 0) & WORD);
  return ends ? next + 1 : from;
}

const magnitudes = new Set(["k", "K", "M", "G", "T"].map(codeOf));

/** Where the quoted text ends that begins at `at`, or `at`: apostrophes, names of JSON fields and empty text are no holes. */
export function quoteEnd(text: string, at: number, end: number): number {
  if (at > 0 && (kinds[text.charCodeAt(at - 1)] as number) & WORD) return at;
  const close = text.indexOf(text[at] as string, at + 1);
  if (close <= at + 1 || close >= end || close - at > QUOTE_LIMIT || isRequest(text, at + 1)) return at;
  const after = close + 1 < text.length ? text.charCodeAt(close + 1) : SPACE_CODE;
  return after === COLON || (kinds[after] as number) & (LETTER | UPPER | DIGIT) ? at : close;
}
