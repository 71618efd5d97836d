// Which files the owner's rules give up: below a rule's folder, never through a link, never on another file system that
// is mounted below it, never one that has a second name elsewhere, and never opsmedic's own.
import { lstat, opendir, realpath, statfs } from "node:fs/promises";
import { join } from "node:path";
import picomatch from "picomatch";
import type { CleanUpRule } from "../domain/service.ts";
import { isTemporary } from "./atomic-file.ts";
import { isUntouchable } from "./guarded-path.ts";
import { isBelow } from "./paths-below.ts";

export interface ClearableFile {
  kind: CleanUpRule["kind"];
  /** The rule's folder as it really is, and the path below it. */
  root: string;
  path: string;
  /** Of the content. */
  bytes: number;
  /** What goes free on the disk when it is gone. */
  room: number;
  mtimeMs: number;
  mode: number;
  uid: number;
  gid: number;
  dev: number;
  ino: number;
}

export interface FileSystemUse {
  dev: number;
  /** Bytes that programs can have in all, and the share of them that is taken; the same of its file entries. */
  bytes: number;
  used: number;
  entries: number;
  entriesUsed: number;
}

/** Names looked at for one rule: a diagnosis does not wait for a folder without end. */
const MOST_NAMES = 200_000;

/** `at`: the moment to which ages are counted, Unix ms. `never`: folders below which nothing is looked at. */
export async function clearableFiles(
  rule: CleanUpRule,
  at: number,
  never: readonly string[],
): Promise<ClearableFile[]> {
  const root = await realpath(rule.root).catch(() => undefined);
  if (root === undefined || root === "/") return [];
  const matches = picomatch(rule.glob, { dot: true, nonegate: true });
  const { dev } = await lstat(root);
  const ours = await Promise.all(never.map((one) => realpath(one).catch(() => one)));
  const found: ClearableFile[] = [];
  const waiting = [""];
  let seen = 0;
  for (let folder = waiting.pop(); folder !== undefined; folder = waiting.pop()) {
    for (const name of await namesIn(join(root, folder))) {
      if (++seen > MOST_NAMES) return found;
      if (isUntouchable(name) || isTemporary(name)) continue;
      const path = folder === "" ? name : `${folder}/${name}`;
      const whole = join(root, path);
      const info = await lstat(whole).catch(() => undefined);
      if (info === undefined || info.dev !== dev || ours.some((one) => isBelow(whole, one))) continue;
      if (info.isDirectory()) waiting.push(path);
      const { size: bytes, blocks, mtimeMs, mode, uid, gid, ino, nlink } = info;
      if (!info.isFile() || nlink !== 1 || !matches(path)) continue;
      const one = { bytes, room: blocks * 512, mtimeMs, mode: mode & 0o7777, uid, gid, dev, ino };
      if (isDue(rule, one, at)) found.push({ kind: rule.kind, root, path, ...one });
    }
  }
  return found;
}

/** An empty log frees nothing; an empty temporary file frees its entry. */
function isDue(rule: CleanUpRule, { bytes, mtimeMs }: { bytes: number; mtimeMs: number }, at: number) {
  if (rule.kind === "logs" && bytes === 0) return false;
  return at - mtimeMs >= rule.olderThanMs || bytes > (rule.largerThanBytes ?? Number.POSITIVE_INFINITY);
}

/** Of the file system that a folder is on, counted as df counts; undefined where there is no such folder. */
export async function fileSystemOf(root: string): Promise<FileSystemUse | undefined> {
  try {
    const [{ dev }, { bsize, blocks, bfree, bavail, files, ffree }] = await Promise.all([
      lstat(await realpath(root)),
      statfs(root),
    ]);
    const taken = blocks - bfree;
    const all = taken + bavail;
    return {
      dev,
      bytes: all * bsize,
      used: all === 0 ? 0 : taken / all,
      entries: files,
      entriesUsed: files === 0 ? 0 : 1 - ffree / files,
    };
  } catch {
    return undefined;
  }
}

async function namesIn(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of await opendir(folder)) {
      if (names.push(name) >= MOST_NAMES) break;
    }
  } catch {
    // What may not be read, or is gone, has nothing to give.
  }
  return names;
}
