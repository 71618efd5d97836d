// Which kind of anomaly it looks like, from the last values: the word for the operator. The alarm itself is decided
// before and does not depend on it.
import type { RecentValues } from "./recent.ts";

export type AnomalyKind = "spike" | "level" | "drift" | "variance" | "flat" | "absence" | "pattern";

/** Points of "now", and of "before". */
const NOW = 12;
const BEFORE = 96;
/** What lasts longer is a level. */
const SPIKE = 3;

/** Looks at the last 108 values; `residuals` are value minus expectation, over 2 and over 24 points. */
export function kindOf(recent: RecentValues, residuals: { fast: number; slow: number }): AnomalyKind {
  const now = recent.last(NOW);
  const before = recent.last(BEFORE, NOW);
  if (before.length < NOW) return "pattern";
  const centre = median(before);
  const spread = median(before.map((value) => Math.abs(value - centre)));
  const step = median(stepsOf(before));
  if (new Set(now).size === 1 && step > 0) return "flat";
  const far = Math.max(4 * spread, 4 * step);
  const sides = now.map((value) => (Math.abs(value - centre) > far ? Math.sign(value - centre) : 0));
  const out = sides.findIndex((side) => side !== sides[0] || side === 0);
  if (out < 0 || out > SPIKE) return "level";
  if (out > 0) return "spike";
  if (median(stepsOf(now)) > 4 * step) return "variance";
  const lasting =
    residuals.fast * residuals.slow > 0 && Math.abs(residuals.slow) > Math.abs(residuals.fast) / 2;
  return lasting ? "drift" : "pattern";
}

function stepsOf(values: readonly number[]): number[] {
  return values.slice(1).map((value, at) => Math.abs(value - (values[at] ?? value)));
}

/** The upper one of the two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
