// Where the groups of a stream are found: by id, by length and first word, by all words but the first.
import { coversAll } from "./columns.ts";
import { supportOf } from "./evidence.ts";
import { HOLE } from "./mask.ts";

export interface Group {
  id: string;
  /** Smaller is older: the older group survives a merge. */
  born: number;
  /** With HOLE for what varies. */
  words: string[];
  /** The same for people, see Words. */
  shown: string[];
  lines: number;
  /** When it was seen last: how many groups had been born. */
  seen: number;
}

/** Words of a sentence that must follow the first one before lines are compared by them alone. */
const TAIL_WORDS = 2;

export type GroupIndex = ReturnType<typeof makeGroupIndex>;

export function makeGroupIndex() {
  const byId = new Map<string, Group>();
  const buckets = new Map<string, Group[]>();
  const tails = new Map<string, Set<Group>>();

  function enter(group: Group) {
    byId.set(group.id, group);
    const key = keyOf(group.words);
    const bucket = buckets.get(key);
    if (bucket === undefined) buckets.set(key, [group]);
    else bucket.push(group);
    const tail = tailOf(group.words);
    if (tail !== undefined) tails.set(tail, (tails.get(tail) ?? new Set()).add(group));
  }

  function leave(group: Group) {
    byId.delete(group.id);
    const bucket = buckets.get(keyOf(group.words)) ?? [];
    bucket.splice(bucket.indexOf(group), 1);
    if (bucket.length === 0) buckets.delete(keyOf(group.words));
    const tail = tailOf(group.words) ?? "";
    if (tails.get(tail)?.delete(group) && tails.get(tail)?.size === 0) tails.delete(tail);
  }

  /** Groups as long, with the same first word. */
  const near = (words: readonly string[]): readonly Group[] => buckets.get(keyOf(words)) ?? [];
  /** Groups as long whose first word varies. */
  const anyFirst = (words: readonly string[]): readonly Group[] =>
    buckets.get(`${words.length} ${HOLE}`) ?? [];
  const fits = (words: readonly string[]) => (group: Group) => coversAll(group.words, words);

  return {
    enter,
    leave,
    near,
    anyFirst,
    /** The first group that the words fit into. */
    covering: (words: readonly string[]) =>
      near(words).find(fits(words)) ?? anyFirst(words).find(fits(words)),
    /** Groups that differ in nothing but the first word. */
    sameTail: (words: readonly string[]): ReadonlySet<Group> => tails.get(tailOf(words) ?? "") ?? new Set(),
    get: (id: string) => byId.get(id),
    all: () => [...byId.values()],
    size: () => byId.size,
  };
}

function keyOf(words: readonly string[]): string {
  const first = words[0] ?? "";
  return `${words.length} ${first.includes(HOLE) ? HOLE : first}`;
}

function tailOf(words: readonly string[]): string | undefined {
  if (words[0]?.includes(HOLE) || supportOf(words, [0]) < TAIL_WORDS) return undefined;
  return words.slice(1).join(" ");
}
