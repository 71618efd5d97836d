// A temporary file that is removed after it was copied, and put back as it was: content, mode, owner and times.
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { link, lstat, open, rename, unlink } from "node:fs/promises";
import { join } from "node:path";
import type { AnchoredFolder } from "./anchored-folder.ts";
import type { ClearableFile } from "./clean-up-files.ts";
import { contentOf } from "./emptied-log.ts";
import { codeOf } from "./file-errors.ts";
import { idOf, type OpenFiles } from "./open-files.ts";
import type { Copies, Copy } from "./set-aside.ts";

const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const createOnly = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;

/** Times are kept to a millisecond and a bit, since they go through seconds with a fraction. */
const SAME_TIME_MS = 2;

/** Whether the very file is there: same content as far as size and time of the last write tell. */
export async function isThere(folder: AnchoredFolder, name: string, file: ClearableFile): Promise<boolean> {
  const path = await folder.at(name);
  const now = await open(path, readOnly).catch(() => undefined);
  if (now === undefined) return false;
  try {
    const { size, mtimeMs, nlink, dev, isFile } = await now.stat().then((info) => ({
      size: info.size,
      mtimeMs: info.mtimeMs,
      nlink: info.nlink,
      dev: info.dev,
      isFile: info.isFile(),
    }));
    const sameTime = Math.abs(mtimeMs - file.mtimeMs) < SAME_TIME_MS;
    return isFile && nlink === 1 && dev === file.dev && size === file.bytes && sameTime;
  } finally {
    await now.close();
  }
}

export async function* readTemporary(folder: AnchoredFolder, name: string): AsyncIterable<Buffer> {
  await using file = await open(await folder.at(name), readOnly);
  yield* contentOf(file, 0);
}

/** Only what is still the file that was copied. Whether it was removed. */
export async function removeTemporary(
  folder: AnchoredFolder,
  name: string,
  file: ClearableFile,
): Promise<boolean> {
  if (!(await isThere(folder, name, file))) return false;
  await unlink(await folder.at(name));
  return true;
}

/** "kept": another file has its name now; that one stays. */
export async function bringBackTemporary(
  folder: AnchoredFolder,
  name: string,
  { mode, uid, gid, mtimeMs }: ClearableFile,
  copies: Copies,
  copy: Copy,
): Promise<"back" | "kept"> {
  const temporary = `.opsmedic-${randomBytes(8).toString("hex")}.tmp`;
  const path = await folder.at(temporary);
  try {
    await using file = await open(path, createOnly, 0o600);
    for await (const chunk of copies.read(copy)) await file.appendFile(chunk);
    if (process.getuid?.() === 0) await file.chown(uid, gid);
    await file.chmod(mode);
    await file.utimes(mtimeMs / 1_000, mtimeMs / 1_000);
    await file.sync();
    // A link, not a rename: it never takes the place of what came up meanwhile.
    await link(path, await folder.at(name)).catch(async (error: unknown) => {
      // Some file systems know no second names, and a full one has no room for them.
      if (codeOf(error) === "EEXIST" || (await isTaken(folder, name))) throw error;
      await rename(path, await folder.at(name));
    });
    return "back";
  } catch (error) {
    if (codeOf(error) !== "EEXIST") throw error;
    return "kept";
  } finally {
    await unlink(await folder.at(temporary)).catch(() => undefined);
  }
}

export async function isTaken(folder: AnchoredFolder, name: string): Promise<boolean> {
  return lstat(await folder.at(name)).then(
    () => true,
    () => false,
  );
}

/** Whether a process holds it open. */
export function isOpen({ paths, ids }: OpenFiles, file: ClearableFile): boolean {
  return paths.has(join(file.root, file.path)) || ids.has(idOf(file));
}
