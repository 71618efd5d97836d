// Keeps the output file of a process within a budget, and notes now and then how long it was at which time, since
// its lines carry none. Whoever follows the processes' events calls this every second.
import { closeSync, copyFileSync, openSync, readSync, statSync, truncateSync, writeSync } from "node:fs";
import { appendFile, readFile, rename, stat, writeFile } from "node:fs/promises";
import { takeLock } from "./start-lock.ts";

export interface Mark {
  /** Everything up to `size` bytes was written by this time. */
  at: number;
  size: number;
}

/** About 40 minutes of a log that is written all the time; half of it is kept when it is full. */
const MOST_MARK_BYTES = 64 * 1024;

export const older = (log: string): string => `${log}.1`;
const marksFile = (log: string): string => `${log}.times`;

/**
 * Notes the time, and empties a file that is longer than `maxBytes` after copying it to NAME.1 (the copy before that
 * goes). Copy and truncate is safe for writers that append, which the service does; another opsmedic that is at it
 * already is left alone.
 */
export async function tendLog(log: string, lock: string, maxBytes: number): Promise<void> {
  const info = await stat(log).catch(() => undefined);
  if (!info || info.size === 0) return;
  const last = (await readMarks(log)).at(-1);
  if (last?.size !== info.size) await note(log, { at: Math.round(info.mtimeMs), size: info.size });
  if (info.size <= maxBytes) return;
  const release = takeLock(lock);
  if (!release) return;
  try {
    await rotate(log, maxBytes);
  } finally {
    release();
  }
}

/** From the copy to the truncation nothing may wait, or lines written meanwhile would be lost. */
async function rotate(log: string, maxBytes: number): Promise<void> {
  if (statSync(log).size <= maxBytes) return; // another one was quicker
  copyFileSync(log, older(log));
  appendWhatCameMeanwhile(log, older(log));
  truncateSync(log, 0);
  await rename(marksFile(log), marksFile(older(log))).catch(() => undefined);
}

function appendWhatCameMeanwhile(from: string, to: string): void {
  const [source, copy] = [openSync(from, "r"), openSync(to, "a")];
  try {
    const buffer = Buffer.alloc(64 * 1024);
    let position = statSync(to).size;
    for (let length = -1; length !== 0; position += length) {
      length = readSync(source, buffer, 0, buffer.length, position);
      writeSync(copy, buffer, 0, length);
    }
  } finally {
    closeSync(source);
    closeSync(copy);
  }
}

async function note(log: string, mark: Mark): Promise<void> {
  const file = marksFile(log);
  await appendFile(file, `${mark.at} ${mark.size}\n`, { mode: 0o600 });
  if ((await stat(file)).size <= MOST_MARK_BYTES) return;
  const marks = await readMarks(log);
  const kept = marks.slice(marks.length / 2).map(({ at, size }) => `${at} ${size}\n`);
  await writeFile(`${file}.new`, kept.join(""), { mode: 0o600 });
  await rename(`${file}.new`, file);
}

/** Oldest first; none where none were made. */
export async function readMarks(log: string): Promise<Mark[]> {
  const text = await readFile(marksFile(log), "utf8").catch(() => "");
  return text.split("\n").flatMap((line) => {
    const [at, size] = line.split(" ").map(Number);
    return at && size ? [{ at, size }] : [];
  });
}

/** When the byte before `position` had been written at the latest; undefined: after the last mark. */
export function timeAt(marks: readonly Mark[], position: number): number | undefined {
  let [low, high] = [0, marks.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((marks[middle]?.size ?? 0) >= position) high = middle;
    else low = middle + 1;
  }
  return marks[low]?.at;
}

/** How long the log was before a time, as far as the marks tell. */
export function sizeBefore(marks: readonly Mark[], at: number): number {
  return marks.findLast((mark) => mark.at < at)?.size ?? 0;
}
