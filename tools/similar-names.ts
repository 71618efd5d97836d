// Names that somebody may have meant: one or two letters off, or one a part of the other.

const MOST = 3;
const LONGEST = 64;

export function similarNames(wanted: string, names: readonly string[]): string[] {
  const target = wanted.toLowerCase().slice(0, LONGEST);
  return [...new Set(names)]
    .map((name) => ({ name, steps: distance(target, name.toLowerCase().slice(0, LONGEST)) }))
    .filter(
      ({ name, steps }) =>
        steps > 0 && (steps <= Math.min(2, target.length / 3) || isPart(target, name.toLowerCase())),
    )
    .toSorted((a, b) => a.steps - b.steps)
    .slice(0, MOST)
    .map(({ name }) => name);
}

function isPart(a: string, b: string): boolean {
  return a.length >= 4 && b.length >= 4 && (a.startsWith(b) || b.startsWith(a));
}

/** Levenshtein's. */
function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}
