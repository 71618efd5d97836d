// Some entries of a tar archive as it streams by, byte for byte, without keeping more of it than one header in memory.
// Source: POSIX.1-2017, pax, "ustar Interchange Format" and "pax Header Block"; GNU's long names (types L and K).
import { HealError } from "../domain/errors.ts";

export interface TarEntry {
  /** Without "./", "/" before it and "/" behind it. */
  path: string;
  /** "0" file, "1" hard link, "2" symbolic link, "3" and "4" devices, "5" folder, "6" pipe. */
  type: string;
  /** Where a link leads to, written as the path is for a hard one. */
  link: string;
}

const BLOCK = 512;
/** An archive without entries. */
export const EMPTY_TAR = Buffer.alloc(2 * BLOCK);
/** Headers that say something of the entry after them. */
const ABOUT_NEXT = "xgLK";
/** Names are at most a few thousand bytes; a header that says more is none. */
const LONGEST_HEADER = 1024 * 1024;

/** An archive of the entries that are wanted, in their order. HealError "tar-cut-off", "tar-unreadable". */
export async function* tarOnly(
  source: AsyncIterable<Buffer>,
  wanted: (entry: TarEntry) => boolean,
): AsyncGenerator<Buffer> {
  const bytes = readerOf(source);
  let before: Buffer[] = [];
  let said: Said = {};
  for (;;) {
    const header = await bytes.exactly(BLOCK);
    if (header.every((one) => one === 0)) break;
    const type = String.fromCharCode(header[156] ?? 0);
    if (ABOUT_NEXT.includes(type)) {
      const size = numberAt(header, 124, 12);
      if (size > LONGEST_HEADER) throw unreadable("a header is longer than any name");
      const body = await bytes.exactly(padded(size));
      before.push(header, body);
      said = { ...said, ...saidBy(type, body.subarray(0, size)) };
      continue;
    }
    const entry = entryOf(header, type, said);
    // Links and devices may carry a size, but never content.
    const length = "123456".includes(type) ? 0 : padded(said.size ?? numberAt(header, 124, 12));
    const isWanted = wanted(entry);
    if (isWanted) yield* [...before, header];
    for await (const chunk of bytes.next(length)) if (isWanted) yield chunk;
    [before, said] = [[], {}];
  }
  yield EMPTY_TAR;
  await bytes.toEnd();
}

interface Said {
  path?: string;
  link?: string;
  size?: number;
}

function saidBy(type: string, body: Buffer): Said {
  const text = body.toString("utf8");
  if (type === "L") return { path: untilZero(text) };
  if (type === "K") return { link: untilZero(text) };
  if (type === "g") return {};
  const said: Said = {};
  for (let at = 0; at < body.length; ) {
    const length = Number.parseInt(body.toString("latin1", at, at + 12), 10);
    if (!(length > 0)) throw unreadable("a header cannot be understood");
    const line = body.toString("utf8", at, at + length - 1);
    const [key, value] = [
      line.slice(line.indexOf(" ") + 1, line.indexOf("=")),
      line.slice(line.indexOf("=") + 1),
    ];
    if (key === "path") said.path = value;
    if (key === "linkpath") said.link = value;
    if (key === "size") said.size = Number(value);
    at += length;
  }
  return said;
}

function entryOf(header: Buffer, type: string, said: Said): TarEntry {
  const text = (at: number, length: number) => untilZero(header.toString("utf8", at, at + length));
  const prefix = header.toString("latin1", 257, 262) === "ustar" ? text(345, 155) : "";
  const name = said.path ?? (prefix === "" ? text(0, 100) : `${prefix}/${text(0, 100)}`);
  const link = said.link ?? text(157, 100);
  return { path: plain(name), type: type === "\0" ? "0" : type, link: type === "1" ? plain(link) : link };
}

const untilZero = (text: string): string => text.split("\0", 1)[0] ?? "";
const plain = (path: string): string => path.replace(/^(?:\.?\/+)+/, "").replace(/\/+$/, "");
const padded = (size: number): number => Math.ceil(size / BLOCK) * BLOCK;

/** Octal digits or, where the first bit is set, a number of base 256. */
function numberAt(header: Buffer, at: number, length: number): number {
  const field = header.subarray(at, at + length);
  if (((field[0] ?? 0) & 0x80) === 0)
    return Number.parseInt(untilZero(field.toString("latin1")).trim(), 8) || 0;
  return field.subarray(1).reduce((sum, one) => sum * 256 + one, 0);
}

function readerOf(source: AsyncIterable<Buffer>) {
  const chunks = source[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  async function* next(length: number): AsyncGenerator<Buffer> {
    for (let left = length; left > 0; ) {
      if (rest.length === 0) {
        const { done, value } = await chunks.next();
        if (done === true)
          throw new HealError("the archive ends in the middle", { code: "tar-cut-off", retryable: true });
        rest = value;
        continue;
      }
      const part = rest.subarray(0, left);
      rest = rest.subarray(part.length);
      left -= part.length;
      yield part;
    }
  }
  return {
    next,
    async exactly(length: number): Promise<Buffer> {
      const parts: Buffer[] = [];
      for await (const part of next(length)) parts.push(part);
      return Buffer.concat(parts);
    },
    /** Whoever sends it must get rid of all. */
    async toEnd(): Promise<void> {
      rest = Buffer.alloc(0);
      while ((await chunks.next()).done !== true);
    },
  };
}

function unreadable(why: string): HealError {
  return new HealError(`this is no tar archive: ${why}`, { code: "tar-unreadable" });
}
