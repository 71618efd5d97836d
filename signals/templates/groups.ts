// The groups of one stream of lines: a look into a table of masked lines finds nearly all of them; only what is new
// is compared with the groups of as many words. What is decided depends on which lines came, not on how often.
import { coversAll, differences, generalise } from "./columns.ts";
import { contextOf, ENOUGH_FIRST, supportOf, varies } from "./evidence.ts";
import { HOLE, type Masked, makeScanner } from "./mask.ts";
import { type Words, wordsOf } from "./words.ts";

export interface Group {
  id: string;
  /** Smaller is older: the older group survives a merge. */
  born: number;
  /** With HOLE for what varies. */
  words: string[];
  /** The same for people, see Words. */
  shown: string[];
  lines: number;
  /** When it was seen last, counted in new lines. */
  seen: number;
}

export interface SavedGroups {
  born: number;
  groups: Group[];
  /** Ids of groups that went up in others. */
  merged: [string, string][];
  contexts: string[];
}

export interface GroupLimits {
  groups: number;
  /** Groups of as many words with the same first word. */
  bucket: number;
  table: number;
}

const usual: GroupLimits = { groups: 4_000, bucket: 256, table: 32_768 };
/** From here on a bucket that grows is evidence by itself: one more column may differ each time it doubles. */
const CROWDED = 64;
/** Lines of a group that are looked at closely; after that every one whose number is a power of two. */
const CLOSELY = 32;

export type Groups = ReturnType<typeof makeGroups>;

