// Headers seen lately. The next line's header is mostly one of them with other digits, which is known by comparing,
// several times faster than by reading it anew.
const KEPT = 16;
const LONGEST = 200;

/** Not a piece of the text, which would keep the whole of it in memory. */
interface RecentHeader {
  length: number;
  codes: Uint16Array;
}

export function makeRecentHeaders(saved: readonly string[] = []) {
  const recent: RecentHeader[] = [];
  for (const header of saved) note(header, header.length);

  /** Where the message begins if the line starts with a known header, digits aside; else 0. */
  function of(text: string): number {
    for (let index = 0; index < recent.length; index++) {
      const header = recent[index] as RecentHeader;
      if (!startsLike(text, header)) continue;
      if (index > 0) {
        recent[index] = recent[index - 1] as RecentHeader;
        recent[index - 1] = header;
      }
      return header.length;
    }
    return 0;
  }

  /** In the place of the one that was found least lately. */
  function note(text: string, start: number): number {
    if (start === 0 || start > LONGEST) return start;
    if (recent.length < KEPT) recent.push({ length: 0, codes: new Uint16Array(LONGEST) });
    const last = recent[recent.length - 1] as RecentHeader;
    last.length = start;
    for (let index = 0; index < start; index++) last.codes[index] = text.charCodeAt(index);
    return start;
  }

  const save = () => recent.map(({ codes, length }) => String.fromCharCode(...codes.subarray(0, length)));
  return { of, note, save };
}

/** From the end on: headers of one form differ most in what stands last. */
function startsLike(text: string, { length, codes }: RecentHeader): boolean {
  if (text.length <= length || text.charCodeAt(length) <= SPACE) return false;
  for (let index = length - 1; index >= 0; index--) {
    const one = text.charCodeAt(index);
    const other = codes[index] as number;
    if (one !== other && (one > NINE || other > NINE || one < ZERO || other < ZERO)) return false;
  }
  return true;
}

const SPACE = 32;
const ZERO = 48;
const NINE = 57;
