// From the bytes of Docker's log stream to whole lines with their times. Without a terminal each entry comes in a
// frame of its own (8 bytes: stream, 0, 0, 0, length); with one there are no frames. Lines longer than 16 KiB are
// kept by the engine in pieces, each with the time of the first.
// Sources: Docker Engine API 1.41, POST /containers/{id}/attach, "Stream format"; moby: daemon/logger/copier.go.
import type { LogLine } from "./target.ts";

export interface DockerLogLine extends LogLine {
  /** RFC 3339 with nanoseconds, of fixed width, so that texts compare as times. */
  time: string;
}

const HEADER_BYTES = 8;
const PIECE_BYTES = 16 * 1024;
const LONGEST_LINE = 1024 * 1024;
const NEWLINE = 10;
const TIME = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d+(?:Z|[+-]\d\d:\d\d)) /;
const LONGEST_TIME = 40;

export interface LogReader {
  push(chunk: Buffer): void;
  /** What has no line end yet is a line as well: the last words of a program that was killed. */
  end(): void;
}

export function makeLogReader(tty: boolean, onLine: (line: DockerLogLine) => void): LogReader {
  return tty ? terminalReader(onLine) : frameReader(onLine);
}

function frameReader(onLine: (line: DockerLogLine) => void): LogReader {
  const streams = { stdout: lineOf("stdout", onLine), stderr: lineOf("stderr", onLine) };
  let waiting: Buffer[] = [];
  let size = 0;
  let needed = HEADER_BYTES;
  return {
    push(chunk) {
      waiting.push(chunk);
      size += chunk.length;
      // Joined only when something is complete: joining at every chunk would copy long entries again and again.
      if (size < needed) return;
      let bytes = Buffer.concat(waiting);
      needed = HEADER_BYTES;
      while (bytes.length >= HEADER_BYTES) {
        needed = HEADER_BYTES + bytes.readUInt32BE(4);
        if (bytes.length < needed) break;
        streams[bytes[0] === 2 ? "stderr" : "stdout"].entry(bytes.subarray(HEADER_BYTES, needed));
        bytes = bytes.subarray(needed);
        needed = HEADER_BYTES;
      }
      waiting = [bytes];
      size = bytes.length;
    },
    end() {
      streams.stdout.end();
      streams.stderr.end();
    },
  };
}

/** Puts the entries of one stream together to lines. */
function lineOf(stream: LogLine["stream"], onLine: (line: DockerLogLine) => void) {
  let time = "";
  let pieces: Buffer[] = [];
  let size = 0;
  const finish = (): void => {
    if (pieces.length > 0) emit(stream, time, Buffer.concat(pieces), onLine);
    pieces = [];
    size = 0;
  };
  return {
    entry(bytes: Buffer): void {
      const begun = timeAt(bytes);
      // A piece of the same line carries the same time; another time means that the line before was cut off.
      if (pieces.length > 0 && begun !== undefined && begun !== time) finish();
      if (pieces.length === 0) time = begun ?? time;
      const text = bytes.subarray(begun === undefined ? 0 : begun.length + 1);
      if (size < LONGEST_LINE) pieces.push(text.subarray(0, LONGEST_LINE - size));
      size += text.length;
      if (text.at(-1) === NEWLINE) finish();
    },
    end: finish,
  };
}

function terminalReader(onLine: (line: DockerLogLine) => void): LogReader {
  let rest = Buffer.alloc(0);
  let time = "";
  const finish = (bytes: Buffer): void => {
    const begun = timeAt(bytes);
    time = begun ?? time;
    emit("stdout", time, withoutInnerTimes(bytes.subarray(begun ? begun.length + 1 : 0), time), onLine);
  };
  return {
    push(chunk) {
      let bytes = Buffer.concat([rest, chunk]);
      for (let end = bytes.indexOf(NEWLINE); end !== -1; end = bytes.indexOf(NEWLINE)) {
        finish(bytes.subarray(0, end + 1));
        bytes = bytes.subarray(end + 1);
      }
      if (bytes.length > LONGEST_LINE) {
        finish(bytes);
        bytes = Buffer.alloc(0);
      }
      rest = Buffer.from(bytes);
    },
    end() {
      if (rest.length > 0) finish(rest);
      rest = Buffer.alloc(0);
    },
  };
}

/** The pieces of a long line follow each other without line end or frame; only their time shows the seams. */
function withoutInnerTimes(bytes: Buffer, time: string): Buffer {
  const seam = Buffer.from(`${time} `);
  const parts: Buffer[] = [];
  let rest = bytes;
  while (rest.length > PIECE_BYTES && rest.subarray(PIECE_BYTES, PIECE_BYTES + seam.length).equals(seam)) {
    parts.push(rest.subarray(0, PIECE_BYTES));
    rest = rest.subarray(PIECE_BYTES + seam.length);
  }
  return parts.length === 0 ? bytes : Buffer.concat([...parts, rest]);
}

function timeAt(bytes: Buffer): string | undefined {
  return TIME.exec(bytes.toString("latin1", 0, LONGEST_TIME))?.[1];
}

function emit(
  stream: LogLine["stream"],
  time: string,
  bytes: Buffer,
  onLine: (line: DockerLogLine) => void,
): void {
  const at = Date.parse(time);
  const text = bytes.toString("utf8").replace(/\r?\n$/, "");
  onLine({ time, at: Number.isNaN(at) ? 0 : at, stream, text });
}
