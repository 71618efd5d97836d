// Where the header of a line ends: time, level, thread, host, program. It says who spoke, not what was said, and
// the same error comes from many threads and hosts.

/** A header is no longer than this. */
const HEADER_CHARS = 240;
/** This many words in a row that look like nothing in particular are a sentence: the message has begun. */
const PROSE = 3;

/** A bracketed group, however nested at its end; else what stands between blanks or bars. */
const chunk = /\[[^\]]*\](?:[^\s\]]*\])*:?|[^\s|]+[\s|]*|[\s|]+/g;
const time = /^\*$|\d:\d\d|^\d{4}[-./]\d\d[-./]\d\d|^\d{9,13}$/;
const level =
  /^(?:trace|verbose|debug|info|information|notice|warn|warning|error|err|severe|fatal|critical|crit|alert|emerg|panic|[VDIWEF])$/i;

interface Seen {
  /** A time or a bracketed group: this line has a header. */
  timed: boolean;
  leveled: boolean;
  /** Plain words since the last thing that can only stand in a header. */
  plain: number;
}

/** "header": up to here; "last": up to here and no further; "skip": belongs to what comes before or after; "plain": a word. */
type Kind = "header" | "last" | "skip" | "plain";

/** The index at which the message of a masked line begins; 0 without a header. */
export function headerEnd(text: string): number {
  const seen: Seen = { timed: false, leveled: false, plain: 0 };
  let end = 0;
  for (const match of text.slice(0, HEADER_CHARS).matchAll(chunk)) {
    const kind = kindOf(match[0], seen);
    if (kind === "plain" && ++seen.plain >= PROSE) break;
    if (kind !== "header" && kind !== "last") continue;
    end = match.index + match[0].length;
    seen.plain = 0;
    if (kind === "last") break;
  }
  return end;
}

function kindOf(raw: string, seen: Seen): Kind {
  const text = raw.replace(/^[\s|]+|[\s|]+$/g, "");
  const grouped = text.startsWith("[");
  if ((time.test(text) || (grouped && /\d:\d\d/.test(text))) && (seen.plain === 0 || !seen.leveled)) {
    seen.timed = true;
    return "header";
  }
  if (!seen.leveled && level.test(text.replace(/^[[(<]+|[\])>:,]+$/g, ""))) {
    seen.leveled = true;
    return "header";
  }
  if (grouped && seen.plain <= 1) {
    seen.timed = true;
    return "header";
  }
  return kindOfWord(raw, text, seen);
}

function kindOfWord(raw: string, text: string, { timed, leveled, plain }: Seen): Kind {
  const begun = timed || leveled;
  if (/^[-–*]*$/.test(text)) return begun && plain <= 1 ? "header" : "skip";
  if (raw.includes("|") && plain === 0) return "header";
  // "program:", or "host program:" before a level was seen.
  if (text.endsWith(":") && begun && plain <= (leveled ? 0 : 1)) return "last";
  if (/[\d*]/.test(text)) return plain === 0 && !leveled ? "header" : "skip";
  return "plain";
}
