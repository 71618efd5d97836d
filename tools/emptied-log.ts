// A log that is emptied where it lies, as logrotate's copytruncate does: the program that writes to it goes on with the
// same file. Lost can only be what it writes in the microseconds between the last read and the cut.
// Putting the copy back leaves in place what was written since: old lines first, then the new ones.
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { HealError } from "../domain/errors.ts";
import type { AnchoredFolder } from "./anchored-folder.ts";
import type { ClearableFile } from "./clean-up-files.ts";
import type { Copies, Copy } from "./set-aside.ts";

/** Enough to tell the beginning of one log from another's, and to know a hole when it is seen. */
const HEAD = 65_536;
const SLICE = 1_048_576;
const flags = constants.O_RDWR | constants.O_NOFOLLOW | constants.O_NONBLOCK;

type Expected = Pick<ClearableFile, "bytes" | "dev" | "ino">;

/** undefined: the file that was seen is not there any more. */
export async function openLog(
  folder: AnchoredFolder,
  name: string,
  { dev, ino }: Expected,
): Promise<FileHandle | undefined> {
  const file = await open(await folder.at(name), flags).catch(() => undefined);
  if (file === undefined) return undefined;
  const now = await file.stat();
  if (now.isFile() && now.dev === dev && now.ino === ino && now.nlink === 1) return file;
  await file.close();
  return undefined;
}

/** Whether it still has all that it had: logs only grow, until somebody cuts them. */
export async function isWhole(
  file: FileHandle,
  expected: Expected,
  copies?: Copies,
  copy?: Copy,
): Promise<boolean> {
  const { size } = await file.stat();
  if (size < Math.max(expected.bytes, copy?.bytes ?? 0)) return false;
  if (copy === undefined || copies === undefined) return true;
  const head = await beginningOf(copies.read(copy), HEAD);
  return (await slice(file, 0, head.length)).equals(head);
}

/** Byte for byte what was copied, and perhaps more behind it. */
export async function beginsWith(file: FileHandle, copy: Copy): Promise<boolean> {
  const hash = createHash("sha256");
  for await (const chunk of contentOf(file, 0, copy.bytes)) hash.update(chunk);
  return (await file.stat()).size >= copy.bytes && hash.digest("hex") === copy.sha256;
}

/** Copies it (if that was not done), then cuts it; what was written after the copy goes on as the new beginning. */
export async function emptyLog(file: FileHandle, key: string, copies: Copies): Promise<void> {
  const copy = copies.get(key) ?? (await copies.add([{ key, content: () => contentOf(file, 0) }]))[0];
  if (copy === undefined) return;
  const rest = await all(contentOf(file, copy.bytes));
  await file.truncate(0);
  // One write at the end, whoever writes at the same time.
  if (rest.length > 0) await appendTo(file, rest);
  await file.sync();
}

/** Puts the copy in front of what was written since. May be called again after it was cut off anywhere. */
export async function refillLog(file: FileHandle, key: string, copies: Copies, copy: Copy): Promise<void> {
  // What was written since is copied too, so that the file may be written over; a copy says that this was done.
  const sinceKey = `${key}#since`;
  const known = copies.get(sinceKey);
  const { size } = await file.stat();
  const begun = known !== undefined && size >= copy.bytes + known.bytes;
  const since = begun ? known : await makeRoom(file, sinceKey, copies, copy);
  const head = await beginningOf(copies.read(copy), HEAD);
  await writeAt(file, head.length, skipped(copies.read(copy), head.length));
  await writeAt(file, copy.bytes, copies.read(since));
  await file.datasync();
  // Last: a log with its old beginning is a log that is whole.
  await writeWhole(file, head, 0);
  await file.sync();
}

async function makeRoom(file: FileHandle, key: string, copies: Copies, copy: Copy): Promise<Copy> {
  const hole = await holeOf(file, copy.bytes);
  const end = hole ?? (await file.stat()).size;
  const [since] = await copies.add([{ key, content: () => contentOf(file, 0, end) }]);
  if (since === undefined) throw new HealError("no copy was made", { code: "copy-unverified" });
  if (hole !== undefined) return since;
  // From here on a program that appends writes behind the room; what came in until now goes behind it, too.
  const late = await all(contentOf(file, end));
  await file.truncate(copy.bytes + end);
  if (late.length > 0) await appendTo(file, late);
  return since;
}

/**
 * A program that does not append but writes where it left off has left a hole of the old size in the cut file: what it
 * wrote since stands in its place already. Where the hole begins; undefined: there is none.
 */
async function holeOf(file: FileHandle, oldBytes: number): Promise<number | undefined> {
  const { size } = await file.stat();
  if (size < oldBytes) return undefined;
  const beginning = await slice(file, 0, Math.min(HEAD, size));
  const at = beginning.indexOf(0);
  if (at < 0 || size < at + oldBytes) return undefined;
  const hole = await slice(file, at, Math.min(HEAD, oldBytes));
  return hole.every((byte) => byte === 0) ? at : undefined;
}

export async function* contentOf(
  file: FileHandle,
  from: number,
  end = Number.POSITIVE_INFINITY,
): AsyncIterable<Buffer> {
  for (let at = from; at < end; ) {
    const chunk = await slice(file, at, Math.min(SLICE, end - at));
    if (chunk.length === 0) return;
    at += chunk.length;
    yield chunk;
  }
}

async function slice(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  const { bytesRead } = await file.read(buffer, 0, length, at);
  return buffer.subarray(0, bytesRead);
}

async function all(content: AsyncIterable<Buffer>): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of content) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function beginningOf(content: AsyncIterable<Buffer>, most: number): Promise<Buffer> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of content) {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= most) break;
  }
  return Buffer.concat(chunks).subarray(0, most);
}

async function* skipped(content: AsyncIterable<Buffer>, count: number): AsyncIterable<Buffer> {
  let left = count;
  for await (const chunk of content) {
    if (chunk.length > left) yield chunk.subarray(left);
    left = Math.max(0, left - chunk.length);
  }
}

async function writeAt(file: FileHandle, from: number, content: AsyncIterable<Buffer>): Promise<void> {
  let at = from;
  for await (const chunk of content) {
    await writeWhole(file, chunk, at);
    at += chunk.length;
  }
}

/** A disk that is nearly full takes a part without an error; the error comes with the next part. */
async function writeWhole(file: FileHandle, bytes: Buffer, at: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
  }
}

/** Through a descriptor of its own that appends: the end is where the kernel sees it at the moment of the write. */
async function appendTo(file: FileHandle, bytes: Buffer): Promise<void> {
  if (process.platform !== "linux") {
    await writeWhole(file, bytes, (await file.stat()).size);
    return;
  }
  await using end = await open(`/proc/self/fd/${file.fd}`, constants.O_WRONLY | constants.O_APPEND);
  await end.appendFile(bytes);
}
