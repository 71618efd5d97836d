// Messages in a TCP stream, framed by a count of bytes before each ("95 <13>1 …") or by a line end after each, as
// every sender likes; RFC 6587. What is longer than it may be is cut, and never kept in memory.
export interface FrameReader {
  push(chunk: Buffer, onFrame: (text: string) => void): void;
  /** The connection has ended: what has no line end is a message as well. */
  end(onFrame: (text: string) => void): void;
}

const NEWLINE = 10;
const LONGEST_COUNT = 9;

export function makeFrameReader({ mostBytes = 64 * 1024 }: { mostBytes?: number } = {}): FrameReader {
  let rest = Buffer.alloc(0);
  /** Bytes of a counted message that are left to pass over. */
  let skip = 0;
  /** Inside a line that was given out already as far as it may go. */
  let skipLine = false;

  /** True when something was taken off the buffer. */
  function step(onFrame: (text: string) => void): boolean {
    if (skip > 0) return pass(Math.min(skip, rest.length));
    if (skipLine) return passLine();
    const count = countAt(rest);
    if (count === "incomplete") return false;
    return count === undefined ? takeLine(onFrame) : takeCounted(count, onFrame);
  }

  function pass(bytes: number): boolean {
    skip -= bytes;
    rest = rest.subarray(bytes);
    return bytes > 0;
  }

  function passLine(): boolean {
    const end = rest.indexOf(NEWLINE);
    skipLine = end === -1;
    const bytes = end === -1 ? rest.length : end + 1;
    rest = rest.subarray(bytes);
    return bytes > 0;
  }

  function takeCounted(
    { start, bytes }: { start: number; bytes: number },
    onFrame: (text: string) => void,
  ): boolean {
    const kept = Math.min(bytes, mostBytes);
    if (rest.length < start + kept) return false;
    give(rest.subarray(start, start + kept), onFrame);
    rest = rest.subarray(start + kept);
    skip = bytes - kept;
    return true;
  }

  function takeLine(onFrame: (text: string) => void): boolean {
    const end = rest.indexOf(NEWLINE);
    if (end === -1 && rest.length < mostBytes) return false;
    const kept = end === -1 ? mostBytes : Math.min(end, mostBytes);
    give(rest.subarray(0, kept), onFrame);
    rest = rest.subarray(end === -1 || end > kept ? kept : end + 1);
    skipLine = end === -1 || end > kept;
    return true;
  }

  return {
    push(chunk, onFrame) {
      rest = Buffer.concat([rest, chunk]);
      while (rest.length > 0 && step(onFrame)) {
        // Goes on until a message is not complete yet.
      }
      rest = Buffer.from(rest);
    },
    end(onFrame) {
      if (skip === 0 && !skipLine) give(rest, onFrame);
      rest = Buffer.alloc(0);
    },
  };
}

/** "95 <": only digits followed by a space and a priority are a count; a line may begin with a number as well. */
function countAt(bytes: Buffer): { start: number; bytes: number } | "incomplete" | undefined {
  const head = bytes.toString("latin1", 0, LONGEST_COUNT + 2);
  const [whole, digits] = /^([1-9]\d{0,8}) </.exec(head) ?? [];
  if (whole !== undefined) return { start: whole.length - 1, bytes: Number(digits) };
  return /^[1-9]\d{0,8} ?$/.test(head) && head.length < LONGEST_COUNT + 2 ? "incomplete" : undefined;
}

function give(bytes: Buffer, onFrame: (text: string) => void): void {
  const text = bytes.toString("utf8").replace(/[\r\n\0]+$/, "");
  if (text !== "") onFrame(text);
}
