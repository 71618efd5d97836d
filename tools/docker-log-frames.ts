// Docker's log stream: frames of 8 bytes header and a message, a timestamp before each message, none of it where
// the container has a terminal. Source: Docker Engine API, "Stream format" of container attach and logs.
import type { LogLine } from "./target.ts";

export interface StampedLine extends LogLine {
  /** RFC 3339 with nine digits, as Docker writes it: sorts as text. */
  stamp: string;
}

const HEADER = 8;
const STAMP = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z) /;

export interface LogDecoder {
  /** Whatever bytes came; complete lines are given back. */
  push(chunk: Buffer): StampedLine[];
}

/** A message that does not end in a newline is a part of a long line (16 kB each): its parts are joined. */
export function makeLogDecoder({ tty }: { tty: boolean }): LogDecoder {
  let bytes = Buffer.alloc(0);
  const partial = new Map<LogLine["stream"], StampedLine>();

  function take(stream: LogLine["stream"], message: string): StampedLine[] {
    const stamp = STAMP.exec(message)?.[1] ?? "";
    const text = message.slice(stamp === "" ? 0 : stamp.length + 1);
    const before = partial.get(stream);
    const line: StampedLine = before
      ? { ...before, text: before.text + text }
      : { stream, stamp, at: stamp === "" ? 0 : Date.parse(`${stamp.slice(0, 23)}Z`), text };
    if (!text.endsWith("\n")) {
      partial.set(stream, line);
      return [];
    }
    partial.delete(stream);
    return [{ ...line, text: line.text.replace(/\r?\n$/, "") }];
  }

  function takeFrames(): StampedLine[] {
    const lines: StampedLine[] = [];
    while (bytes.length >= HEADER) {
      const length = bytes.readUInt32BE(4);
      if (bytes.length < HEADER + length) break;
      const message = bytes.toString("utf8", HEADER, HEADER + length);
      lines.push(...take(bytes[0] === 2 ? "stderr" : "stdout", message));
      bytes = bytes.subarray(HEADER + length);
    }
    return lines;
  }

  function takeText(): StampedLine[] {
    const lines: StampedLine[] = [];
    for (let end = bytes.indexOf(10); end !== -1; end = bytes.indexOf(10)) {
      lines.push(...take("stdout", bytes.toString("utf8", 0, end + 1)));
      bytes = bytes.subarray(end + 1);
    }
    return lines;
  }

  return {
    push(chunk) {
      bytes = Buffer.concat([bytes, chunk]);
      return tty ? takeText() : takeFrames();
    },
  };
}
