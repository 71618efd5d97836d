// Replaces a file so that every reader, and a crash at any moment, sees the old content or the new, never half:
// temporary file in the same folder, fsync, rename, fsync of the folder. Owner, mode, access lists (ACL) and extended
// attributes stay as they were.
import { execFile } from "node:child_process";
import { randomBytes } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, lstat, open, readdir, rename, unlink } from "node:fs/promises";
import { HealError, messageOf } from "../domain/errors.ts";
import type { AnchoredFolder } from "./anchored-folder.ts";

const createOnly = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
const existingOnly = constants.O_WRONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
const COPY_LIMIT_MS = 5_000;
const COPY_ENV = { PATH: "/usr/local/bin:/usr/bin:/bin:/opt/homebrew/bin", LC_ALL: "C" };
const temporaryName = /^\.opsmedic-[0-9a-f]{16}\.tmp$/;
/** A temporary file older than this was left by a process that died. */
const leftOverMs = 60_000;
const newFileMode = 0o644;

export function isTemporary(name: string): boolean {
  return temporaryName.test(name);
}

/** Writes `content` to `name` in the folder; `mode` undefined keeps the present one (a new file gets 0644). */
export async function replaceFile(
  folder: AnchoredFolder,
  name: string,
  content: Buffer,
  mode: number | undefined,
): Promise<void> {
  const temporary = `.opsmedic-${randomBytes(8).toString("hex")}.tmp`;
  const look = await lookToKeep(folder, name);
  try {
    await writeTemporary(folder, temporary, content, { ...look, mode: mode ?? look.mode });
    await rename(await folder.at(temporary), await folder.at(name));
  } catch (error) {
    await unlink(await folder.at(temporary)).catch(() => undefined);
    throw error;
  }
  await folder.sync();
}

export async function removeFile(folder: AnchoredFolder, name: string): Promise<void> {
  await unlink(await folder.at(name)).catch(ignoreMissing);
  await folder.sync();
}

interface Look {
  /** The file whose further attributes it gets. */
  like?: string;
  uid: number;
  gid: number;
  mode: number;
}

/** A new file belongs to whom its folder belongs to: the service must be able to read what root restored. */
async function lookToKeep(folder: AnchoredFolder, name: string): Promise<Look> {
  const present = await lstat(await folder.at(name)).catch(ignoreMissing);
  if (present === undefined) return { ...(await folder.owner()), mode: newFileMode };
  if (!present.isFile()) {
    throw new HealError(`${name} is no ordinary file, so it was not replaced`, { code: "path-not-editable" });
  }
  return { like: name, uid: present.uid, gid: present.gid, mode: present.mode & 0o7777 };
}

async function writeTemporary(folder: AnchoredFolder, name: string, content: Buffer, look: Look) {
  await using file = await openTemporary(folder, name, look);
  const { nlink } = await file.stat();
  if (nlink !== 1)
    throw new HealError(`${name} was linked elsewhere meanwhile`, { code: "path-not-editable" });
  await giveTo(file, look);
  await file.chmod(look.mode);
  await file.writeFile(content);
  await file.chmod(look.mode); // a write by anybody but root takes set-user-ID away
  await file.sync();
  await removeLeftOvers(folder, name, (await file.stat()).mtimeMs);
}

async function openTemporary(folder: AnchoredFolder, name: string, { like }: Look): Promise<FileHandle> {
  if (like !== undefined && (await copyAttributes(folder, like, name))) {
    const path = await folder.at(name);
    const file = await open(path, existingOnly).catch(() => undefined);
    if (file !== undefined) return file;
    // One that its owner may only read: its list is lost rather than its change.
    await unlink(path);
  }
  return open(await folder.at(name), createOnly, 0o600);
}

/**
 * A new file that has all that the present one has but its content. Node knows no access lists: without them a service may
 * not be able to read its file any more, or others may. false: there is no cp of GNU's here, and no new file.
 */
async function copyAttributes(folder: AnchoredFolder, from: string, to: string): Promise<boolean> {
  const cwd = await folder.at(".");
  const options = ["--attributes-only", "--preserve=all", "--no-dereference", "--no-target-directory"];
  return new Promise((resolve) => {
    execFile(
      "cp",
      [...options, "--", `./${from}`, `./${to}`],
      { cwd, env: COPY_ENV, timeout: COPY_LIMIT_MS, killSignal: "SIGKILL" },
      (error) => {
        if (error === null) resolve(true);
        else
          void folder
            .at(to)
            .then(unlink)
            .catch(() => undefined)
            .then(() => resolve(false));
      },
    );
  });
}

async function giveTo(file: FileHandle, { uid, gid }: Look): Promise<void> {
  const mine = await file.stat();
  if (mine.uid === uid && mine.gid === gid) return;
  await file.chown(uid, gid).catch((error: unknown) => {
    throw new HealError(`the file belongs to user ${uid}, group ${gid}, which opsmedic cannot keep`, {
      code: "file-owner",
      hint: "run opsmedic as the owner of the service's files, or as root",
      cause: messageOf(error),
    });
  });
}

/** "Now" is the time of the file just written: the file system's own clock, which the others were stamped by. */
async function removeLeftOvers(folder: AnchoredFolder, mine: string, now: number): Promise<void> {
  const names = (await readdir(await folder.at("."))).filter((name) => isTemporary(name) && name !== mine);
  for (const name of names) {
    const age = await lstat(await folder.at(name)).then((one) => now - one.mtimeMs, ignoreMissing);
    if (age !== undefined && age > leftOverMs) await unlink(await folder.at(name)).catch(ignoreMissing);
  }
}

function ignoreMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== "ENOENT") throw error;
}
