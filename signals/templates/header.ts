// Where the message of a line begins, found from the stream itself: what nearly all lines of one shape begin with
// (time, level, numbers, brackets, a program's name and colon) is their header. No list of programs or formats.

/** One field of a header, and the spaces and separators after it. */
export type FieldKind = keyof typeof sources;

const days = "Mon|Tue|Wed|Thu|Fri|Sat|Sun";
const months = "Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec";
const named = String.raw`(?:(?:${days}),? +)?(?:(?:${months}) +\d{1,2}|\d{1,2}[ /-](?:${months})\b[ /-]?)(?:,? +\d{4}\b|\d{4}\b)?(?:[ :,]+\d{1,2}:\d\d(?::\d\d(?:[.,]\d+)?)?)?(?: +[A-Z]{3,4}\b(?= +\d{4}))?(?: +[+-]?\d{4}\b)?`;
const clock = String.raw`\d{1,2}:\d{1,2}`;
const date = String.raw`\d{4}[-/._]\d{1,2}[-/._]\d{1,2}|\d{1,2}[-/]\d{1,2}[-/]\d{2,4}|\d\d\.\d\d\.\d{2,4}|\d{8}[-T_]\d{1,2}`;
/** Not any number with a dot in it, and no address. */
const numeric = String.raw`(?=${clock}|${date}|\d\d[-/.]\d\d ${clock})(?!\d{1,3}(?:\.\d{1,3}){3}(?![.\d]))\d[\d:.,/T_+-]{0,40}\dZ?(?: +[+-]\d{4}\b)?(?: +(?:UTC|GMT)\b)?`;
const bracketed = String.raw`\[(?=[^\]]{0,30}\d:\d\d)[\w:.,/+ -]{5,40}\]`;
const epoch = String.raw`1\d{9}(?:\d{3}(?:\d{3})?|\.\d+)?(?=\s)`;
const whole = String.raw`(?![^\s|,:\]-])[,:]?`;
const levels =
  "trace|verbose|debug|fine|finer|finest|config|info|information|informational|notice|note|log|warn|warning|error|err|severe|fail|failure|fatal|critical|crit|alert|emerg|emergency|panic";
const anyCase = (words: string) => words.replace(/[a-z]/g, (one) => `[${one}${one.toUpperCase()}]`);

/** Each with what may follow; the first that nearly all lines have is taken. */
const sources = {
  // RFC 5424 whole, of RFC 3164 the priority.
  syslog: String.raw`<\d{1,3}>(?:1 \S+ \S+ \S+ \S+ \S+ (?:-|(?:\[(?:[^\]\\]|\\.)*\])+))?`,
  container: String.raw`[\w.-]+ +\|(?= )`,
  separator: String.raw`(?:[-|:>]{1,3}|[*#.])(?= )`,
  bracketedTime: bracketed + whole,
  namedTime: named + whole,
  numericTime: numeric + whole,
  epoch: epoch + whole,
  time: `(?:${bracketed}|${named}|${numeric}|${epoch})${whole}`,
  level: String.raw`[[(<]?(?:\b(?:${anyCase(levels)})\b|\b[VDIWEF]\b(?=[ /\]])|[IWEF](?=\d{4} \d\d:))[\])>]?[:,]?`,
  number: String.raw`[[(]?[-#*]?(?:0x[\da-f]+|\d+)[\])]?:?(?=[\s|])`,
  bracket: String.raw`(?:\[(?:[^[\]]|\[[^[\]]*\]){0,200}\]|\((?:[^()]){0,100}\)|\{[^{}]{0,200}\})[:,]?(?=\s)`,
  pipe: String.raw`[^|\s][^|]{0,80}\|`,
  tag: String.raw`[\w./@$*+#-]{1,120}(?:(?:\([\w./ -]{1,60}\)|(?: [\w.-]{1,30}){0,2}(?=\[)| \d[\w.]{0,20}(?=:))?(?:\[[^\]\s]{1,60}\])?:|\[\d+\]|:\d+\])(?=\s)`,
  dash: String.raw`[\w./@$:*+#-]{1,80}(?: [\w.*]{1,40})? +-(?= )`,
  // A wide gap stands between fields, not between the words of a sentence.
  cell: String.raw`[\w./@$:*+#-]{1,80}(?: {2,}|\t)`,
  word: String.raw`[\w./@$:*+#-]{1,120}(?=\s)`,
};
const order = Object.keys(sources) as FieldKind[];
const GAP = String.raw`\s*(?:\|\s*)?`;
/** A header is not longer; also the bound on the work that a hostile line can make. */
const HEADER_CHARS = 400;
const fieldOf = new Map(order.map((kind) => [kind, new RegExp(`(?:${sources[kind]})${GAP}`, "y")]));

/** One of these makes it a header. */
const isTime = (kind: FieldKind) => kind === "epoch" || kind.toLowerCase().endsWith("time");
const begins = (kind: FieldKind) => isTime(kind) || ["level", "syslog", "container"].includes(kind);
/** Is there more to it than a level, with which a sentence may begin too? */
export const hasTime = (kinds: readonly FieldKind[]) =>
  kinds.some((kind) => kind !== "level" && begins(kind));
