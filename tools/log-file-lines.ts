// Cuts the bytes of a growing file into lines. Works on bytes, so that a character over two reads stays whole.
// What is no UTF-8 shows as replacement characters; a line without end is cut and its rest skipped.

export interface ByteLines {
  /** Calls back for each line that is complete now. */
  push(chunk: Buffer, onLine: (text: string) => void): void;
  /** Bytes that belong to no finished line yet. */
  pending(): number;
  /** Gives out the unfinished line, where there is one. */
  flush(onLine: (text: string) => void): void;
}

const NEWLINE = 10;

/** `skipFirst`: reading begins inside a line whose beginning was not seen. */
export function makeByteLines(maxBytes: number, skipFirst = false): ByteLines {
  let parts: Buffer[] = [];
  let held = 0;
  let skipping = skipFirst;

  function give(onLine: (text: string) => void, cut: string): void {
    const text = decode(Buffer.concat(parts));
    parts = [];
    held = 0;
    if (text !== "" || cut !== "") onLine(text + cut);
  }

  function hold(piece: Buffer, onLine: (text: string) => void): void {
    if (skipping || piece.length === 0) return;
    // A copy: the chunk is a view of a buffer that is read into again.
    parts.push(Buffer.from(piece.subarray(0, maxBytes - held)));
    held += piece.length;
    if (held <= maxBytes) return;
    give(onLine, "… [line cut]");
    skipping = true;
  }

  return {
    push(chunk, onLine) {
      let from = 0;
      for (let to = chunk.indexOf(NEWLINE); to !== -1; to = chunk.indexOf(NEWLINE, from)) {
        hold(chunk.subarray(from, to), onLine);
        if (!skipping) give(onLine, "");
        skipping = false;
        from = to + 1;
      }
      hold(chunk.subarray(from), onLine);
    },
    pending: () => held,
    flush(onLine) {
      if (held > 0) give(onLine, "");
      skipping = false;
    },
  };
}

const decoder = new TextDecoder();

/**
 * Leading NUL bytes are the hole that a truncation leaves before a writer that goes on at its old place; they
 * are no text. So is the carriage return of Windows line ends.
 */
function decode(bytes: Buffer): string {
  let from = 0;
  while (bytes[from] === 0) from += 1;
  const to = bytes.at(-1) === 13 ? bytes.length - 1 : bytes.length;
  return from >= to ? "" : decoder.decode(bytes.subarray(from, to));
}
