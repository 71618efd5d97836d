// Early sign: does a series go beyond what is usual before each trouble, and never otherwise? Then a value between the
// two warns of the next one. Pure; one value a step.

export interface Step {
  /** Begin of the step, Unix ms; its value is known when it is over. */
  at: number;
  value: number;
}

export interface Trouble {
  /** Begin of the symptom, Unix ms. */
  at: number;
  /** The steps that led to it, oldest first. */
  before: readonly Step[];
}

export interface Precursor {
  direction: "above" | "below";
  threshold: number;
  /** The most (below: the least) of the usual time. */
  usual: number;
  /** From the moment at which it would have warned to the symptom: the shortest of all, ms. */
  leadMs: number;
  /** How clearly it stands apart: the gap, in spreads of the usual time. */
  clearness: number;
}

/** So many steps beyond the value warn: one may be chance. */
export const STEPS_BEYOND = 2;
/** A later warning helps nobody. */
const SHORTEST_LEAD_MS = 60_000;
/** Below this nobody knows what is usual. */
const FEWEST_USUAL = 30;
/** A gap counts from a fifth of the usual spread, and from a twentieth of the value, on. */
const LEAST_GAP = { ofSpread: 0.2, ofValue: 0.05 };

/** undefined: nothing sets the time before the troubles apart. `leastGap`: in the unit of the values. */
export function precursorOf(
  troubles: readonly Trouble[],
  usual: readonly number[],
  { stepMs, leastGap = 0 }: { stepMs: number; leastGap?: number },
): Precursor | undefined {
  const above = risen(troubles, usual, { stepMs, leastGap });
  if (above) return { direction: "above", ...above };
  const mirrored = troubles.map(({ at, before }) => ({
    at,
    before: before.map((one) => ({ at: one.at, value: -one.value })),
  }));
  const below = risen(
    mirrored,
    usual.map((one) => -one),
    { stepMs, leastGap },
  );
  if (!below) return undefined;
  return { ...below, direction: "below", threshold: -below.threshold, usual: -below.usual + 0 };
}

function risen(
  troubles: readonly Trouble[],
  usual: readonly number[],
  { stepMs, leastGap }: { stepMs: number; leastGap: number },
): Omit<Precursor, "direction"> | undefined {
  if (troubles.length < 2 || usual.length < FEWEST_USUAL) return undefined;
  const most = usual.reduce((a, b) => Math.max(a, b), -Infinity);
  const spread = most - usual.reduce((a, b) => Math.min(a, b), Infinity);
  const known = troubles.map(({ at, before }) => ({
    at,
    before: before.filter((one) => one.at + stepMs <= at - SHORTEST_LEAD_MS),
  }));
  const peak = known.reduce(
    (least, { before }) => Math.min(least, before.at(-1)?.value ?? -Infinity),
    Infinity,
  );
  const gap = peak - most;
  const needed = Math.max(leastGap, spread * LEAST_GAP.ofSpread, Math.abs(most) * LEAST_GAP.ofValue);
  if (!Number.isFinite(gap) || gap <= needed) return undefined;
  const threshold = most + gap / 2;
  const leads = known.map(({ at, before }) => leadOf(before, { at, threshold, stepMs }));
  const leadMs = Math.min(...leads);
  if (leadMs < SHORTEST_LEAD_MS) return undefined;
  return { threshold, usual: most, leadMs, clearness: gap / Math.max(spread, Math.abs(most) / 100, 1e-9) };
}

/** Of the last unbroken run beyond the value; -Infinity where it is too short to warn. */
function leadOf(
  before: readonly Step[],
  { at, threshold, stepMs }: { at: number; threshold: number; stepMs: number },
): number {
  const lastBelow = before.findLastIndex((one) => one.value <= threshold);
  const warning = before[lastBelow + STEPS_BEYOND];
  return warning === undefined ? -Infinity : at - (warning.at + stepMs);
}
