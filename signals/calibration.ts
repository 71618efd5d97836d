// Calibration: do things that were held to be 90 % sure come true nine times out of ten? A reliability curve and the
// Brier score with its parts (Murphy 1973; the rest within bins after Stephenson, Coelho and Jolliffe 2008).

/** Outcomes of one stated confidence. */
export interface ScoredOutcomes {
  /** Stated confidence, basis points: 8,500 = 85 %. */
  scoreBp: number;
  total: number;
  successes: number;
}

export interface CalibrationBin {
  /** Confidences from this one on, basis points … */
  fromBp: number;
  /** … and below this one; the last bin has 10,000 in it. */
  toBp: number;
  count: number;
  successes: number;
  /** 0 to 1, as the next ones. */
  meanConfidence: number;
  successShare: number;
  /** 95 % interval of the success share (Wilson 1927). */
  interval: { low: number; high: number };
}

export interface BrierScore {
  /** Mean squared distance of confidence and outcome: 0 is perfect, 0.25 is what a coin that says 50 % gets. */
  score: number;
  /** Mean squared distance of a bin's confidence and its success share; less is better. */
  reliability: number;
  /** How far the bins' success shares are from the overall one; more is better. */
  resolution: number;
  /** What a forecaster gets who always says the overall share. */
  uncertainty: number;
  /** What differences within the bins add: score = reliability − resolution + uncertainty + within bins. */
  withinBins: number;
}

export interface Calibration {
  count: number;
  successes: number;
  /** Those with outcomes, lowest first. */
  bins: CalibrationBin[];
  /** null where there is no outcome. */
  brier: BrierScore | null;
  /** Mean distance of confidence and success share, weighed by count; null where there is no outcome. */
  meanError: number | null;
}

export const BIN_BP = 500;
const FULL_BP = 10_000;
/** Of the normal distribution, for 95 %. */
const Z = 1.959_963_984_540_054;

/** Pure; the order of the outcomes does not matter beyond the last digit. */
export function calibration(all: readonly ScoredOutcomes[], binBp = BIN_BP): Calibration {
  const groups = all.filter((one) => one.total > 0);
  const binned = Map.groupBy(groups, ({ scoreBp }) => binOf(scoreBp, binBp));
  const bins = [...binned].toSorted(([a], [b]) => a - b).map(([bin, own]) => binFrom(bin, binBp, own));
  const count = sumOf(bins, (one) => one.count);
  const successes = sumOf(bins, (one) => one.successes);
  if (count === 0) return { count, successes, bins, brier: null, meanError: null };
  const error = sumOf(bins, (one) => one.count * Math.abs(one.meanConfidence - one.successShare));
  return {
    count,
    successes,
    bins,
    brier: brierOf(groups, bins, successes / count, count),
    meanError: error / count,
  };
}

/** The Wilson score interval of a share, which stays within 0 and 1 and is honest where there is little. */
export function wilson(successes: number, total: number): { low: number; high: number } {
  if (total === 0) return { low: 0, high: 1 };
  const share = successes / total;
  const centre = share + Z ** 2 / (2 * total);
  const reach = Z * Math.sqrt((share * (1 - share)) / total + Z ** 2 / (4 * total ** 2));
  const scale = 1 + Z ** 2 / total;
  return {
    low: successes === 0 ? 0 : Math.max(0, (centre - reach) / scale),
    high: successes === total ? 1 : Math.min(1, (centre + reach) / scale),
  };
}

function binOf(scoreBp: number, binBp: number): number {
  return Math.min(Math.floor(scoreBp / binBp), Math.ceil(FULL_BP / binBp) - 1);
}

function binFrom(bin: number, binBp: number, own: readonly ScoredOutcomes[]): CalibrationBin {
  const count = sumOf(own, (one) => one.total);
  const successes = sumOf(own, (one) => one.successes);
  return {
    fromBp: bin * binBp,
    toBp: Math.min((bin + 1) * binBp, FULL_BP),
    count,
    successes,
    // One division, after adding whole numbers: equal confidences give exactly that confidence.
    meanConfidence: sumOf(own, (one) => one.total * one.scoreBp) / (count * FULL_BP),
    successShare: successes / count,
    interval: wilson(successes, count),
  };
}

function brierOf(
  groups: readonly ScoredOutcomes[],
  bins: readonly CalibrationBin[],
  base: number,
  count: number,
): BrierScore {
  const mean = (of: (one: CalibrationBin) => number) => sumOf(bins, (one) => one.count * of(one)) / count;
  const score =
    sumOf(groups, ({ scoreBp, total, successes }) => {
      const stated = scoreBp / FULL_BP;
      return successes * (1 - stated) ** 2 + (total - successes) * stated ** 2;
    }) / count;
  const reliability = mean((one) => (one.meanConfidence - one.successShare) ** 2);
  const resolution = mean((one) => (one.successShare - base) ** 2);
  const uncertainty = base * (1 - base);
  return {
    score,
    reliability,
    resolution,
    uncertainty,
    withinBins: score - (reliability - resolution + uncertainty),
  };
}

function sumOf<T>(all: readonly T[], of: (one: T) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}
