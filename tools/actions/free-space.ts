// free-space: empties old logs and removes old temporary files, as the owner's rules for the service allow, after a
// copy of each was made. The plan names what goes and how much it is; never does more go than it says.
import { dirname, join } from "node:path";
import { z } from "zod";
import { HealError } from "../../domain/errors.ts";
import type { Action, ActionContext, Captured } from "../action.ts";
import { type AnchoredFolder, openFolder } from "../anchored-folder.ts";
import type { ClearableFile } from "../clean-up-files.ts";
import { filesOf, MOST_FILES, MOST_ITEMS, meantBy } from "../clean-up.ts";
import { beginsWith, emptyLog, isWhole, openLog, refillLog } from "../emptied-log.ts";
import { bringBackTemporary, isTaken, isThere, readTemporary, removeTemporary } from "../removed-file.ts";
import type { Copies, Copy, SetAside } from "../set-aside.ts";
import { stale, stateOf } from "./checked.ts";

const itemSchema = z.strictObject({
  path: z.string().startsWith("/").max(4_096),
  does: z.enum(["empty", "remove"]),
  files: z.int().min(1),
  bytes: z.int().min(0),
});
const paramsSchema = z.strictObject({
  /** The moment to which ages are counted, Unix ms: what got old since is not meant. */
  at: z.int().min(0),
  items: z.array(itemSchema).min(1).max(MOST_ITEMS),
});
type Params = z.infer<typeof paramsSchema>;

const fileSchema = z.object({
  kind: z.enum(["logs", "temporary"]),
  root: z.string(),
  path: z.string(),
  bytes: z.number(),
  room: z.number(),
  mtimeMs: z.number(),
  mode: z.number(),
  uid: z.number(),
  gid: z.number(),
  dev: z.number(),
  ino: z.number(),
});
const stateSchema = z.object({ archive: z.string(), files: z.array(fileSchema).max(MOST_FILES) });

export interface FreeSpaceParts {
  setAside: SetAside;
  /** Folders of opsmedic itself: no rule reaches them. */
  ownFolders: readonly string[];
}

export const FREE_SPACE = "free-space";
/** Temporary files that are copied together: so many, or so many bytes. */
const BATCH_FILES = 256;
const BATCH_BYTES = 8_388_608;

export function makeFreeSpace({ setAside, ownFolders }: FreeSpaceParts): Action<Params> {
  return {
    name: FREE_SPACE,
    summary: "Empties old logs and removes old temporary files that the service's owner has given up",
    undoes: "puts every file back as it was, byte for byte, before what was written to it since",
    class: "data",
    effect: "reversible",
    risk: "medium",
    params: paramsSchema,
    downtimeMs: () => 0,
    limitMs: 900_000,

    async capture({ at, items }, { service }) {
      const present = await filesOf(service.cleanUp ?? [], at, ownFolders);
      const meant = new Map<string, ClearableFile>();
      for (const { item, files } of meantBy(items, present)) {
        const bytes = files.reduce((sum, one) => sum + one.bytes, 0);
        // A log that is written to has grown since the plan; no file has come up that the plan does not count.
        if (files.length > item.files || (item.does === "remove" && bytes > item.bytes)) {
          throw stale(`below ${item.path} there is more now than the plan says`, "diagnose again");
        }
        for (const one of files) meant.set(join(one.root, one.path), one);
      }
      // The smallest first: each one that goes makes room for the copy of the next.
      const files = [...meant.values()].toSorted((a, b) => a.bytes - b.bytes);
      return { state: { archive: setAside.newId(), files: files.map((one) => ({ ...one })) }, files: [] };
    },
    async apply(_params, captured, context) {
      const { archive, files } = stateIn(captured);
      const copies = await opened(setAside, archive);
      let gone = 0;
      for (const [place, file] of files.entries()) {
        if (file.kind === "logs") gone += await emptyOne(file, String(place), copies, context);
      }
      gone += await removeAll(files, copies, context);
      return `${gone} of ${files.length} files went`;
    },
    async verify(_params, captured) {
      const { archive, files } = stateIn(captured);
      const copies = await setAside.open(archive);
      let left = 0;
      for (const [place, file] of files.entries()) {
        if (await isDue(file, copies, copies?.get(String(place)))) left += 1;
      }
      return { ok: left === 0, text: left === 0 ? "none of them is left" : `${left} are still there` };
    },
    async undo(_params, captured, context) {
      const { archive, files } = stateIn(captured);
      const copies = await setAside.open(archive);
      if (await setAside.wasRemoved(archive)) throw copiesGone();
      let back = 0;
      const kept: string[] = [];
      for (const [place, file] of files.entries()) {
        const done = copies ? await putBack(file, String(place), copies, context) : "left";
        if (done === "back") back += 1;
        if (done === "kept") kept.push(join(file.root, file.path));
      }
      const others = kept.length === 0 ? "" : `; another file has the name of ${kept.slice(0, 3).join(", ")}`;
      return `put ${back} files back${others}`;
    },
    async verifyUndo(_params, captured) {
      const { archive, files } = stateIn(captured);
      const copies = await setAside.open(archive);
      const lacking: string[] = [];
      for (const [place, file] of files.entries()) {
        const copy = copies?.get(String(place));
        if (copy && !(await isBack(file, copy))) lacking.push(join(file.root, file.path));
      }
      const ok = lacking.length === 0;
      return { ok, text: ok ? "every file is as it was" : `not back: ${lacking.slice(0, 5).join(", ")}` };
    },
  };
}

function stateIn(captured: Captured) {
  return stateOf(stateSchema, FREE_SPACE, captured.state);
}

async function opened(setAside: SetAside, archive: string): Promise<Copies> {
  const copies = await setAside.open(archive, { create: true });
  if (copies !== undefined) return copies;
  throw new HealError("no archive could be made", { code: "no-room-for-copies" });
}

