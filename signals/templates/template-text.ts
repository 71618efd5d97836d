// A group's template as people read it.
import { contextOf } from "./evidence.ts";
import type { Group } from "./group-index.ts";
import { HOLE } from "./mask.ts";

const truth = /(?<![\w.])(?:true|false)(?![\w.])/g;

/** "<*>" for what varies, one space between words. */
export function templateText(
  { words, shown }: Pick<Group, "words" | "shown">,
  contexts: ReadonlySet<string>,
): string {
  const text = shown
    .map((word, at) => (contexts.has(contextOf(words, at)) ? parameter(word) : word))
    .join(" ");
  return text.replaceAll(truth, HOLE).replaceAll(HOLE, "<*>");
}

/** A word that stands where others vary. */
function parameter(word: string): string {
  return word.replace(/[\w.-]+$/, HOLE);
}
