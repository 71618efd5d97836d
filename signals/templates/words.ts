// The words of a line between its spaces, as the groups compare them and as people read them.
import { HOLE, MASK_LIMIT, type Masked } from "./mask.ts";

export interface Words {
  /** With HOLE for what varies. */
  masked: string[];
  /** Word by word the same, with what may prove to be part of a name as it was written: "http2_open", "ssh2", "'safety'". */
  written: string[];
}

/** Quoted text, a date and a list of three or more numbers are one word each. */
export function wordsOf(text: string, start: number, { holes, count }: Masked): Words {
  const words: Words = { masked: [], written: [] };
  let [masked, written, from] = ["", "", start];
  const push = () => {
    if (masked === "") return;
    words.masked.push(masked);
    words.written.push(written);
    masked = written = "";
  };
  const literal = (to: number) => {
    for (const [index, part] of text.slice(from, to).split(blank).entries()) {
      if (index > 0) push();
      masked += part;
      written += part;
    }
  };
  for (let hole = 0; hole < count; hole++) {
    const [begin, end] = [holes[2 * hole] as number, holes[2 * hole + 1] as number];
    literal(begin);
    masked += HOLE;
    written += perhapsName(text.slice(begin, end));
    from = end;
  }
  literal(Math.min(text.length, start + MASK_LIMIT));
  push();
  return withLists(words);
}

const blank = /[\s\p{Cc}]+/u;
const nothing = /^(?:null|undefined)$/i;
const fewDigits = /^[a-z][a-z_.$-]*(?:\d{1,3}[a-z_.$-]+)?\d{0,3}$/i;
const plainText = /^[a-z][a-z_. -]*$/i;
const hostName = /^[^A-Z]*\.[^A-Z]*\.[^A-Z]*$/;

function perhapsName(hole: string): string {
  if (nothing.test(hole) || hostName.test(hole)) return HOLE;
  if (plainText.test(hole)) return hole;
  const digits = hole.length - hole.replace(/\d/g, "").length;
  return fewDigits.test(hole) && digits * 2 <= hole.length ? hole : HOLE;
}

/** Lists of values are as long as they like: "7 8 9", "[7, 8]". */
const LIST = 3;
const ITEM = `${HOLE},`;

function withLists({ masked, written }: Words): Words {
  const words: Words = { masked: [], written: [] };
  for (let index = 0; index < masked.length; ) {
    const word = masked[index] as string;
    const end = word.endsWith(ITEM) ? commaListEnd(masked, index) : listEnd(masked, index);
    const last = masked[end - 1] as string;
    words.masked.push(end > index + 1 && word !== HOLE ? word.slice(0, -ITEM.length) + last : word);
    words.written.push(written.slice(index, end).join(" "));
    index = end;
  }
  return words;
}

function listEnd(masked: readonly string[], from: number): number {
  let end = from;
  while (masked[end] === HOLE) end++;
  return end - from >= LIST ? end : from + 1;
}

function commaListEnd(masked: readonly string[], from: number): number {
  let end = from + 1;
  while (masked[end] === ITEM) end++;
  const closed = masked[end]?.startsWith(HOLE) === true;
  const few = masked[from]?.startsWith("[") ? 2 : LIST;
  return closed && end + 1 - from >= few ? end + 1 : from + 1;
}
