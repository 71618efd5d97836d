// Turns log lines, titles and a person's words into the terms that search counts: words split out of identifiers and
// stemmed, codes that mean something, and concepts (lexicon.ts). What varies (numbers, ids, addresses) is left out.
import { lexiconOf, tellsOfSuccess } from "./lexicon.ts";
import { stem } from "./stem.ts";

/** A word or code ("refus", "econnrefus", "#429"), or a concept ("=oom"). */
export type Term = string;

export const CONCEPT_MARK = "=";

/** Beyond this a text says nothing new; also the bound on the work done. */
const TEXT_LIMIT = 4_000;

/** Numbers that are names: answers of HTTP, exit statuses, codes of MySQL and errno. All other numbers vary. */
const namedNumbers = new Set(
  (
    "400 401 403 404 408 409 413 421 429 500 502 503 504 126 127 134 137 139 143 1040 1045 1062 1114 1130 1205 1213 " +
    "1236 2002 2006 2013 550 535 554 28 98 111 104 113 1054 1158"
  ).split(" "),
);
/** SQLSTATE with letters in it: 40P01, 42S22, 08004 are told from numbers by them. */
const sqlState = /^(?:[0-9]{2}[a-z][0-9]{2}|53[0-9]{3}|57p0[0-9]|28p01|3d000|xx00[0-2])$/;

const stopWords = new Set(
  (
    "a an the of to in on at by for from with without as is are was were be been being it its this that these those and or " +
    "but if then than so i you he she we they my our your their me us them who which what when where why how do does did " +
    "doing done have has had having can could may might must shall should will would there here all any some each every " +
    "more most other such only own same very just also about into over under after before while during because since " +
    "until between out up down off again not no nor too s t d ll re ve m don isn doesn didn won wasn aren couldn via per " +
    "please second minute hour day week ms sec min one two three five ten first last today yesterday tonight now always never " +
    "still already somebody someone something anybody anyone anything nobody everything get got go goes went come comes " +
    "use uses using used like really even though because of " +
    "please error err exception fatal warn warning info debug log line at com org net io www http https"
  )
    .split(" ")
    .map(stem),
);

/** Single letters and words like "out" and "no" are kept for phrases, and dropped alone. */
function rawWords(text: string): string[] {
  return (
    text
      .slice(0, TEXT_LIMIT)
      // Places in source code: (/srv/api/cart.js:88:11).
      .replace(/\(?[\w@./\\:-]{1,200}:\d+:\d+\)?/g, " ")
      .replace(/\b[0-9a-f]{8}-[0-9a-f-]{27}\b|\b0x[0-9a-f]+\b|\b\d{1,3}(?:\.\d{1,3}){3}(?::\d+)?\b/gi, " ")
      .replace(/\b\d{4}-\d{2}-\d{2}(?:[T ][\d:.,]+(?:Z|[+-]\d{2}:?\d{2})?)?/g, " ")
      .replace(/([a-z])([A-Z])/g, "$1 $2")
      .replace(/([A-Z]{2,})([A-Z][a-z])/g, "$1 $2")
      .toLowerCase()
      .match(/[a-z]+\d*[a-z]*\d?|\d[\da-z]*/g) ?? []
  );
}

function isWord(word: string): boolean {
  if (/^\d/.test(word)) return namedNumbers.has(word) || sqlState.test(word);
  return word.length <= 40;
}

const stemsOf = (text: string): string[] => stemmed(rawWords(text));

function stemmed(words: readonly string[]): string[] {
  return words.filter(isWord).map((word) => (/^\d/.test(word) ? `#${word}` : stem(word)));
}

/** For the lexicon: a phrase's stems; "#137" stays itself. */
const phraseStems = (phrase: string): string[] => stemsOf(phrase.replace("#", ""));

export interface Counted {
  /** Each term once, in order of appearance. */
  words: Term[];
  concepts: Term[];
  /** Whether it complains, and whether it tells of something that went well; both happen. */
  trouble: boolean;
  success: boolean;
}

/** The terms of a text, each once. */
export function termsOf(text: string): Counted {
  const raw = rawWords(text);
  const stems = stemmed(raw);
  const { phrases, beginnings, trouble: complaints } = lexiconOf(phraseStems);
  const concepts = new Set<Term>();
  let trouble = false;
  for (const [start, first] of stems.entries()) {
    let key = first;
    for (let end = start + 1; ; end += 1) {
      for (const name of phrases.get(key) ?? []) concepts.add(CONCEPT_MARK + name);
      trouble ||= complaints.has(key);
      const next = stems[end];
      if (next === undefined || !beginnings.has(key)) break;
      key = `${key} ${next}`;
    }
  }
  return {
    words: [...new Set(stems.filter((one) => one.length > 1 && !stopWords.has(one)))],
    concepts: [...concepts],
    trouble,
    success: tellsOfSuccess(raw),
  };
}

/** The concepts that a word stands for by itself. */
export function conceptsOfWord(word: Term): Term[] {
  return (lexiconOf(phraseStems).phrases.get(word) ?? []).map((name) => CONCEPT_MARK + name);
}

/** A path, an address, an identifier, a word in quotes: what stands there is somebody's name for something. */
const looksLikeName = /[a-z][A-Z]|[\w"'`][/\\.:_@=$<>{}[\]][\w"'`]|\d|^[^\w\s]*["'`/]|[-\w]+-[-\w]+/;

/** The words of a text that stand in names only. */
export function namesIn(text: string): Set<Term> {
  const plain = new Set<Term>();
  const names = new Set<Term>();
  for (const token of text.slice(0, TEXT_LIMIT).split(/\s+/)) {
    const to = looksLikeName.test(token) ? names : plain;
    for (const one of stemsOf(token)) to.add(one);
  }
  return new Set([...names].filter((one) => !plain.has(one)));
}
