// Joins the lines of one event: stack traces of Node, Java, Python, Go, Ruby, .NET, PHP and Rust, and whatever
// else is indented under its first line. Pure: lines and times in, events out.
import { continues, type OpenEvent } from "./continuation.ts";

export interface JoinedLine {
  /** Time of the first line. */
  at: number;
  text: string;
}

export interface LineJoiner {
  /** One line, arrived `now`; gives the event before it when this line begins a new one. */
  push(line: JoinedLine, now?: number): JoinedLine[];
  /** The open event when nothing has been added to it for `waitMs`; without a time, in any case. */
  flush(now?: number): JoinedLine[];
}

export interface JoinerLimits {
  /** How long an event stays open for further lines, by their times and by their arrival. */
  waitMs?: number;
  maxLines?: number;
  maxChars?: number;
}

/** Enough of an event to know what kind of trace it is. */
const HEAD_CHARS = 4_000;

export function makeLineJoiner({
  waitMs = 1_000,
  maxLines = 400,
  maxChars = 32_000,
}: JoinerLimits = {}): LineJoiner {
  let open:
    | (OpenEvent & {
        at: number;
        lastAt: number;
        arrivedAt: number;
        lines: string[];
        chars: number;
        left: number;
      })
    | undefined;

  function close(): JoinedLine[] {
    if (open === undefined) return [];
    const { at, lines, left } = open;
    open = undefined;
    const cut = left === 0 ? [] : [`… [${left} more lines]`];
    return [{ at, text: [...lines, ...cut].join("\n") }];
  }

  function append(text: string): void {
    if (open === undefined) return;
    // An event without end keeps its beginning; its further lines still belong to it and are only counted.
    const fits = open.lines.length < maxLines && open.chars + text.length < maxChars;
    if (fits || open.lines.length === 0) open.lines.push(text);
    else open.left += 1;
    open.chars += text.length;
    if (open.head.length < HEAD_CHARS) open.head += `${text.slice(0, HEAD_CHARS)}\n`;
  }

  return {
    push({ at, text }, now = at) {
      if (open !== undefined) {
        if (text.trim() === "") {
          // Kept back: inside a trace it separates parts, after it it means nothing.
          open.blanks += 1;
          return [];
        }
        if (at - open.lastAt <= waitMs && continues(open, text)) {
          for (; open.blanks > 0; open.blanks--) append("");
          append(text);
          Object.assign(open, { last: text, lastAt: at, arrivedAt: now });
          return [];
        }
      }
      const closed = close();
      if (text.trim() !== "") {
        const empty = { lines: [], head: "", blanks: 0, chars: 0, left: 0 };
        open = { at, lastAt: at, arrivedAt: now, last: text, ...empty };
        append(text);
      }
      return closed;
    },
    flush(now) {
      return now === undefined || (open !== undefined && now - open.arrivedAt > waitMs) ? close() : [];
    },
  };
}