/** undefined where the folder is gone, or a link stands in the way. */
async function inFolder<T>(
  { root, path }: ClearableFile,
  work: (folder: AnchoredFolder, name: string) => Promise<T>,
): Promise<T | undefined> {
  const parts = path.split("/");
  const folder = await openFolder(root, parts.slice(0, -1), false).catch(() => undefined);
  if (folder === undefined) return undefined;
  await using held = folder;
  return await work(held, parts.at(-1) ?? "");
}

async function isDue(file: ClearableFile, copies: Copies | undefined, copy: Copy | undefined) {
  return inFolder(file, async (folder, name) => {
    if (file.kind === "temporary") return isThere(folder, name, file);
    const log = await openLog(folder, name, file);
    if (log === undefined) return false;
    await using held = log;
    return await isWhole(held, file, copies, copy);
  });
}

async function emptyOne(file: ClearableFile, key: string, copies: Copies, { signal }: ActionContext) {
  signal.throwIfAborted();
  const done = await inFolder(file, async (folder, name) => {
    const log = await openLog(folder, name, file);
    if (log === undefined) return 0;
    await using held = log;
    if (!(await isWhole(held, file, copies, copies.get(key)))) return 0;
    await emptyLog(held, key, copies);
    return 1;
  });
  return done ?? 0;
}

/** Batch by batch: copied, on the disk, read back, and only then removed. */
async function removeAll(files: readonly ClearableFile[], copies: Copies, { signal }: ActionContext) {
  let gone = 0;
  for (const batch of batchesOf(files)) {
    signal.throwIfAborted();
    const fresh: { key: string; content: () => AsyncIterable<Buffer> }[] = [];
    for (const { key, file } of batch) {
      if (copies.get(key) !== undefined || !(await isDue(file, copies, undefined))) continue;
      fresh.push({ key, content: () => readOne(file) });
    }
    if (fresh.length > 0) await copies.add(fresh);
    for (const { key, file } of batch) {
      if (copies.get(key) === undefined) continue;
      const done = await inFolder(file, (folder, name) => removeTemporary(folder, name, file));
      if (done === true) gone += 1;
    }
    await syncFolders(batch.map(({ file }) => file));
  }
  return gone;
}

function batchesOf(files: readonly ClearableFile[]): { key: string; file: ClearableFile }[][] {
  const batches: { key: string; file: ClearableFile }[][] = [];
  let bytes = Number.POSITIVE_INFINITY;
  for (const [place, file] of files.entries()) {
    if (file.kind !== "temporary") continue;
    const last = batches.at(-1);
    if (last === undefined || bytes + file.bytes > BATCH_BYTES || last.length >= BATCH_FILES) {
      batches.push([{ key: String(place), file }]);
      bytes = file.bytes;
      continue;
    }
    last.push({ key: String(place), file });
    bytes += file.bytes;
  }
  return batches;
}

async function* readOne({ root, path }: ClearableFile): AsyncIterable<Buffer> {
  const parts = path.split("/");
  await using folder = await openFolder(root, parts.slice(0, -1), false);
  yield* readTemporary(folder, parts.at(-1) ?? "");
}

async function syncFolders(files: readonly ClearableFile[]): Promise<void> {
  for (const [, [file]] of Map.groupBy(files, (one) => join(one.root, dirname(one.path)))) {
    if (file) await inFolder(file, (folder) => folder.sync());
  }
}

function copiesGone(): HealError {
  return new HealError("the copies of what this repair cleared are not kept any more", {
    code: "copies-gone",
    hint: "they are removed some time after a repair has proved itself",
  });
}

/** "left": it was never taken away. HealError "undo-conflict". */
async function putBack(
  file: ClearableFile,
  key: string,
  copies: Copies,
  { signal }: ActionContext,
): Promise<"back" | "kept" | "left"> {
  signal.throwIfAborted();
  const copy = copies.get(key);
  if (copy === undefined) return "left";
  if (file.kind === "logs") return refillOne(file, key, copies, copy);
  const parts = file.path.split("/");
  await using folder = await openFolder(file.root, parts.slice(0, -1), true);
  const name = parts.at(-1) ?? "";
  if (await isThere(folder, name, file)) return "left";
  const done = await bringBackTemporary(folder, name, file, copies, copy);
  await folder.sync();
  return done;
}

async function refillOne(file: ClearableFile, key: string, copies: Copies, copy: Copy) {
  const done = await inFolder(file, async (folder, name) => {
    const log = await openLog(folder, name, file);
    if (log === undefined) return undefined;
    await using held = log;
    if (await isWhole(held, file, copies, copy)) return "left" as const;
    await refillLog(held, key, copies, copy);
    const { size } = await held.stat();
    if (size === file.bytes) await held.utimes(file.mtimeMs / 1_000, file.mtimeMs / 1_000);
    return "back" as const;
  });
  if (done !== undefined) return done;
  throw new HealError(
    `${join(file.root, file.path)} is another file now, so its old lines were not put back`,
    {
      code: "undo-conflict",
      hint: "the copy is kept: gunzip it from healing.backups.copiesIn by hand",
    },
  );
}

async function isBack(file: ClearableFile, copy: Copy): Promise<boolean> {
  const back = await inFolder(file, async (folder, name) => {
    if (file.kind === "temporary") return isThere(folder, name, file);
    const log = await openLog(folder, name, file);
    if (log === undefined) return false;
    await using held = log;
    return await beginsWith(held, copy);
  });
  // Another file may have taken the name of a temporary one: it stays, and the copy is kept.
  return back === true || (file.kind === "temporary" && (await inFolder(file, isTaken)) === true);
}
