// Which kind of anomaly it looks like, from the last values: the word for the operator. The alarm itself is decided
// before and does not depend on it.
import type { RecentValues } from "./recent.ts";

export type AnomalyKind = "spike" | "level" | "drift" | "variance" | "flat" | "absence" | "pattern";

/** Points of "now", and of "before". */
const NOW = 12;
const BEFORE = 96;

/** Looks at the last 108 values; `residuals` are value minus expectation, over 2 and over 24 points. */
export function kindOf(recent: RecentValues, residuals: { fast: number; slow: number }): AnomalyKind {
  const now = recent.last(NOW);
  const before = recent.last(BEFORE, NOW);
  if (before.length < NOW) return "pattern";
  const centre = median(before);
  const spread = median(before.map((value) => Math.abs(value - centre)));
  const step = median(stepsOf(before));
  if (new Set(now).size === 1 && step > 0) return "flat";
  const out = now.filter((value) => Math.abs(value - centre) > Math.max(4 * spread, 4 * step));
  const above = out.filter((value) => value > centre).length;
  if (out.length === now.length && (above === 0 || above === out.length)) return "level";
  if (out.length > 0 && out.length <= 3) return "spike";
  if (median(stepsOf(now)) > 4 * step) return "variance";
  const lasting =
    residuals.fast * residuals.slow > 0 && Math.abs(residuals.slow) > Math.abs(residuals.fast) / 2;
  return lasting && out.length === 0 ? "drift" : "pattern";
}

function stepsOf(values: readonly number[]): number[] {
  return values.slice(1).map((value, at) => Math.abs(value - (values[at] ?? value)));
}

/** The upper one of the two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