/** Of the lines of one shape so many must have a field. */
const NEARLY_ALL = 0.9;
const FIELDS = 14;
/** So many words may stand between two surer fields. */
const WORDS = 4;

/** The kinds of fields that the lines' headers are made of; undefined when they have none. */
export function headerOf(lines: readonly string[]): FieldKind[] | undefined {
  let alive = lines.map((text) => ({ text: text.slice(0, HEADER_CHARS), at: 0, sure: 0 }));
  const kinds: FieldKind[] = [];
  let sure = 0;
  while (kinds.length < FIELDS) {
    const next = nextField(alive, lines.length, kinds);
    if (next === undefined) break;
    kinds.push(next.kind);
    alive = next.alive;
    if (!closes(kinds, alive, sure)) continue;
    sure = kinds.length;
    for (const line of alive) line.sure = line.at;
  }
  const header = kinds.slice(0, sure);
  return header.some(begins) ? header : undefined;
}

interface Cursor {
  text: string;
  at: number;
  /** Where the last field ended that surely belongs to the header. */
  sure: number;
}

function nextField(
  alive: Cursor[],
  total: number,
  kinds: FieldKind[],
): { kind: FieldKind; alive: Cursor[] } | undefined {
  for (const kind of order) {
    if ((kind === "tag" || kind === "pipe") && kinds.includes("tag")) continue;
    if (kind === "word" && kinds.includes("tag")) continue;
    const field = fieldOf.get(kind) as RegExp;
    const after: Cursor[] = [];
    for (const { text, at, sure } of alive) {
      field.lastIndex = at;
      if (field.test(text) && field.lastIndex < text.length) after.push({ text, at: field.lastIndex, sure });
    }
    if (after.length >= NEARLY_ALL * total) return { kind, alive: after };
  }
  return undefined;
}

/** Does the header reach to its last field? Words belong to it only if something surer stands behind them. */
function closes(kinds: FieldKind[], alive: Cursor[], sure: number): boolean {
  const kind = kinds.at(-1) as FieldKind;
  const words = kinds.length - 1 - sure;
  if (kind === "word" || words > WORDS) return false;
  if (kind === "tag" && alwaysSame(alive)) return false;
  if (words === 0 || (kind === "tag" && words === 1 && kinds.some(begins))) return true;
  const belong = alive.filter((line) => wordsBelong(line, words, kinds));
  return belong.length >= NEARLY_ALL * alive.length;
}

/** A plain word and colon that all lines have is as likely what they say: "Loaded: a", "Loaded: b". */
function alwaysSame(alive: Cursor[]): boolean {
  const tags = new Set(alive.map(({ text, at, sure }) => text.slice(sure, at)));
  return tags.size === 1 && [...tags].every((tag) => /^\w+:\s*$/.test(tag));
}

/** What no sentence says: host names, programs, event names; and what stands before a field that no sentence has. */
function wordsBelong({ text, at, sure }: Cursor, words: number, kinds: FieldKind[]): boolean {
  const kind = kinds.at(-1) as FieldKind;
  const between = text.slice(sure, at).split(/\s+/);
  const field = between[words] ?? "";
  if (kind === "level" && /[A-Z[(<]/.test(field)) return true;
  if (isTime(kind) && field.startsWith("[")) return true;
  if (kind === "epoch" ? sure > 0 : isTime(kind) && words === 1 && hasTime(kinds.slice(0, -1))) return true;
  return between.slice(0, words).every((word) => name.test(word) || capitals.test(word));
}

const name = /[a-z\d][._\d:/-][a-z\d]|^\W$/i;
const capitals = /^[A-Z]{2,}$/;

/** Where the message begins in a line with this header, 0 in others: with the whole of it, or without its last fields. */
export interface Header {
  whole: (text: string) => number;
  partly: (text: string) => number;
}

export function compileHeader(kinds: readonly FieldKind[]): Header {
  const first = 1 + kinds.findIndex(begins);
  const lengths = kinds.map((_, index) => kinds.length - index).filter((length) => length >= first);
  const [whole, ...shorter] = lengths.map((length) => compileFields(kinds.slice(0, length)));
  return {
    whole: whole ?? (() => 0),
    partly: (text) => shorter.reduce((found, startOf) => (found > 0 ? found : startOf(text)), 0),
  };
}

function compileFields(kinds: readonly FieldKind[]): (text: string) => number {
  const fields = new RegExp(kinds.map((kind) => `(?:${sources[kind]})${GAP}`).join(""), "y");
  return (text) => {
    fields.lastIndex = 0;
    const head = text.length > HEADER_CHARS ? text.slice(0, HEADER_CHARS) : text;
    return fields.test(head) && fields.lastIndex < text.length ? fields.lastIndex : 0;
  };
}
