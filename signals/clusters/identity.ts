// Who a cluster is over time: it keeps its id while most of its core stays together, through growth, merge and split.

/** A cluster as it is now: the ids that its core members had before, as often as they had them. */
export interface Claim {
  /** Settles a tie, and nothing else. */
  key: string;
  before: ReadonlyMap<number, number>;
}

export interface Identities {
  /** The id of each claim, in order. */
  ids: number[];
  /** Ids that live on in another: what followed whom. */
  merged: { from: number; into: number }[];
  /** The next id that is free. */
  next: number;
}

/**
 * An old id goes to the claim with most of its members (the smaller key where two have as many); of several that come
 * to one claim the oldest stays and the others live on in it. A claim that gets none gets a new one.
 */
export function identify(claims: readonly Claim[], next: number): Identities {
  const heirs = new Map<number, Claim>();
  for (const claim of claims) {
    for (const [id, members] of claim.before) {
      const rival = heirs.get(id);
      const others = rival?.before.get(id) ?? 0;
      if (members > others || (members === others && rival !== undefined && claim.key < rival.key)) {
        heirs.set(id, claim);
      }
    }
  }
  const merged: Identities["merged"] = [];
  const given = new Map<Claim, number>();
  for (const claim of claims) {
    const inherited = [...claim.before.keys()].filter((id) => heirs.get(id) === claim).sort((a, b) => a - b);
    const [oldest, ...others] = inherited;
    if (oldest !== undefined) given.set(claim, oldest);
    for (const from of others) if (oldest !== undefined) merged.push({ from, into: oldest });
  }
  // New ids in the order of keys: the same claims in another order get the same ids.
  for (const claim of claims.toSorted((a, b) => (a.key < b.key ? -1 : 1))) {
    if (!given.has(claim)) given.set(claim, next++);
  }
  merged.sort((a, b) => a.from - b.from);
  return { ids: claims.map((claim) => given.get(claim) ?? 0), merged, next };
}
