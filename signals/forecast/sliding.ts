// Quantiles of the last so-and-so-many values, at every moment of a series.
import { at, quantile } from "./series.ts";

/** For each of `shares` one array: at each index the quantile of the last `window` values there; NaN entries are skipped. */
export function slidingQuantiles(
  series: Float64Array,
  window: number,
  shares: readonly number[],
): Float64Array[] {
  const found = shares.map((share) => ({ share, values: new Float64Array(series.length) }));
  const sorted = makeSorted(series.length);
  for (let index = 0; index < series.length; index++) {
    sorted.add(at(series, index));
    if (index >= window) sorted.remove(at(series, index - window));
    for (const { share, values } of found) values[index] = quantile(sorted.values, share, sorted.count);
  }
  return found.map(({ values }) => values);
}

/** Kept in one buffer, since this is where forecasts spend their time. */
function makeSorted(room: number) {
  const values = new Float64Array(room);
  return {
    values,
    count: 0,
    add(value: number) {
      if (Number.isNaN(value)) return;
      const position = positionOf(values, this.count, value);
      values.copyWithin(position + 1, position, this.count);
      values[position] = value;
      this.count++;
    },
    remove(value: number) {
      if (Number.isNaN(value)) return;
      const position = positionOf(values, this.count, value);
      values.copyWithin(position, position + 1, this.count);
      this.count--;
    },
  };
}

/** Where the first value that is not smaller stands. */
function positionOf(sorted: Float64Array, count: number, value: number): number {
  let [low, high] = [0, count];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (at(sorted, middle) < value) low = middle + 1;
    else high = middle;
  }
  return low;
}
