// A folder held open, so that nobody can swap it for a link between a check and the use: on Linux every name is
// resolved below the open folder (/proc/self/fd), elsewhere the folder's real path is compared again before each use.
import { constants } from "node:fs";
import { type FileHandle, chown, mkdir, open, realpath } from "node:fs/promises";
import { join } from "node:path";
import { HealError } from "../domain/errors.ts";

const openFolderOnly = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;

export interface AnchoredFolder extends AsyncDisposable {
  /** A path that means `name` in this very folder, to be used at once. */
  at(name: string): Promise<string>;
  /** Makes a rename or removal in this folder survive a power cut. */
  sync(): Promise<void>;
  owner(): Promise<{ uid: number; gid: number }>;
}

/**
 * Opens `root/parts…`, refusing a link in any part below the root. Rejects with the system's error (ENOENT where a
 * folder is missing and `create` is false, ELOOP or ENOTDIR where a link stands in its place).
 */
export async function openFolder(
  root: string,
  parts: readonly string[],
  create: boolean,
): Promise<AnchoredFolder> {
  let folder = await anchor(root, root);
  let path = root;
  for (const part of parts) {
    path = join(path, part);
    await using above = folder;
    folder = await openBelow(above, part, path, create);
  }
  return folder;
}

async function openBelow(folder: AnchoredFolder, part: string, path: string, create: boolean) {
  const below = await folder.at(part);
  if (create) await makeFolder(below, folder);
  return anchor(below, path);
}

async function makeFolder(path: string, parent: AnchoredFolder): Promise<void> {
  const made = await mkdir(path, 0o755).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code !== "EEXIST") throw error;
      return false;
    },
  );
  if (!made) return;
  const { uid, gid } = await parent.owner();
  if (process.getuid?.() === 0) await chown(path, uid, gid);
  await parent.sync();
}

async function anchor(path: string, real: string): Promise<AnchoredFolder> {
  const handle = await open(path, openFolderOnly);
  return {
    at: (name) => nameIn(handle, real, name),
    sync: () => handle.sync(),
    owner: () => handle.stat(),
    [Symbol.asyncDispose]: () => handle.close(),
  };
}

async function nameIn(handle: FileHandle, real: string, name: string): Promise<string> {
  if (process.platform === "linux") return `/proc/self/fd/${handle.fd}/${name}`;
  if ((await realpath(real)) !== real) {
    throw new HealError(`${real} was replaced by a link while it was in use`, { code: "path-outside-root" });
  }
  return join(real, name);
}
