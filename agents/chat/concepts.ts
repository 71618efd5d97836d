// The words of questions, and what they mean: every wording of one idea becomes one concept, so that an intent needs
// no list of sentences. Other endings of a word are that word; misspelt ones are taken for the known word that is nearest.
import { nearest } from "./near.ts";
import { ORDINARY, rootOf } from "./plain-words.ts";
import { type Concept, WORDINGS } from "./wordings.ts";

export type { Concept };

const single = new Map<string, Concept[]>();
const roots = new Map<string, Set<Concept>>();
const several: { words: string[]; concept: Concept }[] = [];
for (const [concept, wordings] of Object.entries(WORDINGS) as [Concept, string][]) {
  for (const wording of wordings.split("|")) {
    const words = wording.split(" ");
    if (words.length > 1) {
      several.push({ words, concept });
      continue;
    }
    single.set(wording, [...(single.get(wording) ?? []), concept]);
    if (wording.length < 5) continue;
    const root = rootOf(wording);
    if (ORDINARY.has(root)) continue;
    roots.set(root, (roots.get(root) ?? new Set()).add(concept));
  }
}
const parts = new Set(several.flatMap(({ words }) => words));
const vocabulary = [...single.keys()].filter((one) => one.length >= 4);

/** What may stand within a wording of several words: "have you already done". */
const BETWEEN: ReadonlySet<string> = new Set(
  "really already actually just all ever even exactly then now again you it this that the a my any".split(
    " ",
  ),
);

/** What programs call their errors: "ECONNREFUSED", "PAYMENTS_TIMEOUT", "502". */
const CODE =
  /^(e(conn|time|no|acces|pipe|mfile|nfile|addr|host|perm|exist|io|busy)[a-z]*|sig(kill|term|segv|abrt|int|hup|bus)|[45]\d\ds?|[a-z]+_[a-z_]+)$/;

export interface Understood {
  concepts: Set<Concept>;
  /** Words that mean nothing that is known here. */
  unknown: string[];
}

/**
 * What the words mean. `names` are words that name something already, and are never corrected; `symptoms` are the
 * words for trouble that the playbooks know.
 */
export function conceptsOf(
  words: readonly string[],
  names: ReadonlySet<string>,
  symptoms: ReadonlySet<string> = new Set(),
): Understood {
  const concepts = new Set<Concept>();
  const explained = new Set<string>();
  const corrected = words.map((word) => corrections(word, names, symptoms));
  for (const { words: wording, concept } of several) {
    const where = placesOf(wording, corrected);
    if (where === undefined) continue;
    concepts.add(concept);
    for (const at of where) explained.add(words[at] ?? "");
  }
  for (const [index, word] of corrected.entries()) {
    const given = words[index] ?? word;
    if (names.has(given)) continue;
    const own = single.get(word) ?? (ORDINARY.has(word) ? [] : [...(roots.get(rootOf(word)) ?? [])]);
    for (const concept of own) concepts.add(concept);
    if (own.length > 0) explained.add(given);
    else if (CODE.test(word)) {
      concepts.add("code");
      explained.add(given);
    } else if (symptoms.has(word) && !ORDINARY.has(word)) {
      concepts.add("symptom");
      explained.add(given);
    }
  }
  if (/^(is|are)$/.test(words[0] ?? "")) concepts.add("whether");
  const unknown = words.filter(
    (word) => !explained.has(word) && !names.has(word) && !ORDINARY.has(word) && !/\d/.test(word),
  );
  return { concepts, unknown };
}

function corrections(word: string, names: ReadonlySet<string>, symptoms: ReadonlySet<string>): string {
  const isKnown =
    names.has(word) ||
    single.has(word) ||
    parts.has(word) ||
    ORDINARY.has(word) ||
    symptoms.has(word) ||
    roots.has(rootOf(word));
  return isKnown ? word : (meant(word) ?? word);
}

/** The known word that is nearest; of several as near, one where all mean the same. */
function meant(word: string): string | undefined {
  // The first letter is seldom mistaken: "billing" is not "filling".
  const [first, ...others] = nearest(
    word,
    vocabulary.filter((one) => one[0] === word[0]),
  );
  const concepts = single.get(first ?? "") ?? [];
  const same = others.every((one) => single.get(one)?.some((concept) => concepts.includes(concept)));
  return same ? first : undefined;
}

const isSame = (one: string | undefined, other: string): boolean =>
  one === other ||
  (one !== undefined && other.length >= 4 && !ORDINARY.has(other) && rootOf(one) === rootOf(other));

/** Where the wording's words stand, in their order, with at most one small word between each two. */
function placesOf(wording: readonly string[], words: readonly string[]): number[] | undefined {
  for (const [start, begin] of words.entries()) {
    if (!isSame(begin, wording[0] ?? "")) continue;
    const places = [start];
    for (const next of wording.slice(1)) {
      const at = (places.at(-1) ?? start) + 1;
      if (isSame(words[at], next)) places.push(at);
      else if (isSame(words[at + 1], next) && BETWEEN.has(words[at] ?? "")) places.push(at + 1);
      else break;
    }
    if (places.length === wording.length) return places;
  }
  return undefined;
}
