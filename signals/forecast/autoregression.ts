// Linear autoregression on chosen lags, by ridge regression (Hoerl and Kennard 1970).
import type { PathForecaster } from "./path.ts";
import { at, mean } from "./series.ts";

export interface Autoregression {
  lags: readonly number[];
  /** Strength of the pull towards zero, in standardised values squared. */
  ridge: number;
  /** Models the change against so many steps before, instead of the value. */
  difference?: number;
  /** After so many steps a value counts half. */
  halfLife?: number;
}

/** Standardised values further out than this are the recursion running away. */
const FURTHEST = 8;

/** Step by step: each forecast becomes a value for the next. */
export function autoregression(model: Autoregression): PathForecaster {
  const { lags, difference = 0 } = model;
  const longest = Math.max(...lags);
  return (history, horizon) => {
    if (history.length - difference - longest < 2 * lags.length) return undefined;
    const changes = history.subarray(difference).map((value, index) => {
      return difference > 0 ? value - at(history, index) : value;
    });
    const middle = difference > 0 ? 0 : mean(changes);
    const spread = Math.sqrt(mean(changes.map((value) => (value - middle) ** 2))) || 1;
    const standard = changes.map((value) => (value - middle) / spread);
    const path = continued(standard, lags, fit(standard, longest, model), horizon);
    return difference > 0
      ? summed(path, history, difference, spread)
      : path.map((value) => middle + spread * value);
  };
}

function continued(
  standard: Float64Array,
  lags: readonly number[],
  weights: Float64Array,
  horizon: number,
): Float64Array {
  const all = new Float64Array(standard.length + horizon);
  all.set(standard);
  for (let time = standard.length; time < all.length; time++) {
    const next = lags.reduce((sum, lag, index) => sum + at(weights, index) * at(all, time - lag), 0);
    all[time] = Math.max(-FURTHEST, Math.min(FURTHEST, next));
  }
  return all.subarray(standard.length);
}

/** Changes back to values. */
function summed(path: Float64Array, history: Float64Array, difference: number, spread: number): Float64Array {
  const all = new Float64Array(history.length + path.length);
  all.set(history);
  for (let step = 0; step < path.length; step++) {
    const time = history.length + step;
    all[time] = at(all, time - difference) + spread * at(path, step);
  }
  return all.subarray(history.length);
}

function fit(standard: Float64Array, longest: number, model: Autoregression): Float64Array {
  const { lags, ridge, halfLife = Number.POSITIVE_INFINITY } = model;
  const size = lags.length;
  const matrix = new Float64Array(size * size);
  const target = new Float64Array(size);
  const row = new Float64Array(size);
  for (let time = longest; time < standard.length; time++) {
    const weight = 0.5 ** ((standard.length - 1 - time) / halfLife);
    for (let index = 0; index < size; index++) row[index] = at(standard, time - at(lags, index));
    accumulate(matrix, target, row, at(standard, time), weight);
  }
  for (let index = 0; index < size; index++)
    matrix[index * size + index] = at(matrix, index * size + index) + ridge;
  return solve(matrix, target);
}

/** Adds one weighted row to the lower half of the normal equations. */
function accumulate(
  matrix: Float64Array,
  target: Float64Array,
  row: Float64Array,
  value: number,
  weight: number,
): void {
  const size = row.length;
  for (let i = 0; i < size; i++) {
    const scaled = weight * at(row, i);
    target[i] = at(target, i) + scaled * value;
    for (let j = 0; j <= i; j++) matrix[i * size + j] = at(matrix, i * size + j) + scaled * at(row, j);
  }
}

/** Solves a symmetric positive definite system, given its lower half, by Cholesky's factors (in place). */
function solve(matrix: Float64Array, target: Float64Array): Float64Array {
  const size = target.length;
  const entry = (i: number, j: number) => at(matrix, i * size + j);
  for (let j = 0; j < size; j++) {
    for (let i = j; i < size; i++) {
      let rest = entry(i, j);
      for (let k = 0; k < j; k++) rest -= entry(i, k) * entry(j, k);
      matrix[i * size + j] = i === j ? Math.sqrt(Math.max(rest, 1e-12)) : rest / entry(j, j);
    }
  }
  const found = Float64Array.from(target);
  for (let i = 0; i < size; i++) {
    for (let k = 0; k < i; k++) found[i] = at(found, i) - entry(i, k) * at(found, k);
    found[i] = at(found, i) / entry(i, i);
  }
  for (let i = size - 1; i >= 0; i--) {
    for (let k = i + 1; k < size; k++) found[i] = at(found, i) - entry(k, i) * at(found, k);
    found[i] = at(found, i) / entry(i, i);
  }
  return found;
}
