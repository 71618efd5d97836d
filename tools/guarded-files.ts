// The only door to a service's files. A path counts by what it really is on disk: resolved, below files.root, on the
// owner's list and outside any repository's data, both as it was asked for and as it resolves.
import { constants } from "node:fs";
import { lstat, open, realpath } from "node:fs/promises";
import { dirname, join, relative, sep } from "node:path";
import { HealError, messageOf } from "../domain/errors.ts";
import type { ServiceFilesSpec } from "../domain/service.ts";
import { type AnchoredFolder, openFolder } from "./anchored-folder.ts";
import { removeFile, replaceFile } from "./atomic-file.ts";
import {
  codeOf,
  largestFile,
  notEditable,
  notText,
  outside,
  shown,
  tooLarge,
  trouble,
} from "./file-errors.ts";
import { listPaths } from "./file-listing.ts";
import { makeEditableGlobs, partsOf } from "./guarded-path.ts";
import type { ServiceFile, ServiceFiles } from "./service-files.ts";

// NONBLOCK: opening a named pipe must not wait for its other end.
const readOnly = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

type Guard = ReturnType<typeof makeGuard>;

/**
 * Files of one service as its configuration allows. Throws HealError: "files-root-missing", "path-outside-root",
 * "path-not-editable", "file-too-large", "file-not-text", "file-owner", "file-permission", "disk-full", "file-io".
 */
export function makeGuardedFiles(spec: ServiceFilesSpec): ServiceFiles {
  const guard = makeGuard(spec);
  return {
    list: () => listFiles(guard),
    read: (path) => readOne(guard, path),
    write: (path, content, mode) => writeOne(guard, path, content, mode),
  };
}

function makeGuard(spec: ServiceFilesSpec) {
  const globs = makeEditableGlobs(spec.editable);
  const listed = "files.editable of the service does not list it";
  return {
    bases: globs.bases,
    editable: (path: string) => globs.has(path),
    root: () => realRoot(spec.root),
    /** The real parts of a path below the real root. */
    async locate(path: string): Promise<{ root: string; parts: string[] }> {
      const asked = partsOf(path);
      if (!globs.has(path)) throw notEditable(path, listed);
      const root = await realRoot(spec.root);
      const real = relative(root, await realPathOf(join(root, ...asked)));
      const found = real.split(sep).join("/");
      if (found === "" || found.startsWith("../") || found === "..") {
        throw outside(path, "a link on the way leads out of the service's folder");
      }
      const parts = partsOf(found);
      if (!globs.has(found)) throw notEditable(path, `it leads to ${shown(found)}; ${listed}`);
      return { root, parts };
    },
  };
}

async function realRoot(root: string): Promise<string> {
  return realpath(root).catch((error: unknown) => {
    throw new HealError(`the service's folder ${shown(root)} cannot be opened: ${messageOf(error)}`, {
      code: "files-root-missing",
      hint: "correct files.root of the service, or mount the folder where opsmedic runs",
      cause: error,
    });
  });
}

/** Like realpath, also for a path whose last parts do not exist yet. */
async function realPathOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT") throw trouble(path, error);
  }
  const dangling = await lstat(path).then(
    () => true,
    () => false,
  );
  if (dangling) throw outside(path, "it is a link to something that does not exist");
  return join(await realPathOf(dirname(path)), path.slice(dirname(path).length + 1));
}

async function inFolder<T>(
  guard: Guard,
  path: string,
  create: boolean,
  work: (folder: AnchoredFolder, name: string) => Promise<T>,
): Promise<T> {
  try {
    const { root, parts } = await guard.locate(path);
    await using folder = await openFolder(root, parts.slice(0, -1), create);
    return await work(folder, parts.at(-1) ?? "");
  } catch (error) {
    throw trouble(path, error);
  }
}

async function readOne(guard: Guard, path: string): Promise<ServiceFile | undefined> {
  return inFolder(guard, path, false, async (folder, name) => {
    await using file = await open(await folder.at(name), readOnly);
    const { size, mode, mtimeMs, isFile } = await file.stat().then((it) => ({
      size: it.size,
      mode: it.mode & 0o7777,
      mtimeMs: it.mtimeMs,
      isFile: it.isFile(),
    }));
    if (!isFile) throw notEditable(path, "it is no ordinary file");
    if (size > largestFile) throw tooLarge(path, size);
    return { path, content: textOf(path, await file.readFile()), modifiedAt: Math.round(mtimeMs), mode };
  }).catch((error: unknown) => {
    if (error instanceof HealError && error.code === "file-missing") return undefined;
    throw error;
  });
}

async function writeOne(
  guard: Guard,
  path: string,
  content: string | undefined,
  mode: number | undefined,
): Promise<void> {
  if (content === undefined) {
    await inFolder(guard, path, false, removeFile).catch((error: unknown) => {
      if (!(error instanceof HealError && error.code === "file-missing")) throw error;
    });
    return;
  }
  const bytes = bytesOf(path, content);
  await inFolder(guard, path, true, (folder, name) => replaceFile(folder, name, bytes, mode));
}

async function listFiles(guard: Guard): Promise<ServiceFile[]> {
  const files: ServiceFile[] = [];
  for (const path of await listPaths(await guard.root(), guard.bases, guard.editable)) {
    const file = await readOne(guard, path).catch(skipUnreadable);
    if (file !== undefined) files.push(file);
  }
  return files;
}

/** A listing shows what may be changed; what may not is simply not in it. */
function skipUnreadable(error: unknown): undefined {
  const skipped = ["path-outside-root", "path-not-editable", "file-too-large", "file-not-text"];
  if (!(error instanceof HealError && skipped.includes(error.code))) throw error;
}

function textOf(path: string, bytes: Buffer): string {
  if (bytes.length > largestFile) throw tooLarge(path, bytes.length);
  try {
    // ignoreBOM keeps the mark in the text, so that it is written back.
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
    if (!text.includes("\0")) return text;
  } catch {
    // Falls through: not UTF-8.
  }
  throw notText(path);
}

function bytesOf(path: string, content: string): Buffer {
  if (!content.isWellFormed() || content.includes("\0")) throw notText(path);
  const bytes = Buffer.from(content, "utf8");
  if (bytes.length > largestFile) throw tooLarge(path, bytes.length);
  return bytes;
}
