// The ground that all forecasts stand on: a series without gaps, and quantiles of its values.

/** Beyond this, sums of squares overflow: no measured thing is as large, so it counts as a gap. */
const LARGEST = 1e150;

/** Reads a value that is known to be there. */
export function at(values: ArrayLike<number>, index: number): number {
  return values[index] ?? 0;
}

/**
 * Gaps (null, NaN, infinite) are filled: inner ones by a straight line, those at the end by the last value, so that
 * "one step ahead" stays one step after the newest entry. Gaps at the beginning are left out. Empty without a value.
 */
export function withoutGaps(values: ArrayLike<number | null>): Float64Array {
  const first = Array.from(values).findIndex(isKnown);
  if (first === -1) return new Float64Array(0);
  const filled = Float64Array.from(Array.from(values).slice(first), (value) =>
    isKnown(value) ? value : NaN,
  );
  for (let index = 1; index < filled.length; index++) {
    if (Number.isNaN(at(filled, index))) fillGap(filled, index);
  }
  return filled;
}

function isKnown(value: number | null | undefined): value is number {
  return typeof value === "number" && Math.abs(value) <= LARGEST;
}

function fillGap(filled: Float64Array, from: number): void {
  let to = from;
  while (to < filled.length && Number.isNaN(at(filled, to))) to++;
  const before = at(filled, from - 1);
  const after = to < filled.length ? at(filled, to) : before;
  const step = (after - before) / (to - from + 1);
  for (let index = from; index < to; index++) filled[index] = before + step * (index - from + 1);
}

/** The value below which `share` of the first `count` sorted values lie, linear between neighbours; 0 without values. */
export function quantile(sorted: ArrayLike<number>, share: number, count: number = sorted.length): number {
  if (count === 0) return 0;
  const position = share * (count - 1);
  const index = Math.floor(position);
  const low = at(sorted, index);
  return index + 1 < count ? low + (position - index) * (at(sorted, index + 1) - low) : low;
}

export function median(values: ArrayLike<number>): number {
  return quantile(Float64Array.from(values).sort(), 0.5);
}

export function mean(values: ArrayLike<number>): number {
  let sum = 0;
  for (let index = 0; index < values.length; index++) sum += at(values, index);
  return values.length === 0 ? 0 : sum / values.length;
}

/**
 * The value at which `share` of the weight is reached, linear between the middles of neighbouring weights. Unlike a
 * weighted mean it does not follow a single value that is far off.
 */
export function weightedQuantile(
  values: readonly number[],
  weights: readonly number[],
  share: number,
): number {
  const order = values.map((_, index) => index).filter((index) => at(weights, index) > 0);
  order.sort((a, b) => at(values, a) - at(values, b));
  const goal = share * order.reduce((sum, index) => sum + at(weights, index), 0);
  let [passed, middle, value] = [0, 0, at(values, order[0] ?? 0)];
  for (const index of order) {
    const next = passed + at(weights, index) / 2;
    const reach = next > middle ? Math.min(1, Math.max(0, (goal - middle) / (next - middle))) : 1;
    if (next >= goal) return value + reach * (at(values, index) - value);
    [passed, middle, value] = [passed + at(weights, index), next, at(values, index)];
  }
  return value;
}
