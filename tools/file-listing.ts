// Finds the editable files below a folder: starts where the globs start, never follows a link to a folder.
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { isTemporary } from "./atomic-file.ts";
import { tooMany } from "./file-errors.ts";
import { isUntouchable } from "./guarded-path.ts";

/** Names looked at, so that a glob such as ** over a huge folder ends with advice, not a hang. */
const mostNames = 20_000;

/** Sorted paths relative to `root`. HealError "too-many-files". */
export async function listPaths(
  root: string,
  bases: readonly string[],
  editable: (path: string) => boolean,
): Promise<string[]> {
  const found = new Set<string>();
  const waiting = [...bases];
  let seen = 0;
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (isForbidden(path)) continue;
    seen += 1;
    if (seen > mostNames) throw tooMany(root, mostNames);
    const kind = await kindOf(join(root, path));
    if (kind === "file" && editable(path)) found.add(path);
    if (kind === "folder") waiting.push(...(await namesIn(root, path)));
  }
  return [...found].sort();
}

function isForbidden(path: string): boolean {
  return path.split("/").some((part) => part === ".." || isUntouchable(part) || isTemporary(part));
}

async function kindOf(path: string): Promise<"folder" | "file" | "missing"> {
  const seen = await lstat(path).catch(() => undefined);
  if (seen === undefined) return "missing";
  return seen.isDirectory() ? "folder" : "file";
}

async function namesIn(root: string, path: string): Promise<string[]> {
  const names = await readdir(join(root, path)).catch(() => []);
  return names.map((name) => (path === "" ? name : `${path}/${name}`));
}
