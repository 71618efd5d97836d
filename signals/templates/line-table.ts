// A bounded table from masked lines to what is known about them. When it is full, what was not asked for since it was
// full the last time is forgotten.
export function makeLineTable<Known>(limit: number) {
  let young = new Map<number, Known>();
  let old = new Map<number, Known>();

  function set(hash: number, known: Known): Known {
    if (young.size >= limit / 2) [old, young] = [young, new Map()];
    young.set(hash, known);
    return known;
  }

  function fromOld(hash: number): Known | undefined {
    const known = old.get(hash);
    return known === undefined ? undefined : set(hash, known);
  }

  return {
    get: (hash: number): Known | undefined => young.get(hash) ?? fromOld(hash),
    set,
    clear: () => {
      young.clear();
      old.clear();
    },
  };
}
