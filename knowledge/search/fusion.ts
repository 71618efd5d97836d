// Joins two orders into one: weighted reciprocal rank fusion (Cormack, Clarke and Büttcher 2009).

/** Small, since a few first places are all that anybody looks at; with it a tie of the text is broken by vectors. */
const DAMPING = 2;

/** Best first; each list best first. Equal sums keep the order of the first list that names them. */
export function fused(lists: readonly { ids: readonly string[]; weight: number }[]): string[] {
  const sums = new Map<string, number>();
  for (const { ids, weight } of lists) {
    for (const [place, id] of ids.entries()) {
      sums.set(id, (sums.get(id) ?? 0) + weight / (DAMPING + place + 1));
    }
  }
  return [...sums].sort(([, a], [, b]) => b - a).map(([id]) => id);
}
