// Which kind of anomaly it looks like, from the last values: the word for the operator. The alarm itself is decided
// before and does not depend on it.
import type { RecentValues } from "./recent.ts";

export type AnomalyKind = "spike" | "level" | "drift" | "variance" | "flat" | "absence" | "pattern";

/** Points of "now", and of "before". */
const NOW = 12;
const BEFORE = 96;
/** Four of the newest six far out on the same side are a level, fewer a spike. */
const [LASTING, MOST_OF_THEM] = [6, 4];

export interface KindEvidence {
  values: RecentValues;
  /** Values minus what was expected; the values themselves as long as nothing was. */
  deviations: RecentValues;
  /** Deviation over 2 and over 24 points. */
  fast: number;
  slow: number;
}

/** Looks at the last 108 points. */
export function kindOf({ values, deviations, fast, slow }: KindEvidence): AnomalyKind {
  const now = deviations.last(NOW);
  const before = deviations.last(BEFORE, NOW);
  if (before.length < NOW) return "pattern";
  if (isFlat(values)) return "flat";
  const centre = median(before);
  const spread = median(before.map((value) => Math.abs(value - centre)));
  const step = median(stepsOf(before));
  const far = Math.max(4 * spread, 4 * step);
  const sides = now.map((value) => (Math.abs(value - centre) > far ? Math.sign(value - centre) : 0));
  if (Math.abs(sum(sides.slice(0, LASTING))) >= MOST_OF_THEM) return "level";
  if (sides[0] !== 0 && sides.filter((side) => side !== 0).length < MOST_OF_THEM) return "spike";
  if (median(stepsOf(now)) > 4 * step) return "variance";
  const lasting = fast * slow > 0 && Math.abs(slow) > Math.abs(fast) / 2;
  return lasting ? "drift" : "pattern";
}

/** Stands still, and did not before. */
function isFlat(values: RecentValues): boolean {
  return new Set(values.last(NOW)).size === 1 && median(stepsOf(values.last(BEFORE, NOW))) > 0;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

function stepsOf(values: readonly number[]): number[] {
  return values.slice(1).map((value, at) => Math.abs(value - (values[at] ?? value)));
}

/** The upper one of the two in the middle. */
function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}
