// What may be cleared for one service now: of its fullest file system, file by file, as its owner's rules allow. Only
// looks. The plan names each file; where there are too many of them, folders with their number and size.
import { dirname, join } from "node:path";
import type { CleanUpRule } from "../domain/service.ts";
import { type ClearableFile, clearableFiles, fileSystemOf, type FileSystemUse } from "./clean-up-files.ts";
import { isBelow } from "./paths-below.ts";
import { isOpen } from "./removed-file.ts";
import { openFiles } from "./open-files.ts";

export interface ClearingItem {
  /** A file, or a folder below which so many files go. */
  path: string;
  does: "empty" | "remove";
  files: number;
  bytes: number;
}

export interface Clearable {
  /** The moment to which ages were counted. */
  at: number;
  fileSystem: FileSystemUse;
  items: ClearingItem[];
  files: number;
  /** Temporary files old enough that stay, since somebody has them open: removing them would free nothing. */
  inUse: { files: number; bytes: number };
  /** What goes free: of the disk's space, and of its file entries, as shares of all. */
  space: number;
  entries: number;
}

/** So many are named one by one. */
export const MOST_ITEMS = 200;
/** What one repair takes: the rest is for the next one. */
export const MOST_FILES = 50_000;

/** undefined: no rule, or none of their folders is there. `never`: opsmedic's own folders. */
export async function clearableNow(
  rules: readonly CleanUpRule[],
  at: number,
  never: readonly string[],
): Promise<Clearable | undefined> {
  const known = await Promise.all(
    rules.map(async (rule) => ({ rule, fileSystem: await fileSystemOf(rule.root) })),
  );
  const full = known
    .flatMap(({ fileSystem }) => fileSystem ?? [])
    .toSorted((a, b) => fullness(b) - fullness(a))[0];
  if (full === undefined) return undefined;
  const here = known.filter(({ fileSystem }) => fileSystem?.dev === full.dev).map(({ rule }) => rule);
  const { free, held } = await sortedFiles(here, at, never);
  const files = free.slice(0, MOST_FILES);
  const removed = files.filter((one) => one.kind === "temporary").length;
  const room = files.reduce((sum, one) => sum + one.room, 0);
  return {
    at,
    fileSystem: full,
    items: itemsOf(files, here),
    files: files.length,
    inUse: { files: held.length, bytes: held.reduce((sum, one) => sum + one.bytes, 0) },
    space: full.bytes === 0 ? 0 : room / full.bytes,
    entries: full.entries === 0 ? 0 : removed / full.entries,
  };
}

/** Of all rules, each file once (the first rule counts), the largest first; what somebody has open is not temporary. */
export async function filesOf(
  rules: readonly CleanUpRule[],
  at: number,
  never: readonly string[],
): Promise<ClearableFile[]> {
  return (await sortedFiles(rules, at, never)).free;
}

async function sortedFiles(
  rules: readonly CleanUpRule[],
  at: number,
  never: readonly string[],
): Promise<{ free: ClearableFile[]; held: ClearableFile[] }> {
  const found = new Map<string, ClearableFile>();
  for (const rule of rules) {
    for (const one of await clearableFiles(rule, at, never)) {
      const path = join(one.root, one.path);
      if (!found.has(path)) found.set(path, one);
    }
  }
  const all = [...found.values()].toSorted((a, b) => b.bytes - a.bytes || (a.path < b.path ? -1 : 1));
  if (!all.some((one) => one.kind === "temporary")) return { free: all, held: [] };
  const open = await openFiles();
  const isHeld = (one: ClearableFile): boolean => one.kind === "temporary" && isOpen(open, one);
  return { free: all.filter((one) => !isHeld(one)), held: all.filter(isHeld) };
}

function fullness({ used, entriesUsed }: FileSystemUse): number {
  return Math.max(used, entriesUsed);
}

/** Each file, else each folder that holds some, else the folders of the rules: the first of these that is short enough. */
function itemsOf(files: readonly ClearableFile[], rules: readonly CleanUpRule[]): ClearingItem[] {
  const groupings: ((file: ClearableFile) => string)[] = [
    (file) => join(file.root, file.path),
    (file) => dirname(join(file.root, file.path)),
    (file) => file.root,
  ];
  const grouped = groupings.map((of) => grouping(files, of));
  return grouped.find((one) => one.length <= Math.max(MOST_ITEMS, rules.length)) ?? [];
}

function grouping(files: readonly ClearableFile[], of: (file: ClearableFile) => string): ClearingItem[] {
  const items = new Map<string, ClearingItem>();
  for (const file of files) {
    const does = file.kind === "logs" ? "empty" : "remove";
    const path = of(file);
    const item = items.get(`${does} ${path}`) ?? { path, does, files: 0, bytes: 0 };
    item.files += 1;
    item.bytes += file.bytes;
    items.set(`${does} ${path}`, item);
  }
  return [...items.values()].toSorted((a, b) => b.bytes - a.bytes);
}

/** The files that items of a plan mean. */
export function meantBy(items: readonly ClearingItem[], files: readonly ClearableFile[]) {
  const of = (item: ClearingItem) =>
    files.filter(
      (one) =>
        (one.kind === "logs" ? "empty" : "remove") === item.does &&
        isBelow(join(one.root, one.path), item.path),
    );
  return items.map((item) => ({ item, files: of(item) }));
}
