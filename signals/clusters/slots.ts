// Which words are parameters although they look like words: user names, services, states. Told by the company they
// keep (co-occurrence): a slot is a place between the same neighbours, and a slot that ever new words, or numbers,
// fill is open. The same idea as the n-gram dictionaries of Logram (Dai et al., TSE 2020), with an own criterion.
import { HOLE } from "./masks.ts";

/** A body of words and in how many lines (1 or more) it was seen. */
export interface Phrase {
  readonly body: readonly string[];
  lines: number;
}

/** A slot with fewer words than this says nothing. */
const FEW = 3;
/** A slot with so many different words is open, however often each was seen. */
const MANY = 6;
/** An open slot keeps bringing new words: this share of them was seen in one line only. */
const SEEN_ONCE = 0.4;
/** Neighbours that must be words: a slot between two numbers, or alone on its line, is no context. */
const NEIGHBOURS = 2;

const START = "^";
const END = "$";

interface Slot<P> {
  byWord: Map<string, Set<P>>;
  open: boolean;
}

/** The slots of all phrases. Adding, removing and repeating a phrase costs a step a word; the order does not matter. */
export function makeSlots<P extends Phrase>() {
  const slots = new Map<string, Slot<P>>();

  function visit(phrase: P, change: (slot: Slot<P>, word: string) => void): Set<P> {
    const touched = new Set<P>();
    for (const [index, word] of phrase.body.entries()) {
      const key = slotKey(phrase.body, index);
      if (key === undefined) continue;
      const slot = slots.get(key) ?? { byWord: new Map<string, Set<P>>(), open: false };
      slots.set(key, slot);
      change(slot, word);
      const open = isOpen(slot.byWord);
      if (open !== slot.open) {
        slot.open = open;
        for (const phrases of slot.byWord.values()) for (const one of phrases) touched.add(one);
      }
      if (slot.byWord.size === 0) slots.delete(key);
    }
    return touched;
  }

  return {
    /** Gives the phrases of which some word has now become a parameter, or stopped being one. */
    add: (phrase: P): Set<P> =>
      visit(phrase, ({ byWord }, word) => byWord.set(word, (byWord.get(word) ?? new Set<P>()).add(phrase))),
    /** As add; to be called before the phrase is dropped. */
    remove: (phrase: P): Set<P> =>
      visit(phrase, ({ byWord }, word) => {
        byWord.get(word)?.delete(phrase);
        if (byWord.get(word)?.size === 0) byWord.delete(word);
      }),
    /** As add; to be called after `lines` has changed. */
    repeat: (phrase: P): Set<P> => visit(phrase, () => undefined),
    /** The words of the phrase, with a hole for each parameter that looks like a word, unless none would be left. */
    withHoles(phrase: P): string[] {
      const words = phrase.body.map((word, index) => {
        const key = slotKey(phrase.body, index);
        return key !== undefined && slots.get(key)?.open === true ? HOLE : word;
      });
      return words.every((word) => word === HOLE) ? [...phrase.body] : words;
    },
  };
}

/**
 * Two neighbours to the left and one to the right; undefined where no parameter is expected: at the beginning of a
 * message, without context, and where the grammar asks for a verb ("failed to open", "cannot read").
 */
function slotKey(body: readonly string[], index: number): string | undefined {
  if (index === 0) return undefined;
  const [before = START, left = START, right = END] = [body[index - 2], body[index - 1], body[index + 1]];
  const words = [before, left, right].filter((one) => one !== HOLE && one !== START && one !== END).length;
  // A key names its value, whatever stands around it.
  if (words + (left.endsWith("=") ? 1 : 0) < NEIGHBOURS || asksForVerb(before, left)) return undefined;
  return `${before} ${left} _ ${right}`;
}

const auxiliary = /^(?:cannot|not|can|could|couldn|is|was|are|were|be|been|being)$/;
const attempt = /^(?:failed|unable|failure|able|trying|tried|attempt|attempted|attempting|going|order|want)$/;

function asksForVerb(before: string, left: string): boolean {
  return auxiliary.test(left) || (left === "to" && attempt.test(before));
}

function isOpen(byWord: ReadonlyMap<string, ReadonlySet<Phrase>>): boolean {
  if (byWord.has(HOLE)) return byWord.size > 1;
  if (byWord.size < FEW) return false;
  if (byWord.size >= MANY) return true;
  const once = [...byWord.values()].filter(seenOnce).length;
  return once >= SEEN_ONCE * byWord.size;
}

function seenOnce(phrases: ReadonlySet<Phrase>): boolean {
  const [only, another] = phrases;
  return another === undefined && only?.lines === 1;
}
