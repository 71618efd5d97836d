// How far two words are apart, in typing mistakes: letters left out, put in, changed or swapped (optimal string
// alignment, Damerau 1964).

/** Stops counting above `most`. */
export function distance(one: string, other: string, most = 3): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let before: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, index) => index);
  for (let row = 1; row <= one.length; row += 1) {
    const next = [row];
    for (let column = 1; column <= other.length; column += 1) {
      const same = one[row - 1] === other[column - 1];
      let cost = Math.min(
        (last[column] ?? 0) + 1,
        (next[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      const swapped = one[row - 1] === other[column - 2] && one[row - 2] === other[column - 1];
      if (row > 1 && column > 1 && swapped) cost = Math.min(cost, (before[column - 2] ?? 0) + 1);
      next.push(cost);
    }
    before = last;
    last = next;
  }
  return last[other.length] ?? most + 1;
}

/** Mistakes that a word of this length may have and still be meant. */
export function allowed(word: string): number {
  return word.length < 5 ? 0 : word.length < 8 ? 1 : 2;
}

/** The candidates that are fewest mistakes away, where any is near enough. */
export function nearest(word: string, candidates: readonly string[]): string[] {
  const most = allowed(word);
  if (most === 0) return candidates.filter((one) => one === word);
  const close = candidates
    .map((one) => ({ one, far: distance(word, one, most) }))
    .filter(({ far, one }) => far <= Math.min(most, allowed(one)));
  const least = Math.min(...close.map(({ far }) => far));
  return close.filter(({ far }) => far === least).map(({ one }) => one);
}
