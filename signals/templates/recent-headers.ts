// Headers seen lately. The next line's header is mostly one of them with other digits, which is known by comparing,
// several times faster than by reading it anew.
const KEPT = 8;
const LONGEST = 200;

export function makeRecentHeaders(saved: readonly string[] = []) {
  const recent = [...saved];

  /** Where the message begins if the line starts with a known header, digits aside; else 0. */
  function of(text: string): number {
    for (let index = 0; index < recent.length; index++) {
      const header = recent[index] as string;
      if (!startsLike(text, header)) continue;
      if (index > 0) {
        recent[index] = recent[index - 1] as string;
        recent[index - 1] = header;
      }
      return header.length;
    }
    return 0;
  }

  function note(text: string, start: number): number {
    if (start === 0 || start > LONGEST) return start;
    if (recent.length === KEPT) recent.pop();
    recent.push(text.slice(0, start));
    return start;
  }

  return { of, note, save: () => [...recent] };
}

/** From the end on: headers of one form differ most in what stands last. */
function startsLike(text: string, header: string): boolean {
  const length = header.length;
  if (text.length <= length || text.charCodeAt(length) <= SPACE) return false;
  for (let index = length - 1; index >= 0; index--) {
    const one = text.charCodeAt(index);
    const other = header.charCodeAt(index);
    if (one !== other && !(isDigit(one) && isDigit(other))) return false;
  }
  return true;
}

const SPACE = 32;
const isDigit = (code: number) => code >= 48 && code <= 57;
