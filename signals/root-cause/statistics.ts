// Robust figures over short series: medians and quantiles rather than means, so that one wild value decides nothing.

/** Linear between the ranks; undefined without finite values. */
export function quantile(values: readonly number[], share: number): number | undefined {
  const sorted = values.filter(Number.isFinite).toSorted((a, b) => a - b);
  if (sorted.length === 0) return undefined;
  const at = Math.min(1, Math.max(0, share)) * (sorted.length - 1);
  const low = sorted[Math.floor(at)] ?? 0;
  const high = sorted[Math.ceil(at)] ?? low;
  return low + (high - low) * (at - Math.floor(at));
}

export function median(values: readonly number[]): number | undefined {
  return quantile(values, 0.5);
}

/** Half the distance from the 1st to the 99th percentile, in standard deviations of a normal distribution. */
export function robustSpread(values: readonly number[]): number {
  const low = quantile(values, 0.01);
  const high = quantile(values, 0.99);
  return low === undefined || high === undefined ? 0 : (high - low) / (2 * 2.326);
}

export function sum(values: Iterable<number>): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}

/** 0 at 0, a half where value = half, towards 1 beyond; 0 for what is no positive number. */
export function saturating(value: number, half: number): number {
  if (!(value > 0)) return 0;
  return value === Number.POSITIVE_INFINITY ? 1 : value / (value + half);
}

/** The list under a key, made on first sight. */
export function listAt<Key, Value>(map: Map<Key, Value[]>, key: Key): Value[] {
  const known = map.get(key);
  if (known) return known;
  const made: Value[] = [];
  map.set(key, made);
  return made;
}
