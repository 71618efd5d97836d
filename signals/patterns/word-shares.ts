// Which words stand in one place of a log line, and how often, in constant memory: the shares of the most frequent ones,
// and whether one that nobody knew has taken over.
import { ENOUGH_WINDOWS, FEWEST_SAMPLES, LASTING, TOLD_MS, WINDOW_MS } from "./number-level.ts";

export interface Takeover {
  /** Start of the first window in which it had the most. */
  since: number;
  before: string;
  after: string;
  /** Of the new one, in the last window. */
  share: number;
}

export interface WordShares {
  note(at: number, word: string): void;
  /** The most frequent first. */
  shares(): { value: string; share: number }[];
  takeover(now: number): Takeover | undefined;
}

interface Counts {
  at: number;
  words: Map<string, number>;
  all: number;
}

const MOST_WORDS = 16;
const SHOWN = 8;
/** After two hours a window counts half. */
const DECAY = 0.97;
const HALF = 0.5;
const UNKNOWN = 0.02;
/** Where the frequent words are less than this, the place holds ids and names, not one of a few values. */
const FEW_VALUES = 0.9;
const ENOUGH_WORDS = 60;
/** Where values take turns, one more turn is no news. */
const TURNS = 3;

export function makeWordShares(): WordShares {
  const base: Counts = { at: 0, words: new Map(), all: 0 };
  let windows = 0;
  let recent: Counts[] = [];
  let current: Counts | undefined;
  let found: Takeover | undefined;
  let turns = 0;

  function close(closed: Counts): void {
    if (closed.all < FEWEST_SAMPLES) return;
    recent.push(closed);
    if (found !== undefined) {
      found = { ...found, share: shareOf(closed, found.after) };
      if (found.share < HALF / 2 || closed.at - found.since >= TOLD_MS) found = undefined;
    }
    if (found === undefined && windows >= ENOUGH_WINDOWS && turns < TURNS) {
      found = takeoverOf(base, recent);
      if (found !== undefined) turns += 1;
    }
    if (recent.length < LASTING) return;
    const [oldest, ...rest] = recent;
    recent = rest;
    if (oldest !== undefined) join(base, oldest);
    windows += 1;
  }

  return {
    note(at, word) {
      const start = at - (at % WINDOW_MS);
      if (current !== undefined && start < current.at) return; // late: its window is closed
      if (current === undefined || start > current.at) {
        if (current !== undefined) close(current);
        current = { at: start, words: new Map(), all: 0 };
      }
      current.all += 1;
      const known = current.words.get(word);
      if (known !== undefined) current.words.set(word, known + 1);
      // A copy: a piece of a line would keep the whole of it in memory.
      else if (current.words.size < MOST_WORDS) current.words.set(copyOf(word), 1);
    },
    shares() {
      const all = [base, ...recent, ...(current ? [current] : [])].reduce((sum, one) => joined(sum, one), {
        at: 0,
        words: new Map<string, number>(),
        all: 0,
      });
      return ranked(all)
        .slice(0, SHOWN)
        .map(([value, count]) => ({ value, share: count / Math.max(all.all, 1) }));
    },
    takeover: (now) => (found !== undefined && now - found.since < TOLD_MS ? found : undefined),
  };
}

const copyOf = (word: string): string => JSON.parse(JSON.stringify(word)) as string;

function takeoverOf(base: Counts, recent: readonly Counts[]): Takeover | undefined {
  const [first] = recent;
  const last = recent.at(-1);
  if (recent.length < LASTING || first === undefined || last === undefined) return undefined;
  const few = [...base.words.values()].reduce((sum, one) => sum + one, 0) >= FEW_VALUES * base.all;
  if (!few || base.all < ENOUGH_WORDS) return undefined;
  const [after] = ranked(last)[0] ?? [""];
  const lasting = recent.every((one) => shareOf(one, after) >= HALF);
  const [before = ""] = ranked(base)[0] ?? [];
  if (!lasting || shareOf(base, after) > UNKNOWN) return undefined;
  return { since: first.at, before, after, share: shareOf(last, after) };
}

const shareOf = ({ words, all }: Counts, word: string): number => (words.get(word) ?? 0) / Math.max(all, 1);

const ranked = ({ words }: Counts): [string, number][] =>
  [...words].toSorted(([one, a], [other, b]) => b - a || (one < other ? -1 : 1));

/** Older counts fade; the words that are seldom are forgotten, though counted. */
function join(base: Counts, { words, all }: Counts): void {
  for (const [word, count] of base.words) base.words.set(word, count * DECAY);
  base.all = base.all * DECAY + all;
  for (const [word, count] of words) base.words.set(word, (base.words.get(word) ?? 0) + count);
  for (const [word] of ranked(base).slice(MOST_WORDS)) base.words.delete(word);
}

function joined(one: Counts, { words, all }: Counts): Counts {
  const sum = new Map(one.words);
  for (const [word, count] of words) sum.set(word, (sum.get(word) ?? 0) + count);
  return { at: 0, words: sum, all: one.all + all };
}
