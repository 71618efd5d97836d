// One log file, held open: it is read to its end even after it was renamed or removed, and it is noticed when
// it was truncated under us, also when it has grown past the old place since.
import { createHash } from "node:crypto";
import { constants, type Stats } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { HealError } from "../domain/errors.ts";
import { makeByteLines } from "./log-file-lines.ts";

/** Enough to go on after a restart: which file, and up to where its lines were given out. */
export interface FilePosition {
  path: string;
  device: number;
  inode: number;
  /** Everything before this byte was given out. */
  offset: number;
  /** Its first bytes: inode numbers are used again, beginnings of logs are not. */
  head: Fingerprint;
  /** The last bytes before `offset`: tells a copy from a file that only begins alike. */
  tail: Fingerprint;
}

export interface Fingerprint {
  bytes: number;
  sha1: string;
}

/** Bytes in a whole fingerprint. */
export const PRINT_BYTES = 256;
const CHUNK_BYTES = 64 * 1024;
/** Of one file at one time, so that a flood in one does not starve the others. */
const TURN_BYTES = 2 * 1024 * 1024;

export interface LogFileReader {
  path: string;
  readonly id: string;
  position(): FilePosition;
  /** Where it was when it was last emptied; a copy of it may hold lines that came after. */
  emptiedAt(): FilePosition | undefined;
  /** Reads what is new. "more": its turn is over, but not the file. */
  read(onLine: (text: string) => void): Promise<"end" | "more">;
  /** Bytes of a last line without line break. */
  pending(): number;
  /** Gives out the last line even though no line break came. */
  flush(onLine: (text: string) => void): void;
  close(): Promise<void>;
}

export interface OpenedFile {
  handle: FileHandle;
  stats: Stats;
}

export function fileId({ dev, ino }: Pick<Stats, "dev" | "ino">): string {
  return `${dev}:${ino}`;
}

/** Throws HealError "not-a-log-file" for folders, pipes, devices: opening or reading those may hang for ever. */
export async function openRegular(path: string): Promise<OpenedFile> {
  const handle = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  const stats = await handle.stat();
  if (stats.isFile()) return { handle, stats };
  await handle.close();
  throw new HealError(`${path} is no regular file`, {
    code: "not-a-log-file",
    hint: "Pipes and devices, such as links to /dev/stdout, are followed through the runtime's logs instead.",
  });
}

async function printOf(
  handle: FileHandle,
  from: number,
  bytes: number,
): Promise<Fingerprint & { hole: boolean }> {
  const buffer = Buffer.alloc(bytes);
  const { bytesRead } = bytes === 0 ? { bytesRead: 0 } : await handle.read(buffer, 0, bytes, from);
  const seen = buffer.subarray(0, bytesRead);
  const hole = bytesRead > 0 && seen.every((byte) => byte === 0);
  return { bytes: bytesRead, sha1: createHash("sha1").update(seen).digest("hex"), hole };
}

/** Whether the file begins as the one whose position this is. */
export async function beginsAs(handle: FileHandle, { head }: FilePosition): Promise<boolean> {
  return (await printOf(handle, 0, head.bytes)).sha1 === head.sha1;
}

/** Whether reading may go on in this file at that position: the same file, or a copy of it. */
export async function goesOnAt(handle: FileHandle, position: FilePosition): Promise<boolean> {
  const { offset, tail } = position;
  if (!(await beginsAs(handle, position))) return false;
  return (await printOf(handle, offset - tail.bytes, tail.bytes)).sha1 === tail.sha1;
}

export async function makeLogFileReader(
  path: string,
  { handle, stats }: OpenedFile,
  { offset, maxLineBytes }: { offset: number; maxLineBytes: number },
): Promise<LogFileReader> {
  let at = offset;
  let lines = makeByteLines(maxLineBytes, await insideLine(handle, offset));
  let head = await printOf(handle, 0, PRINT_BYTES);
  let tail = await printBefore(offset);
  let changedAt = -1;
  let emptied: FilePosition | undefined;
  const buffer = Buffer.alloc(CHUNK_BYTES);

  function printBefore(end: number) {
    const bytes = Math.min(PRINT_BYTES, end);
    return printOf(handle, end - bytes, bytes);
  }

  /** True when the file that we know was emptied and begun anew. */
  async function restarted({ size, mtimeMs }: Stats): Promise<boolean> {
    if (size < at) return true;
    if (mtimeMs === changedAt) return false;
    const now = await printOf(handle, 0, head.bytes);
    if (now.sha1 === head.sha1) return false;
    // Emptied, but its writer went on at its old place: what lies before is a hole, what follows is new.
    if (!now.hole) return true;
    head = now;
    return false;
  }

  async function startAgain(onLine: (text: string) => void): Promise<void> {
    emptied = reader.position();
    lines.flush(onLine); // its rest is gone with the old content
    lines = makeByteLines(maxLineBytes);
    at = 0;
    head = await printOf(handle, 0, PRINT_BYTES);
  }

  async function readTurn(onLine: (text: string) => void): Promise<"end" | "more"> {
    for (let turn = 0; turn < TURN_BYTES; ) {
      const { bytesRead } = await handle.read(buffer, 0, CHUNK_BYTES, at);
      if (bytesRead === 0) return "end";
      at += bytesRead;
      turn += bytesRead;
      lines.push(buffer.subarray(0, bytesRead), onLine);
    }
    return "more";
  }

  const reader: LogFileReader = {
    path,
    id: fileId(stats),
    pending: () => lines.pending(),
    flush: (onLine) => lines.flush(onLine),
    close: () => handle.close(),
    emptiedAt: () => emptied,
    position: () => ({
      path: reader.path,
      device: stats.dev,
      inode: stats.ino,
      offset: at - lines.pending(),
      head: { bytes: head.bytes, sha1: head.sha1 },
      tail: { bytes: tail.bytes, sha1: tail.sha1 },
    }),
    async read(onLine) {
      const now = await handle.stat();
      if (await restarted(now)) await startAgain(onLine);
      changedAt = now.mtimeMs;
      const before = at;
      const end = await readTurn(onLine);
      if (at !== before) tail = await printBefore(at - lines.pending());
      if (head.bytes < PRINT_BYTES && at > head.bytes) head = await printOf(handle, 0, PRINT_BYTES);
      return end;
    },
  };
  return reader;
}

async function insideLine(handle: FileHandle, offset: number): Promise<boolean> {
  if (offset === 0) return false;
  const before = Buffer.alloc(1);
  const { bytesRead } = await handle.read(before, 0, 1, offset - 1);
  return bytesRead === 1 && before[0] !== 10;
}
