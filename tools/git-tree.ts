// What git's commits and trees look like from inside, and the stream that `git fast-import` makes a commit from.
// https://git-scm.com/docs/git-fast-import
import { HealError } from "../domain/errors.ts";

export interface StoredFile {
  /** With forward slashes. */
  path: string;
  content: Buffer;
}

/** A stream that stores the files as one commit without parents under `ref`. `at`: Unix ms. */
export function importStream(ref: string, files: readonly StoredFile[], at: number, message: string): Buffer {
  const blobs = files.flatMap((file, index) => [
    Buffer.from(`blob\nmark :${index + 1}\ndata ${file.content.length}\n`),
    file.content,
    Buffer.from("\n"),
  ]);
  const text = Buffer.from(message);
  const who = `opsmedic <opsmedic@localhost> ${Math.floor(at / 1_000)} +0000`;
  const entries = files.map((file, index) => `M 100644 :${index + 1} ${quoted(file.path)}\n`).join("");
  return Buffer.concat([
    ...blobs,
    Buffer.from(`commit ${ref}\nmark :${files.length + 1}\nauthor ${who}\ncommitter ${who}\n`),
    Buffer.from(`data ${text.length}\n`),
    text,
    Buffer.from(`\n${entries}\nget-mark :${files.length + 1}\ndone\n`),
  ]);
}

function quoted(path: string): string {
  const parts = path.split("/");
  const wrong =
    parts.some((part) => ["", ".", "..", ".git"].includes(part.toLowerCase())) || path.includes("\0");
  if (wrong) {
    throw new HealError(`${JSON.stringify(path)} cannot be kept in a backup`, { code: "path-outside-root" });
  }
  return `"${path.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n")}"`;
}

/** The tree that a commit names. */
export function treeOf(commit: Buffer): string | undefined {
  return /^tree ([0-9a-f]{40})\n/.exec(commit.toString("latin1"))?.[1];
}

export interface TreeEntry {
  name: string;
  oid: string;
  kind: "tree" | "blob";
}

/** Entries are `mode SP name NUL` and twenty bytes of hash. */
export function entriesOf(tree: Buffer): TreeEntry[] {
  const entries: TreeEntry[] = [];
  for (let at = 0; at < tree.length; ) {
    const end = tree.indexOf(0, at);
    const [mode = "", ...name] = tree.toString("utf8", at, end).split(" ");
    const oid = tree.toString("hex", end + 1, end + 21);
    entries.push({ name: name.join(" "), oid, kind: mode === "40000" ? "tree" : "blob" });
    at = end + 21;
  }
  return entries;
}
