// Copies of what a clean-up takes away, compressed, on opsmedic's own disk until the repair has proved itself. One
// archive a backup step: gzip members one after the other (zcat reads it), and an index that says which is which.
// A copy counts only once it is on the disk and was read back equal; what a killed process left behind it is cut off.
import { createHash, randomBytes } from "node:crypto";
import { createReadStream } from "node:fs";
import { type FileHandle, mkdir, open, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { pipeline, Readable } from "node:stream";
import { createGunzip, createGzip, type Gunzip, type Gzip } from "node:zlib";
import { z } from "zod";
import { HealError, messageOf } from "../domain/errors.ts";
import { codeOf } from "./file-errors.ts";

export interface Copy {
  key: string;
  /** Of the content, uncompressed. */
  bytes: number;
  sha256: string;
}

export interface Copies {
  get(key: string): Copy | undefined;
  keys(): string[];
  /** All of them or, where one fails, none. HealError "no-room-for-copies", "copy-unverified". */
  add(items: readonly { key: string; content: () => AsyncIterable<Buffer> }[]): Promise<Copy[]>;
  /** HealError "copies-gone". */
  read(copy: Copy): AsyncIterable<Buffer>;
}

export interface SetAside {
  newId(): string;
  /** undefined where there is no such archive and `create` is not set. */
  open(id: string, options?: { create: boolean }): Promise<Copies | undefined>;
  /** `at`: last change, Unix ms. */
  list(): Promise<{ id: string; at: number; bytes: number }[]>;
  /** What was kept in it is gone; that it was there is remembered. */
  remove(id: string): Promise<void>;
  wasRemoved(id: string): Promise<boolean>;
}

const idPattern = /^[0-9a-f]{24}$/;
const indexLine = z.object({
  key: z.string(),
  at: z.int().min(0),
  length: z.int().min(0),
  bytes: z.int().min(0),
  sha256: z.string(),
});
type Entry = z.infer<typeof indexLine>;

/** `folder` is made with mode 0700 when the first copy is taken: the copies may hold anything. */
export function makeSetAside(folder: string): SetAside {
  const place = (id: string, kind: "gz" | "jsonl" | "gone"): string => {
    if (!idPattern.test(id)) throw new HealError("this is no name of an archive", { code: "copies-gone" });
    return join(folder, `${id}.${kind}`);
  };
  return {
    newId: () => randomBytes(12).toString("hex"),
    async open(id, { create } = { create: false }) {
      const [data, index] = [place(id, "gz"), place(id, "jsonl")];
      const entries = await entriesOf(index);
      if (entries.length === 0 && !create) return undefined;
      return copiesIn({ folder, data, index }, entries);
    },
    async list() {
      const names = (await readdir(folder).catch(() => [])).filter((one) => one.endsWith(".gz"));
      const seen = await Promise.all(
        names.map(async (name) => {
          const { mtimeMs, size } = await stat(join(folder, name));
          return { id: name.slice(0, -3), at: Math.round(mtimeMs), bytes: size };
        }),
      );
      return seen.filter(({ id }) => idPattern.test(id)).toSorted((a, b) => a.at - b.at);
    },
    async remove(id) {
      await writeFile(place(id, "gone"), "", { mode: 0o600 });
      // The data last: an archive without an index is seen by the next list, the other way round it is not.
      await rm(place(id, "jsonl"), { force: true });
      await rm(place(id, "gz"), { force: true });
    },
    wasRemoved: async (id) => (await stat(place(id, "gone")).catch(ignoreMissing)) !== undefined,
  };
}

/** Whole lines only: the last one may have been cut off by a crash, and its member with it. */
async function entriesOf(index: string): Promise<Entry[]> {
  const text = await readFile(index, "utf8").catch(ignoreMissing);
  const lines = (text ?? "").split("\n").slice(0, -1);
  return lines.map((line) => indexLine.parse(JSON.parse(line)));
}

function copiesIn(at: { folder: string; data: string; index: string }, entries: Entry[]): Copies {
  const byKey = new Map(entries.map((one) => [one.key, one]));
  return {
    get: (key) => byKey.get(key),
    keys: () => [...byKey.keys()],
    async add(items) {
      await mkdir(at.folder, { recursive: true, mode: 0o700 });
      const start = Math.max(0, ...[...byKey.values()].map((one) => one.at + one.length));
      const added = await written(at, start, items).catch((error: unknown) => {
        throw noRoom(at.folder, error);
      });
      for (const one of added) byKey.set(one.key, one);
      return added;
    },
    read(copy) {
      const entry = byKey.get(copy.key);
      if (!entry) throw new HealError(`there is no copy of ${copy.key}`, { code: "copies-gone" });
      return unzipped(at.data, entry);
    },
  };
}

async function written(
  { data, index }: { data: string; index: string },
  start: number,
  items: Parameters<Copies["add"]>[0],
): Promise<Entry[]> {
  await using file = await open(data, "a+", 0o600);
  await file.truncate(start);
  const added: Entry[] = [];
  try {
    let at = start;
    for (const { key, content } of items) {
      const entry = await appended(file, key, at, content());
      added.push(entry);
      at += entry.length;
    }
    await file.datasync();
    for (const one of added) await assertReadsBack(data, one);
    await note(index, added);
    return added;
  } catch (error) {
    await file.truncate(start);
    throw error;
  }
}

async function appended(file: FileHandle, key: string, at: number, content: AsyncIterable<Buffer>) {
  const hash = createHash("sha256");
  let [bytes, length] = [0, 0];
  async function* counted() {
    for await (const chunk of content) {
      hash.update(chunk);
      bytes += chunk.length;
      yield chunk;
    }
  }
  // Level 1: a full disk waits for this.
  for await (const chunk of through(Readable.from(counted()), createGzip({ level: 1 }))) {
    await file.appendFile(chunk);
    length += chunk.length;
  }
  return { key, at, length, bytes, sha256: hash.digest("hex") };
}

async function assertReadsBack(data: string, entry: Entry): Promise<void> {
  const hash = createHash("sha256");
  for await (const chunk of unzipped(data, entry)) hash.update(chunk);
  if (hash.digest("hex") === entry.sha256) return;
  throw new HealError(`the copy of ${entry.key} could not be read back as it was written`, {
    code: "copy-unverified",
    retryable: true,
    hint: "check the disk that holds opsmedic's copies",
  });
}

async function note(index: string, entries: readonly Entry[]): Promise<void> {
  await using file = await open(index, "a", 0o600);
  const { size } = await file.stat();
  try {
    await file.appendFile(entries.map((one) => `${JSON.stringify(one)}\n`).join(""));
    await file.datasync();
  } catch (error) {
    await file.truncate(size);
    throw error;
  }
}

function unzipped(data: string, { at, length }: Entry): AsyncIterable<Buffer> {
  const member = createReadStream(data, { start: at, end: at + length - 1 });
  return through(member, createGunzip());
}

/** Whoever reads gets the error of either; one that stops early ends both. */
function through(source: Readable, transform: Gzip | Gunzip): AsyncIterable<Buffer> {
  pipeline(source, transform, () => undefined);
  return transform;
}

function noRoom(folder: string, error: unknown): unknown {
  const code = codeOf(error) ?? "";
  if (!["ENOSPC", "EDQUOT"].includes(code)) return error;
  return new HealError(`there is no room for copies in ${folder}: ${messageOf(error)}`, {
    code: "no-room-for-copies",
    hint: "let healing.backups.copiesIn name a folder on another disk",
    cause: error,
  });
}

function ignoreMissing(error: unknown): undefined {
  if (codeOf(error) !== "ENOENT") throw error;
}
