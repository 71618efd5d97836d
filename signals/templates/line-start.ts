// Where the message of a line begins, learned from the lines of one stream as they come. A stream may mix several
// forms (a program's own lines and those of its web server); each is learned when enough of its lines were seen.
import { compileHeader, type FieldKind, headerOf } from "./header.ts";

export interface SavedStart {
  headers: FieldKind[][];
  strange: StrangeLine[];
  seen: number;
  learnAt: number;
}

/** A line of no known form, and the group that it was put into as a whole. */
export interface StrangeLine {
  text: string;
  id: string;
}

/** Lines of unknown form that are kept to learn from. */
const KEPT = 64;
const KEPT_CHARS = 1_000;
/** After so many of them the first look is taken; twice as many after each in vain. */
const FIRST_LOOK = 32;
/** Lines that begin alike and make a form. */
const ALIKE = 16;
const FORMS = 8;

export type LineStart = ReturnType<typeof makeLineStart>;

export function makeLineStart(saved?: SavedStart) {
  const headers: FieldKind[][] = structuredClone(saved?.headers ?? []);
  let starts = headers.map(compileHeader);
  let strange: StrangeLine[] = [...(saved?.strange ?? [])];
  let [seen, learnAt] = [saved?.seen ?? 0, saved?.learnAt ?? FIRST_LOOK];

  /** 0 when the line has no header, or one that is not known yet. */
  function of(text: string): number {
    for (let index = 0; index < starts.length; index++) {
      const start = (starts[index] as (text: string) => number)(text);
      if (start === 0) continue;
      // The next line is probably of the same form.
      if (index > 0) starts = [starts[index], ...starts.filter((_, at) => at !== index)] as typeof starts;
      return start;
    }
    return 0;
  }

  /** Notes a line of no known form. When that teaches a form: the lines kept so far that have it. */
  function learn(text: string, id: string): StrangeLine[] {
    if (headers.length >= FORMS) return [];
    if (strange.length === KEPT) strange.shift();
    strange.push({ text: text.slice(0, KEPT_CHARS), id });
    if (++seen < learnAt) return [];
    const found = formsIn(strange.map((line) => line.text));
    [seen, learnAt] = found.length > 0 ? [0, FIRST_LOOK] : [seen, 2 * learnAt];
    headers.push(...found);
    starts.push(...found.map(compileHeader));
    const known = strange.filter((line) => of(line.text) > 0);
    if (known.length > 0) strange = strange.filter((line) => !known.includes(line));
    return known;
  }

  /** Forms that another worker learned. */
  function merge(other: SavedStart) {
    for (const header of other.headers) {
      if (headers.length >= FORMS || headers.some((own) => own.join() === header.join())) continue;
      headers.push([...header]);
      starts.push(compileHeader(header));
    }
  }

  const save = (): SavedStart => structuredClone({ headers, strange, seen, learnAt });
  return { of, learn, merge, save };
}

/** One form for all lines, or one for each kind of beginning. */
function formsIn(texts: readonly string[]): FieldKind[][] {
  const whole = headerOf(texts);
  if (whole !== undefined) return [whole];
  const alike = Map.groupBy(texts, beginning);
  const found = [...alike.values()].filter((some) => some.length >= ALIKE).map(headerOf);
  const forms = new Map(
    found.filter((header) => header !== undefined).map((header) => [header.join(), header]),
  );
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
