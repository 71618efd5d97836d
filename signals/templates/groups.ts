// The groups of one stream of lines: a look into a table of masked lines finds nearly all of them; only what is new
// is compared with the groups of as many words. What is decided depends on which lines came, not on how often.
import { generalise } from "./columns.ts";
import { contextOf, ENOUGH_FIRST, nearTo, varies } from "./evidence.ts";
import { type Group, makeGroupIndex } from "./group-index.ts";
import { makeLineTable } from "./line-table.ts";
import { type Masked, makeScanner } from "./mask.ts";
import { wordsOf } from "./words.ts";

export interface SavedGroups {
  born: number;
  groups: Group[];
  /** Ids of groups that went up in others. */
  merged: [from: string, to: string][];
  contexts: string[];
}

export interface GroupLimits {
  groups: number;
  /** Groups of as many words with the same first word. */
  bucket: number;
  /** Masked lines whose group is known at once. */
  table: number;
}

const usual: GroupLimits = { groups: 4_000, bucket: 256, table: 32_768 };
/** Of the groups beyond a limit those not seen for longest are dropped, until this share of the limit is left. */
const KEPT = 0.9;
/** Lines of a group whose wording is looked at; after that every one whose number is a power of two. */
const CLOSELY = 32;

export function makeGroups(saved?: SavedGroups, limits: GroupLimits = usual) {
  const scan = makeScanner();
  const table = makeLineTable<Group>(limits.table);
  const index = makeGroupIndex();
  const merged = new Map<string, string>(saved?.merged);
  const contexts = new Set<string>(saved?.contexts);
  /** Contexts that other groups were not yet asked about. */
  const fresh: string[] = [];
  let born = saved?.born ?? 0;
  for (const group of saved?.groups ?? []) index.enter(structuredClone(group));

  /** Puts a line whose message begins at `start` into its group. */
  function add(text: string, start: number): Group {
    const masked = scan(text, start);
    const group = table.get(masked.hash) ?? addNew(text, start, masked);
    group.seen = born;
    const lines = ++group.lines;
    if (lines <= CLOSELY || (lines & (lines - 1)) === 0) refine(group, text, start, masked);
    return group;
  }

  /** The group that a line fits into as things are; nothing is noted. */
  function look(text: string, start: number): Group | undefined {
    const masked = scan(text, start);
    return table.get(masked.hash) ?? index.covering(wordsOf(text, start, masked).masked);
  }

  function addNew(text: string, start: number, masked: Masked): Group {
    const { masked: words, written } = wordsOf(text, start, masked);
    const group = index.covering(words) ?? place(words, written, masked.hash.toString(36));
    return table.set(masked.hash, group);
  }

  function place(words: string[], shown: string[], hash: string): Group {
    const id = index.get(hash) || merged.has(hash) ? `${hash}-${born}` : hash;
    // A copy: pieces of a text would keep the whole of it in memory.
    const group = structuredClone({ id, born: born++, words, shown, lines: 0, seen: born });
    enter(group);
    makeRoom(group);
    const home = settle(group);
    settleContexts();
    return find(home.id) ?? home;
  }

  function enter(group: Group) {
    index.enter(group);
    // A line with this first word may have been in a group of any first word; from now on it is in this one.
    if (index.anyFirst(group.words).length > 0) table.clear();
  }

  /** Merges a group with those from which it differs in nothing that counts. */
  function settle(group: Group): Group {
    for (let whole = group; ; ) {
      const partners = partnersOf(whole);
      if (partners.length === 0) return whole;
      whole = unite([whole, ...partners]);
    }
  }

  function partnersOf(group: Group): Group[] {
    const { same, near } = nearTo(group, index.near(group.words));
    if (same !== undefined) return [same];
    for (const { columns, others } of near) if (mayMerge([group, ...others], columns)) return others;
    const alike = index.sameTail(group.words);
    return alike.size >= ENOUGH_FIRST ? [...alike].filter((other) => other !== group) : [];
  }

  function mayMerge(groups: Group[], columns: number[]): boolean {
    const [{ words }] = groups as [Group];
    const known = columns.map((at) => contextOf(words, at));
    if (known.every((context) => contexts.has(context))) return true;
    if (!varies(groups, columns)) return false;
    for (const context of known) learn(context);
    return true;
  }

  function learn(context: string) {
    if (context === "" || contexts.has(context)) return;
    contexts.add(context);
    fresh.push(context);
  }

  /** What was learned about a column holds for the groups that were there before. */
  function settleContexts() {
    for (let context = fresh.pop(); context !== undefined; context = fresh.pop()) {
      for (const group of index.all()) {
        const has = group.words.some((_, at) => contextOf(group.words, at) === context);
        if (has && index.get(group.id) === group) settle(group);
      }
    }
  }

  function unite(groups: Group[]): Group {
    const [oldest, ...rest] = groups.toSorted((one, other) => one.born - other.born) as [Group, ...Group[]];
    for (const other of rest) {
      index.leave(other);
      merged.set(other.id, oldest.id);
    }
    return absorb(oldest, rest);
  }

  function absorb(group: Group, others: readonly Group[]): Group {
    index.leave(group);
    for (const other of others) {
      group.words = group.words.map((word, at) => generalise(word, other.words[at] ?? word));
      group.shown = group.shown.map((word, at) => generalise(word, other.shown[at] ?? word));
      group.lines += other.lines;
    }
    index.enter(group);
    table.clear();
    return group;
  }

  function makeRoom(group: Group) {
    const bucket = index.near(group.words);
    if (bucket.length > limits.bucket) drop(bucket, group, limits.bucket);
    if (index.size() > limits.groups) drop(index.all(), group, limits.groups);
    const tooMany = Math.max(0, merged.size - 2 * limits.groups);
    for (const id of [...merged.keys()].slice(0, tooMany)) merged.delete(id);
  }

  function drop(groups: readonly Group[], but: Group, limit: number) {
    const latest = groups.toSorted((one, other) => other.seen - one.seen || other.born - one.born);
    for (const group of latest.slice(Math.floor(KEPT * limit))) if (group !== but) index.leave(group);
    table.clear();
  }

  /** The group of this id, or the one that it went up in. */
  function find(id: string): Group | undefined {
    let survivor = id;
    for (let next = merged.get(id); next !== undefined; next = merged.get(next)) survivor = next;
    return index.get(survivor);
  }

  /** Puts lines that were taken as a whole into the group of their message. */
  function move({ id, text, lines }: { id: string; text: string; lines: number }, start: number) {
    const before = find(id);
    const group = add(text, start);
    group.lines += lines - 1;
    if (before === undefined || before === group || index.get(before.id) !== before) return;
    before.lines -= lines;
    if (before.lines > 0) return;
    index.leave(before);
    merged.set(before.id, group.id);
    table.clear();
  }

  /** Joins the groups of another worker. Ids of both go on to be found. */
  function merge(other: SavedGroups) {
    for (const theirs of other.groups) join(structuredClone(theirs));
    for (const context of other.contexts) learn(context);
    const targets = new Map(other.merged);
    for (const [from, to] of other.merged) {
      let last = to;
      for (let next = targets.get(to); next !== undefined; next = targets.get(next)) last = next;
      alias(from, last);
    }
    settleContexts();
  }

  function join(theirs: Group) {
    const own = find(theirs.id) ?? index.covering(theirs.words);
    if (own === undefined || own.words.length !== theirs.words.length) {
      const group = { ...theirs, born: born++, seen: born };
      enter(group);
      makeRoom(group);
      settle(group);
    } else {
      settle(absorb(own, [theirs]));
      alias(theirs.id, own.id);
    }
  }

  function alias(from: string, to: string) {
    const [one, other] = [find(from), find(to)];
    if (other === undefined || one === other) return;
    if (one === undefined) merged.set(from, other.id);
    else if (one.words.length === other.words.length) settle(unite([one, other]));
  }

  function save(): SavedGroups {
    return structuredClone({ born, groups: index.all(), merged: [...merged], contexts: [...contexts] });
  }

  return { add, look, find, move, merge, save, all: index.all, contexts: contexts as ReadonlySet<string> };
}

function refine(group: Group, text: string, start: number, masked: Masked) {
  const { written } = wordsOf(text, start, masked);
  group.shown = group.shown.map((shown, at) => generalise(shown, written[at] ?? shown));
}
