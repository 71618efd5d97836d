// The output file of a process: read from its end, and followed. Its lines carry no time of their own, so a
// followed line has the time when it was seen, and one read later the time of the file.
import { open, stat } from "node:fs/promises";
import type { Clock } from "../domain/clock.ts";
import type { LogLine } from "./target.ts";

const CHUNK = 64 * 1024;
/** Enough for the last few thousand lines. */
const TAIL_BYTES = 1024 * 1024;
const LOOK_EVERY_MS = 100;
const LONGEST_LINE = 1024 * 1024;

/** The last lines, oldest first; none when the file was not written since `since`. */
export async function lastLines(
  path: string,
  { since, limit }: { since: number; limit: number },
  clock: Clock,
): Promise<LogLine[]> {
  const info = await stat(path).catch(() => undefined);
  if (!info || info.mtimeMs < since) return [];
  const from = Math.max(0, info.size - TAIL_BYTES);
  const lines = (await readFrom(path, from, info.size - from)).toString("utf8").split("\n");
  if (from > 0) lines.shift(); // begins in the middle of a line
  const at = Math.min(Math.round(info.mtimeMs), clock.now());
  return lines
    .filter((text) => text !== "")
    .slice(-limit)
    .map((text) => ({ at, stream: "stdout", text }));
}

/** Every line written from now on (or from the start of the file where `since` is 0). Ends when aborted. */
export async function followProcessLog(
  path: string,
  onLine: (line: LogLine) => void,
  { since, clock, signal }: { since: number; clock: Clock; signal: AbortSignal },
): Promise<void> {
  let position = since === 0 ? 0 : ((await stat(path).catch(() => undefined))?.size ?? 0);
  let rest = Buffer.alloc(0);
  while (!signal.aborted) {
    const size = (await stat(path).catch(() => undefined))?.size ?? 0;
    if (size < position) {
      position = 0; // truncated by rotation
      rest = Buffer.alloc(0);
    }
    while (position < size && !signal.aborted) {
      const chunk = await readFrom(path, position, Math.min(CHUNK, size - position));
      if (chunk.length === 0) break;
      position += chunk.length;
      rest = emitLines(Buffer.concat([rest, chunk]), (text) =>
        onLine({ at: clock.now(), stream: "stdout", text }),
      );
    }
    await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
  }
}

/** Cuts at line ends in bytes, so that a character split over two reads stays whole. Returns what has no end yet. */
function emitLines(bytes: Buffer, emit: (text: string) => void): Buffer<ArrayBuffer> {
  let start = 0;
  for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10, start)) {
    emit(bytes.toString("utf8", start, end).replace(/\r$/, ""));
    start = end + 1;
  }
  if (bytes.length - start > LONGEST_LINE) {
    emit(bytes.toString("utf8", start));
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
