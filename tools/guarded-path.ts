// Which paths a fix may touch, by their text alone: inside the service's folder, on the owner's list, and never a
// repository's own data or installed packages. What links on disk make of a path is guarded-files.ts's work.
import picomatch from "picomatch";
import { notEditable, outside } from "./file-errors.ts";

const longestPath = 1_024;
const untouchable = new Set([".git", "node_modules"]);

/** The parts of a relative path with forward slashes. HealError "path-outside-root" or "path-not-editable". */
export function partsOf(path: string): string[] {
  const parts = path.split("/");
  const wrong =
    path.length > longestPath ||
    path.includes("\0") ||
    path.includes("\\") ||
    parts.some((part) => part === "" || part === "." || part === "..");
  if (wrong) throw outside(path, "it is not a plain path relative to the service's folder");
  if (parts.some(isUntouchable)) {
    throw notEditable(path, "opsmedic never touches a repository's own data or installed packages");
  }
  return parts;
}

/** `.git` (also a file, in worktrees) and node_modules, in any spelling that a file system may fold. */
export function isUntouchable(part: string): boolean {
  return untouchable.has(part.toLowerCase());
}

export interface EditableGlobs {
  has(path: string): boolean;
  /** Folders (or files) below which everything editable lies; "" is the root itself. */
  bases: string[];
}

/** Globs match dot files too; one that starts with "!" takes away from what the others allow. */
export function makeEditableGlobs(globs: readonly string[]): EditableGlobs {
  const wanted = globs.filter((glob) => !glob.startsWith("!"));
  const unwanted = globs.filter((glob) => glob.startsWith("!")).map((glob) => glob.slice(1));
  const allows = matcher(wanted);
  const forbids = matcher(unwanted);
  return {
    has: (path) => allows(path) && !forbids(path),
    bases: [...new Set(wanted.map((glob) => picomatch.scan(withoutDot(glob)).base))],
  };
}

function matcher(globs: string[]): (path: string) => boolean {
  const matches = globs.map((glob) => picomatch(withoutDot(glob), { dot: true, nonegate: true }));
  return (path) => matches.some((match) => match(path));
}

function withoutDot(glob: string): string {
  return glob.startsWith("./") ? glob.slice(2) : glob;
}
