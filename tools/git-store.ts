// opsmedic's own bare git store: snapshots of small files under refs, driven by plumbing, without any work tree, so
// that nothing outside its folder is touched. Readable by any git, should opsmedic itself be gone.
import { randomBytes } from "node:crypto";
import { access, mkdir, mkdtemp, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { HealError } from "../domain/errors.ts";
import { type Git, gitFailed, makeGit } from "./git-process.ts";
import { type GitReader, openGitReader } from "./git-reader.ts";
import { entriesOf, importStream, type StoredFile, treeOf } from "./git-tree.ts";

export type { StoredFile } from "./git-tree.ts";

export interface Snapshot {
  files: readonly StoredFile[];
  /** Unix ms. */
  at: number;
  message: string;
}

export interface Contents {
  commit: string;
  files: Map<string, Buffer>;
  /** What is missing or garbled, in words; empty when all was read and fits its hash. */
  problems: string[];
}

export interface GitStore {
  /** Stores a snapshot and creates all these refs at once; "exists" (and no ref) when one of them is there already. */
  create(refs: readonly string[], snapshot: Snapshot): Promise<"created" | "exists">;
  /** Stores a snapshot and lets the ref name it, whatever it named before; its commit. */
  replace(ref: string, snapshot: Snapshot): Promise<string>;
  /** undefined when there is no such ref. */
  read(ref: string, reader?: GitReader): Promise<Contents | undefined>;
  /** Refs below a prefix such as "refs/backups/", with the commits that they name. */
  refs(prefix: string): Promise<{ ref: string; commit: string }[]>;
  remove(refs: readonly string[]): Promise<void>;
  /** Packs what is left and drops what nothing names any more. */
  tidy(): Promise<void>;
  reader(): Promise<GitReader>;
}

/** `folder` is made (mode 0700) with the first write. `searchPath`: where to look for git, like PATH. */
export function makeGitStore({ folder, searchPath }: { folder: string; searchPath?: string }): GitStore {
  const git = makeGit(searchPath);
  let opened: Promise<void> | undefined;
  const ready = () =>
    (opened ??= openStore(git, folder).catch((error: unknown) => {
      opened = undefined;
      throw error;
    }));
  const store = { git, folder };
  return {
    create: async (refs, snapshot) => {
      await ready();
      return createRefs(store, refs, snapshot);
    },
    replace: async (ref, snapshot) => {
      await ready();
      return replaceRef(store, ref, snapshot);
    },
    read: async (ref, reader) => {
      await ready();
      if (reader !== undefined) return readContents(reader, ref);
      await using own = openGitReader(git, folder);
      return await readContents(own, ref);
    },
    refs: async (prefix) => {
      await ready();
      const end = await must(store, `list ${prefix}`, [
        "for-each-ref",
        "--format=%(refname) %(objectname)",
        prefix,
      ]);
      return [...end.output.matchAll(/^(\S+) (\S+)$/gm)].map(([, ref = "", commit = ""]) => ({
        ref,
        commit,
      }));
    },
    remove: async (refs) => {
      await ready();
      await updateRefs(
        store,
        refs.map((ref) => `delete ${ref}`),
        "remove old snapshots",
      );
    },
    tidy: async () => {
      await ready();
      await tidyStore(store);
    },
    reader: async () => {
      await ready();
      return openGitReader(git, folder);
    },
  };
}

/** Followed by the snapshot's time; one that is old was left by a crash. */
export const pendingRefs = "refs/pending/";

interface Store {
  git: Git;
  folder: string;
}

/** Made aside and moved into place, so that two processes starting at once, or a crash, leave no half store. */
async function openStore(git: Git, folder: string): Promise<void> {
  const there = await access(join(folder, "HEAD")).then(
    () => true,
    () => false,
  );
  if (there) return;
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const aside = await mkdtemp(`${folder}-new-`);
  const end = await git.run(aside, ["init", "--quiet", "--bare", "--object-format=sha1", "--template="]);
  if (end.code !== 0) throw gitFailed(`make the store ${folder}`, end);
  await rename(aside, folder).catch(async (error: unknown) => {
    await rm(aside, { recursive: true, force: true });
    const made = await access(join(folder, "HEAD")).then(
      () => true,
      () => false,
    );
    if (made) return;
    throw new HealError(`${folder} is in use for something else, so no backups can be kept there`, {
      code: "backup-folder-unusable",
      hint: "give opsmedic an empty folder of its own (dataDir)",
      cause: error,
    });
  });
}

async function must(store: Store, what: string, args: string[], input?: Buffer) {
  const end = await store.git.run(store.folder, args, input);
  if (end.code !== 0) throw gitFailed(what, end);
  return end;
}

/** Objects first, under a name of their own that the same transaction removes again. */
async function storeObjects(
  store: Store,
  { files, at, message }: Snapshot,
): Promise<{ pending: string; commit: string }> {
  // Two equal packs at once would fall over each other's lock files, so every snapshot carries a number of its own.
  const number = randomBytes(8).toString("hex");
  const pending = `${pendingRefs}${at}-${number}`;
  const stream = importStream(pending, files, at, `${message}\nSnapshot: ${number}\n`);
  const end = await must(store, "store a snapshot", ["fast-import", "--quiet", "--done"], stream);
  return { pending, commit: end.output.trim() };
}

async function createRefs(store: Store, refs: readonly string[], snapshot: Snapshot) {
  const { pending, commit } = await storeObjects(store, snapshot);
  const creations = refs.map((ref) => `create ${ref} ${commit}`);
  const end = await runUpdates(store, [...creations, `delete ${pending}`]);
  if (end.code === 0) return "created";
  await updateRefs(store, [`delete ${pending}`], "drop an unused snapshot");
  if (/reference already exists|is at [0-9a-f]+ but expected/.test(end.complaints)) return "exists";
  throw gitFailed(`create ${refs.join(", ")}`, end);
}

async function replaceRef(store: Store, ref: string, snapshot: Snapshot): Promise<string> {
  const { pending, commit } = await storeObjects(store, snapshot);
  await updateRefs(store, [`update ${ref} ${commit}`, `delete ${pending}`], `update ${ref}`);
  return commit;
}

/** All or nothing. */
function runUpdates(store: Store, lines: readonly string[]) {
  return store.git.run(store.folder, ["update-ref", "--stdin"], Buffer.from(`${lines.join("\n")}\n`));
}

async function updateRefs(store: Store, lines: readonly string[], what: string): Promise<void> {
  if (lines.length === 0) return;
  const end = await runUpdates(store, lines);
  if (end.code !== 0) throw gitFailed(what, end);
}

/** The grace of two hours keeps what another process is storing right now. */
async function tidyStore(store: Store): Promise<void> {
  const end = await store.git.run(store.folder, ["gc", "--quiet", "--prune=2.hours.ago"]);
  if (end.code !== 0 && !end.complaints.includes("already running")) throw gitFailed("tidy the store", end);
}

async function readContents(reader: GitReader, ref: string): Promise<Contents | undefined> {
  const commit = await reader.get(ref);
  if (commit.status === "missing") return undefined;
  if (commit.status === "garbled")
    return { commit: "", files: new Map(), problems: [`${ref} is garbled: ${commit.why}`] };
  const contents: Contents = { commit: commit.oid, files: new Map(), problems: [] };
  await readTree(reader, treeOf(commit.content) ?? "", "", contents);
  return contents;
}

async function readTree(reader: GitReader, oid: string, path: string, into: Contents): Promise<void> {
  const tree = await readOne(reader, oid, path === "" ? "the list of its files" : path, into);
  if (tree === undefined) return;
  for (const entry of entriesOf(tree)) {
    const below = path === "" ? entry.name : `${path}/${entry.name}`;
    if (entry.kind === "tree") {
      await readTree(reader, entry.oid, below, into);
      continue;
    }
    const content = await readOne(reader, entry.oid, below, into);
    if (content !== undefined) into.files.set(below, content);
  }
}

async function readOne(reader: GitReader, oid: string, what: string, into: Contents) {
  const found = await reader.get(oid);
  if (found.status === "found") return found.content;
  const trouble = found.status === "missing" ? "is missing" : `is garbled: ${found.why}`;
  into.problems.push(`${what} (${oid.slice(0, 12)}) ${trouble}`);
}
