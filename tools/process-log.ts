// The output file of a process: read from its end, and followed, also over its rotation. Its lines carry no time of
// their own: a followed line has the time when it was seen, one read later the time that process-log-care noted.
import { open, stat } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import { older, readMarks, sizeBefore, timeAt } from "./process-log-care.ts";
import type { LogLine } from "./target.ts";

const CHUNK = 64 * 1024;
/** Enough for the last few thousand lines. */
const TAIL_BYTES = 1024 * 1024;
const LOOK_EVERY_MS = 100;
const LOOK_BACK_MS = 1_000;
const LONGEST_LINE = 1024 * 1024;

/** The last lines that were written since a time, oldest first. */
export async function lastLines(
  path: string,
  { since, limit }: { since: number; limit: number },
  clock: Clock,
): Promise<LogLine[]> {
  const now = await linesOf(path, clock);
  // Soon after a rotation most of what was said lately is in the older file.
  const before = now.whole ? (await linesOf(older(path), clock)).lines : [];
  return [...before, ...now.lines].filter((one) => one.at >= since).slice(-limit);
}

async function linesOf(path: string, clock: Clock): Promise<{ lines: LogLine[]; whole: boolean }> {
  const info = await stat(path).catch(() => undefined);
  if (!info) return { lines: [], whole: true };
  const from = Math.max(0, info.size - TAIL_BYTES);
  const bytes = await readFrom(path, from, info.size - from);
  const marks = await readMarks(path);
  const lines: LogLine[] = [];
  let position = from;
  const rest = emitLines(bytes, (text, length) => {
    position += length;
    const at = Math.min(timeAt(marks, position) ?? Math.round(info.mtimeMs), clock.now());
    if (text !== "") lines.push({ at, stream: "stdout", text });
  });
  // The last words of a program that was killed have no line end.
  if (rest.length > 0) lines.push({ at: Math.round(info.mtimeMs), stream: "stdout", text: rest.toString() });
  if (from > 0) lines.shift(); // begins in the middle of a line
  return { lines, whole: from === 0 };
}

/** Every line written since a time, and from now on. Ends when aborted. */
export async function followProcessLog(
  path: string,
  onLine: (line: LogLine) => void,
  { since, clock, signal }: { since: number; clock: Clock; signal: AbortSignal },
): Promise<void> {
  const past = await pastOf(path, { since, now: clock.now() });
  let position = past.from;
  let rest = Buffer.alloc(0);
  async function readOn(from: string, size: number, timeOf: (end: number) => number): Promise<void> {
    while (position < size && !signal.aborted) {
      const chunk = await readFrom(from, position, Math.min(CHUNK, size - position));
      if (chunk.length === 0) return;
      let end = position - rest.length;
      position += chunk.length;
      rest = emitLines(Buffer.concat([rest, chunk]), (text, length) => {
        end += length;
        onLine({ at: timeOf(end), stream: "stdout", text });
      });
    }
  }
  await readOn(path, past.size, past.timeOf);
  const now = (): number => clock.now();
  while (!signal.aborted) {
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size < position) {
      // Rotated: what was written between the last look and then is at the end of the older file.
      const end = (await stat(older(path)).catch(() => undefined))?.size ?? 0;
      await readOn(older(path), end, now);
      position = 0;
      rest = Buffer.alloc(0);
    }
    await readOn(path, size, now);
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Where to begin, and how old what is there already is. A look back of less than a second is none. */
async function pastOf(path: string, { since, now }: { since: number; now: number }) {
  const info = await stat(path).catch(() => undefined);
  const size = info?.size ?? 0;
  const marks = await readMarks(path);
  const from = since > now - LOOK_BACK_MS ? size : Math.min(size, sizeBefore(marks, since));
  return { size, from, timeOf: (end: number) => timeAt(marks, end) ?? Math.round(info?.mtimeMs ?? now) };
}

/** Cuts at line ends in bytes, so that a character split over two reads stays whole. Returns what has no end yet. */
function emitLines(bytes: Buffer, emit: (text: string, length: number) => void): Buffer<ArrayBuffer> {
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    emit(bytes.toString("utf8", start, end).replace(/\r$/, ""), end + 1 - start);
    start = end + 1;
  }
  if (bytes.length - start > LONGEST_LINE) {
    emit(bytes.toString("utf8", start), bytes.length - start);
    start = bytes.length;
  }
  return Buffer.from(bytes.subarray(start));
}

async function readFrom(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path, "r");
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(length), 0, length, position);
    return buffer.subarray(0, bytesRead);
  } finally {
    await file.close();
  }
}
