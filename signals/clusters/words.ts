// A line as the words that tell which error it is: who spoke (head) and what was said (body), numbers as holes.
import { readJsonLine, readLogfmt } from "../log-fields.ts";
import { headerEnd } from "./header.ts";
import { HOLE, masked } from "./masks.ts";

export interface Words {
  /** Host, program, level, thread: each once, in order. */
  head: readonly string[];
  /** The message in order, with holes; `key=` stays apart from the word. */
  body: readonly string[];
}

const HEAD_WORDS = 16;
const BODY_WORDS = 64;
const WORD_CHARS = 100;

/** Words of letters and digits, joined by dots and hyphens; with a "=" behind them they name what follows. */
const word = /\*|[\p{L}\p{M}\p{N}_$]+(?:[.-][\p{L}\p{M}\p{N}_$]+)*=?/gu;

/** At most 16 and 64 words, in the case they were written in. Of a stack trace only the lines that say what happened. */
export function readWords(text: string): Words {
  const message = readJsonLine(text)?.message ?? readLogfmt(text)?.message ?? text;
  const line = masked(withoutFrames(message));
  const end = headerEnd(line);
  const head = wordsOf(line.slice(0, end));
  const body = wordsOf(line.slice(end));
  // Some lines are all header.
  if (body.every((one) => one === HOLE)) return { head: [], body: head.slice(0, BODY_WORDS) };
  return {
    head: [...new Set(head.filter((one) => one !== HOLE))].slice(0, HEAD_WORDS),
    body: body.slice(0, BODY_WORDS),
  };
}

/** Whatever has a digit in it is a hole; several in a row are one. */
function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (const [found] of text.matchAll(word)) {
    if (found !== HOLE && !/\p{N}/u.test(found)) words.push(found.slice(0, WORD_CHARS));
    else if (words.at(-1) !== HOLE) words.push(HOLE);
  }
  return words;
}

/** The frames of a trace are indented (Java, Node, Python, Go); the error and its causes are not. */
function withoutFrames(text: string): string {
  const [first = "", ...rest] = text.slice(0, 16_000).trim().split("\n");
  return [first, ...rest.filter((line) => /^\S/.test(line)).slice(0, 5)].join("\n");
}
