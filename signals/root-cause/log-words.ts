// The constant words of a log line: a light mask until a miner has learned the service's templates. Good enough to count
// the same sentence in two periods; two sentences that begin alike may fall together.
import { levelOfWord } from "../../domain/log-level.ts";

export interface LogEvent {
  service: string;
  /** Unix milliseconds. */
  at: number;
  text: string;
  /** Found in the text where they are not given. */
  trace?: string;
  span?: string;
}

const TEXT_LIMIT = 1_000;
const MOST_WORDS = 10;

const traceContext = /\btrace[_-]?id["']?\s?[:=]\s?["']?([0-9a-z-]{8,64})/i;
const spanContext = /\bspan[_-]?id["']?\s?[:=]\s?["']?([0-9a-z-]{8,64})/i;
const contextWords = /\b(?:trace|span)[_-]?id["']?\s?[:=]\s?["']?[0-9a-z-]{0,64}/gi;
/** Words with digits are ids, dates, numbers, addresses. */
const mixed = /[\w.:-]{0,64}\d[\w.:-]{0,64}/g;
const word = /[A-Za-z][A-Za-z_]{1,40}/g;

/** The trace and span that a line names: "TraceID: 4bf9… SpanID: 00f0…", `"trace_id":"…"`. */
export function traceContextOf(text: string): { trace?: string; span?: string } {
  const head = text.slice(0, TEXT_LIMIT);
  const trace = traceContext.exec(head)?.[1];
  const span = spanContext.exec(head)?.[1];
  return { ...(trace !== undefined && { trace }), ...(span !== undefined && { span }) };
}

/** "key: [", "key={": what follows is data. */
const structure = /[:=]\s{0,2}[[{(][\s\S]*/;
/** Fields that hold a sentence, not a value. */
const spoken =
  /(?:level|lvl|severity|msg|message|err|error|event|reason|exception|cause|failed|failure)\W*$/i;
/** "[city: New York]": all of it is the value. */
const bracketed = /[[({]([^[\](){}:=]{1,60})[:=]([^[\](){}]{0,200})[\])}]/g;
/** "name: Berlin", "user=anna", but not what a sentence or a level is written into. */
const assigned =
  /\b(?!(?:level|lvl|severity|msg|message|err|error|event|reason|exception|cause)\b)\w{1,60}["']?\s?[:=]\s?["']?[\w./@-]{1,80}["']?(?=[\s,;\])}]|$)/gi;

/** The first ten words that no digit is part of and that are no value of a named field. */
export function wordsOf(text: string): string {
  const bare = text
    .slice(0, TEXT_LIMIT)
    .replace(contextWords, " ")
    .replace(bracketed, keyOfBracket)
    .replace(structure, " ")
    .replace(assigned, keyOnly)
    .replace(mixed, " ");
  return (bare.match(word) ?? []).slice(0, MOST_WORDS).join(" ");
}

function keyOfBracket(whole: string, key: string): string {
  return spoken.test(key) ? whole : ` ${key} `;
}

function keyOnly(pair: string): string {
  return pair.split(/[:=]/, 1)[0] ?? "";
}

const trouble =
  /\b(?:errors?|exceptions?|fail(?:ed|ure|s)?|fatal|panic|traceback|refused|timed? ?out|denied|cannot|unable|invalid)\b/i;

/** Whether a sentence (its constant words) reads as trouble: by its level where it has one, else by its words. */
export function readsAsTrouble(words: string): boolean {
  const level = words
    .split(" ", 2)
    .map(levelOfWord)
    .find((one) => one !== undefined);
  return level === "error" || level === "fatal" || trouble.test(words);
}