export function makeGroups(saved?: SavedGroups, limits: GroupLimits = usual) {
  const scan = makeScanner();
  let table = new Map<number, Group>();
  let older = new Map<number, Group>();
  const buckets = new Map<string, Group[]>();
  const tails = new Map<string, Set<Group>>();
  const byId = new Map<string, Group>();
  const merged = new Map<string, string>(saved?.merged);
  const contexts = new Set<string>(saved?.contexts);
  const fresh: string[] = [];
  let born = saved?.born ?? 0;
  for (const group of saved?.groups ?? []) enter(structuredClone(group));

  /** The group of a line whose message begins at `start`. */
  function add(text: string, start: number): Group {
    const masked = scan(text, start);
    let group = table.get(masked.hash);
    if (group === undefined) group = addNew(text, start, masked);
    const lines = ++group.lines;
    if (lines <= CLOSELY || (lines & (lines - 1)) === 0) look(group, text, start, masked);
    return group;
  }

  function addNew(text: string, start: number, masked: Masked): Group {
    const known = older.get(masked.hash);
    const group = known ?? place(wordsOf(text, start, masked), masked.hash.toString(36));
    group.seen = born;
    if (table.size >= limits.table) [older, table] = [table, new Map()];
    table.set(masked.hash, group);
    return group;
  }

  function look(group: Group, text: string, start: number, masked: Masked) {
    const { written } = wordsOf(text, start, masked);
    group.shown = group.shown.map((shown, at) => generalise(shown, written[at] ?? shown));
  }

  function place(words: Words, id: string): Group {
    const known = covering(words.masked);
    if (known !== undefined) return known;
    const unique = byId.has(id) || merged.has(id) ? `${id}-${born}` : id;
    const group = {
      id: unique,
      born: born++,
      words: words.masked,
      shown: words.written,
      lines: 0,
      seen: born,
    };
    enter(group);
    makeRoom(group);
    const home = settle(group);
    settleContexts();
    return find(home.id) ?? home;
  }

  function covering(words: readonly string[]): Group | undefined {
    const fits = (group: Group) => coversAll(group.words, words);
    return bucketOf(words).find(fits) ?? buckets.get(`${words.length} ${HOLE}`)?.find(fits);
  }

  /** Merges the group with those that differ from it by nothing that counts. */
  function settle(group: Group): Group {
    for (;;) {
      const partners = partnersOf(group);
      if (partners.length === 0) return group;
      group = unite([group, ...partners]);
    }
  }

  function partnersOf(group: Group): Group[] {
    const near = new Map<number, Group[]>();
    for (const other of bucketOf(group.words)) {
      const [at, ...more] = other === group ? [0] : differences(group.words, other.words, 1);
      if (at === undefined) return [other];
      if (at > 0 && more.length === 0) near.set(at, [...(near.get(at) ?? []), other]);
    }
    for (const [at, others] of near) if (mayMerge(group, at, others)) return others;
    const tail = tails.get(tailOf(group.words)) ?? new Set();
    return tail.size >= ENOUGH_FIRST ? [...tail].filter((other) => other !== group) : [];
  }

  function mayMerge({ words }: Group, at: number, others: Group[]): boolean {
    const context = contextOf(words, at);
    if (contexts.has(context)) return true;
    if (
      !varies(
        words,
        at,
        [words, ...others.map((other) => other.words)].map((some) => some[at] as string),
      )
    )
      return false;
    contexts.add(context);
    fresh.push(context);
    return true;
  }

  /** What was learned about a column holds for the groups that were there before. */
  function settleContexts() {
    for (let context = fresh.pop(); context !== undefined; context = fresh.pop()) {
      for (const group of byId.values()) {
        if (
          byId.get(group.id) === group &&
          group.words.some((_, at) => contextOf(group.words, at) === context)
        )
          settle(group);
      }
    }
  }

  function unite(all: Group[]): Group {
    const [oldest, ...rest] = all.sort((one, other) => one.born - other.born) as [Group, ...Group[]];
    for (const group of all) leave(group);
    for (const other of rest) {
      oldest.words = oldest.words.map((word, at) => generalise(word, other.words[at] as string));
      oldest.shown = oldest.shown.map((word, at) => generalise(word, other.shown[at] as string));
      oldest.lines += other.lines;
      merged.set(other.id, oldest.id);
    }
    enter(oldest);
    forget();
    return oldest;
  }

  function enter(group: Group) {
    byId.set(group.id, group);
    bucketOf(group.words).push(group);
    const tail = tailOf(group.words);
    if (tail !== "") tails.set(tail, (tails.get(tail) ?? new Set()).add(group));
  }

  function leave(group: Group) {
    byId.delete(group.id);
    const bucket = bucketOf(group.words);
    bucket.splice(bucket.indexOf(group), 1);
    if (bucket.length === 0) buckets.delete(keyOf(group.words));
    const tail = tails.get(tailOf(group.words));
    tail?.delete(group);
    if (tail?.size === 0) tails.delete(tailOf(group.words));
  }

  function bucketOf(words: readonly string[]): Group[] {
    const key = keyOf(words);
    const bucket = buckets.get(key) ?? [];
    if (bucket.length === 0) buckets.set(key, bucket);
    return bucket;
  }

  /** The table may name groups that are gone, or narrower than what now covers a line. */
  function forget() {
    table.clear();
    older.clear();
  }

  /** Keeps within the limits: by merging what is alike in a crowded bucket, then by dropping what was not seen for longest. */
  function makeRoom(group: Group) {
    const bucket = bucketOf(group.words);
    if (bucket.length > CROWDED) {
      const alike = likest(group, bucket, 1 + Math.floor(Math.log2(bucket.length / CROWDED)));
      if (alike !== undefined) unite([group, alike]);
    }
    if (bucket.length > limits.bucket) drop(bucket, 0.9 * limits.bucket);
    if (byId.size > limits.groups) drop([...byId.values()], 0.9 * limits.groups);
    const tooMany = merged.size - 2 * limits.groups;
    for (const id of [...merged.keys()].slice(0, Math.max(0, tooMany))) merged.delete(id);
  }

  function drop(some: Group[], keep: number) {
    const last = [...some].sort((one, other) => other.seen - one.seen || other.born - one.born);
    for (const group of last.slice(Math.floor(keep))) leave(group);
    forget();
  }

  function find(id: string): Group | undefined {
    let survivor = id;
    for (let next = merged.get(id); next !== undefined; next = merged.get(next)) survivor = next;
    return byId.get(survivor);
  }

  /** Takes a line out of a group that it was put into before its header was known. */
  function move(id: string, text: string, start: number) {
    const group = add(text, start);
    const before = find(id);
    if (before === undefined || before === group) return;
    if (--before.lines > 0) return;
    leave(before);
    merged.set(before.id, group.id);
    forget();
  }

  /** Joins what another worker found in its part of the same stream. */
  function merge(other: SavedGroups) {
    for (const [from, to] of other.merged) if (!byId.has(from) && from !== to) merged.set(from, to);
    for (const context of other.contexts)
      if (!contexts.has(context)) {
        contexts.add(context);
        fresh.push(context);
      }
    for (const theirs of other.groups) {
      const own = find(theirs.id) ?? covering(theirs.words);
      if (own !== undefined) {
        own.lines += theirs.lines;
        if (own.id !== theirs.id) merged.set(theirs.id, own.id);
        continue;
      }
      const group = { ...structuredClone(theirs), born: born++, seen: born };
      enter(group);
      settle(group);
    }
    settleContexts();
  }

  function save(): SavedGroups {
    return {
      born,
      groups: structuredClone([...byId.values()]),
      merged: [...merged],
      contexts: [...contexts],
    };
  }

  return {
    add,
    find,
    move,
    merge,
    save,
    all: () => [...byId.values()],
    contexts: contexts as ReadonlySet<string>,
  };
}

function keyOf(words: readonly string[]): string {
  const first = words[0] ?? "";
  return `${words.length} ${first.includes(HOLE) ? HOLE : first}`;
}

/** All but the first word, where that is enough to know a line by; else "". */
function tailOf(words: readonly string[]): string {
  return supportOf(words, 0) >= 2 && !words[0]?.includes(HOLE) ? words.slice(1).join(" ") : "";
}

function likest(group: Group, bucket: readonly Group[], limit: number): Group | undefined {
  let best: { other: Group; count: number } | undefined;
  for (const other of bucket) {
    const found = other === group ? [0] : differences(group.words, other.words, limit);
    if (found.includes(0) || found.length > (best?.count ?? limit)) continue;
    const common = group.words.filter(
      (word, at) => word === other.words[at] && /[a-z]{2}/i.test(word),
    ).length;
    if (common > found.length) best = { other, count: found.length - 1 };
  }
  return best?.other;
}
