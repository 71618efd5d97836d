// An item: all lines that read the same once what varies by its looks is taken out. The clustering works on items, so
// that a line seen before costs next to nothing.
import type { Phrase } from "./slots.ts";
import { readWords, type Words } from "./words.ts";

/** A line of a log, or a template in its place. */
export interface ErrorLine {
  text: string;
  /** ms since 1970. Tells a line that came again from a line that was delivered twice. */
  at?: number;
  service?: string;
  /** How many like it came; 1 where it is not said. */
  lines?: number;
}

/** What is kept of an item, as plain JSON. */
export interface ItemState {
  words: Words;
  /** The first line that was seen, cut. */
  sample: string;
  count: number;
  /** Hashes of the first few lines: one delivered twice is one. */
  seen: number[];
  services: string[];
  firstAt?: number;
  lastAt?: number;
  /** The latest minutes (since 1970) in which it was seen, ascending. */
  minutes: number[];
  /** The cluster it is in. */
  cluster?: number;
}

export interface Item extends Phrase {
  readonly key: string;
  /** In lower case. */
  readonly head: readonly string[];
  readonly state: ItemState;
}

/** Lines told apart: more than this says nothing more about whether a word or an error repeats. */
const LINES_TOLD_APART = 2;
const SAMPLE_CHARS = 500;
const SERVICES = 20;
const MINUTES = 32;
const MINUTE_MS = 60_000;

/** The item that a line belongs to, as if it had not been seen yet. */
export function itemOf(text: string): Item {
  const words = readWords(text);
  const sample = text.slice(0, SAMPLE_CHARS);
  return itemFrom({ words, sample, count: 0, seen: [], services: [], minutes: [] });
}

/** The item as it was when its state was kept. */
export function itemFrom(state: ItemState): Item {
  const [head, body] = [state.words.head, state.words.body].map((words) =>
    words.map((word) => word.toLowerCase()),
  ) as [string[], string[]];
  return { key: `${head.join(" ")}: ${body.join(" ")}`, head, body, lines: state.seen.length, state };
}

/** Counts the line in; true when the item has become more than it was: seen in one line more, of the first few. */
export function countIn({ text, at, service, lines = 1 }: ErrorLine, item: Item, minLines: number): boolean {
  const { state } = item;
  state.count += lines;
  if (service !== undefined && state.services.length < SERVICES && !state.services.includes(service)) {
    state.services = [...state.services, service].sort();
  }
  if (at !== undefined && Number.isFinite(at)) timeIn(state, at);
  if (item.lines >= Math.max(LINES_TOLD_APART, minLines)) return false;
  const hash = hashOf(`${at ?? ""} ${text}`);
  if (state.seen.includes(hash)) return false;
  state.seen.push(hash);
  item.lines = state.seen.length;
  return true;
}

function timeIn(state: ItemState, at: number): void {
  state.firstAt = Math.min(at, state.firstAt ?? at);
  state.lastAt = Math.max(at, state.lastAt ?? at);
  const minute = Math.floor(at / MINUTE_MS);
  if (state.minutes.includes(minute)) return;
  state.minutes = [...state.minutes, minute].sort((a, b) => a - b).slice(-MINUTES);
}

/** FNV-1a, 32 bits: no secret is kept here, only a few lines of one item are told apart. */
function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
