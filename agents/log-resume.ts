// Going on after an interruption without saying a line twice: a source is asked for lines since the time of the
// last one, and gives that one, and others of the same millisecond, again.
import type { LogLine } from "../tools/target.ts";

export interface Resume {
  /** From when to ask. */
  since(): number;
  /** False for a line that was given out before the interruption. */
  isNew(line: LogLine): boolean;
}

export function sinceLast(start: number): Resume {
  let last = start;
  /** Lines of the last millisecond, and how often each was seen. */
  let seen = new Map<string, number>();
  /** Those of them that may come again after an interruption. */
  let repeats = new Map<string, number>();

  return {
    since() {
      repeats = new Map(seen);
      return last;
    },
    isNew({ at, stream, text }) {
      const key = `${stream} ${text}`;
      if (at === last) {
        const left = repeats.get(key) ?? 0;
        if (left > 0) {
          repeats.set(key, left - 1);
          return false;
        }
      }
      if (at > last) {
        last = at;
        seen = new Map();
        repeats = new Map();
      }
      // Streams may arrive a little out of order: an older line is new, but does not move the time back.
      if (at === last) seen.set(key, (seen.get(key) ?? 0) + 1);
      return true;
    },
  };
}
