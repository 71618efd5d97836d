// Events that came lately, known by (source, id) over restarts: a number stands for each, so that a million of them are
// a few megabytes, in memory as in the store.
import { hash } from "node:crypto";
import type { LogEvent } from "./log-source.ts";

export interface RecentIds {
  /** False for one that came lately. */
  add(id: number): boolean;
}

/** 53 bits: with a million of them known, one event in 10^10 is taken for another one. Never 0. */
export function idNumber({ source, rawId }: Pick<LogEvent, "source" | "rawId">): number {
  // Of its 56 first bits; a text is made quicker than a buffer.
  const digits = hash("sha1", `${source}\n${rawId}`, "hex");
  return (
    Number.parseInt(digits.slice(0, 12), 16) * 32 + (Number.parseInt(digits.slice(12, 14), 16) >> 3) || 1
  );
}

/** Knows the newest `most`; when there are more, the older half is forgotten at once. */
export function makeRecentIds(most: number): RecentIds {
  const half = Math.max(1, Math.ceil(most / 2));
  let young = makeNumbers(half);
  let old = makeNumbers(half);
  return {
    add(id) {
      if (young.has(id) || old.has(id)) return false;
      if (young.size() >= half) [young, old] = [makeNumbers(half), young];
      young.add(id);
      return true;
    },
  };
}

/** A set of numbers above 0 in one piece of memory, which holds each where its last bits say, or right behind. */
function makeNumbers(most: number) {
  const slots = new Float64Array(2 ** Math.ceil(Math.log2(most * 2)));
  let size = 0;

  function slotOf(id: number): number {
    let slot = id % slots.length;
    while (slots[slot] !== 0 && slots[slot] !== id) slot = (slot + 1) % slots.length;
    return slot;
  }

  return {
    size: () => size,
    has: (id: number): boolean => slots[slotOf(id)] === id,
    add(id: number): void {
      slots[slotOf(id)] = id;
      size += 1;
    },
  };
}
