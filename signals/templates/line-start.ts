// Where the message of a line begins, learned from the lines of one stream as they come. A stream may mix several
// forms (a program's own lines and those of its web server); each is learned when enough of its lines were seen.
import { compileHeader, type FieldKind, type Header, hasTime, headerOf } from "./header.ts";
import { makeRecentHeaders } from "./recent-headers.ts";

export interface SavedStart {
  headers: FieldKind[][];
  recent: string[];
  strange: StrangeLine[];
  seen: number;
  learnAt: number;
}

export interface Start {
  /** 0 when the line has no header, or one that is not known yet. */
  at: number;
  /** Has the line the whole of a known header? */
  known: boolean;
}

/** A line of no known form, and the group that it was put into as a whole. */
export interface StrangeLine {
  text: string;
  id: string;
  /** How often it came. */
  lines: number;
}

/** Of a stream's first lines so many are kept until their form is known, so that they can be put right. */
const KEPT = 512;
const KEPT_CHARS = 1_000;
/** The latest of them are looked at: the first time when there are so many, then each time there are twice as many. */
const FIRST_LOOK = 32;
const SAMPLE = 64;
/** Lines that begin alike and make a form. */
const ALIKE = 16;
const FORMS = 8;

export type LineStart = ReturnType<typeof makeLineStart>;

export function makeLineStart(saved?: SavedStart) {
  const headers = (saved?.headers ?? []).map(formOf);
  const recent = makeRecentHeaders(saved?.recent);
  const strange = new Map((saved?.strange ?? []).map((line) => [line.text, { ...line }]));
  let [seen, learnAt] = [saved?.seen ?? 0, saved?.learnAt ?? FIRST_LOOK];

  function of(text: string): Start {
    const known = recent.of(text);
    return known > 0 ? { at: known, known: true } : read(text);
  }

  function read(text: string): Start {
    const whole = firstOf(headers, text, "whole");
    if (whole > 0) return { at: recent.note(text, whole), known: true };
    return { at: firstOf(headers, text, "partly"), known: false };
  }

  /** Notes a line of no known form. When that teaches a form: the lines kept so far that have it. */
  function learn(text: string, id: string): StrangeLine[] {
    if (headers.length >= FORMS || (learnAt > KEPT && seen < learnAt - SAMPLE)) return skip();
    const kept = text.slice(0, KEPT_CHARS);
    const same = strange.get(kept);
    // The same line again teaches nothing.
    if (same !== undefined) {
      same.lines++;
      return [];
    }
    strange.set(kept, { text: kept, id, lines: 1 });
    return ++seen < learnAt ? [] : look();
  }

  function skip(): StrangeLine[] {
    seen++;
    return [];
  }

  function look(): StrangeLine[] {
    const found = formsIn([...strange.keys()].slice(-SAMPLE));
    headers.push(...found.map(formOf));
    const known = [...strange.values()].filter((line) => of(line.text).known);
    for (const line of known) strange.delete(line.text);
    if (found.length > 0) [seen, learnAt] = [strange.size, FIRST_LOOK];
    while (learnAt <= seen) learnAt *= 2;
    if (learnAt > KEPT) strange.clear();
    return known;
  }

  /** Forms that another worker learned. */
  function merge(other: SavedStart) {
    const own = new Set(headers.map(({ kinds }) => kinds.join()));
    const others = other.headers.filter((kinds) => !own.has(kinds.join()));
    headers.push(...others.slice(0, FORMS - headers.length).map(formOf));
  }

  const save = (): SavedStart => ({
    headers: headers.map(({ kinds }) => [...kinds]),
    recent: recent.save(),
    strange: [...strange.values()].map((line) => ({ ...line })),
    seen,
    learnAt,
  });
  return { of, learn, merge, save };
}

interface Form extends Header {
  kinds: FieldKind[];
}

const formOf = (kinds: FieldKind[]): Form => ({ kinds: [...kinds], ...compileHeader(kinds) });

/** The form that fits is tried first next time. */
function firstOf(forms: Form[], text: string, how: "whole" | "partly"): number {
  for (const [index, form] of forms.entries()) {
    const at = form[how](text);
    if (at === 0) continue;
    if (index > 0) forms.unshift(...forms.splice(index, 1));
    return at;
  }
  return 0;
}

/** One form for all lines, or one for each kind of beginning. */
function formsIn(texts: readonly string[]): FieldKind[][] {
  const whole = headerOf(texts);
  if (whole !== undefined) return [whole];
  const alike = Map.groupBy(texts, beginning);
  const found = [...alike.values()].filter((some) => some.length >= ALIKE).map(headerOf);
  const forms = new Map<string, FieldKind[]>();
  for (const header of found) if (header !== undefined && hasTime(header)) forms.set(header.join(), header);
  return [...forms.values()];
}

/** "2024-01-02 10:11:12 INFO" as "0-0-0 0:0:0 a": runs of digits and of letters are one sign each. */
function beginning(text: string): string {
  return text
    .slice(0, 24)
    .replace(/\d+/g, "0")
    .replace(/[a-z]+/gi, "a")
    .replace(/\s+/g, " ")
    .slice(0, 6);
}
