// Quantiles of the last so-and-so-many values, at every moment of a series.
import { at, quantile } from "./series.ts";

/** For each of `shares` one array: at each index the quantile of the last `window` values there; NaN entries are skipped. */
export function slidingQuantiles(
  series: Float64Array,
  window: number,
  shares: readonly number[],
): Float64Array[] {
  const found = shares.map((share) => ({ share, values: new Float64Array(series.length) }));
  const sorted: number[] = [];
  for (let index = 0; index < series.length; index++) {
    insert(sorted, at(series, index));
    if (index >= window) remove(sorted, at(series, index - window));
    for (const { share, values } of found) values[index] = quantile(sorted, share);
  }
  return found.map(({ values }) => values);
}

function insert(sorted: number[], value: number): void {
  if (!Number.isNaN(value)) sorted.splice(position(sorted, value), 0, value);
}

function remove(sorted: number[], value: number): void {
  if (!Number.isNaN(value)) sorted.splice(position(sorted, value), 1);
}

/** Where the first value that is not smaller stands. */
function position(sorted: readonly number[], value: number): number {
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
