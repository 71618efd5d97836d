// How good the forecasts of one series have been of late, and whether they are still worth showing. Plain JSON: saved
// and read back, it goes on as if there had been no restart.

/** What was foretold for one moment. Times in milliseconds. */
export interface Foretold {
  due: number;
  mean: number;
  lo: number;
  hi: number;
  /** What the plain forecasts said: the last value, and where there is a season the value one season before. */
  naive: readonly [number, ...number[]];
}

/** What came of it: absolute errors, in the unit of the series. */
export interface Judged {
  error: number;
  naiveErrors: number[];
  inside: boolean;
}

export interface ForecastTrack {
  pending: Foretold[];
  /** Oldest first. */
  judged: Judged[];
}

export interface Standing {
  /** "learning" until enough forecasts have come due; only "shown" ones go to people. */
  status: "learning" | "shown" | "silenced";
  reason?: "worse than naive" | "interval too narrow";
  /** Of the judged forecasts, newer ones counting more; undefined while there are none. */
  error?: number;
  /** Of the better one of the plain forecasts. */
  naiveError?: number;
  /** Share of values inside the interval that should hold 9 in 10. */
  inside?: number;
}

/** Judged forecasts kept, and after how many one counts half. */
const KEPT = 60;
const HALF_LIFE = 20;
const PENDING_KEPT = 1_000;
const ENOUGH = 12;
/** A forecast that only repeats the last value must not be silenced by chance. */
const WORSE = 1.1;
/** Nor for errors that are nothing beside those of the worse plain forecast. */
const NEGLIGIBLE = 0.05;
/** Of intervals that should hold 90 %. */
const TOO_NARROW = 0.7;

export const newTrack: ForecastTrack = { pending: [], judged: [] };

export function withForecast(track: ForecastTrack, foretold: Foretold): ForecastTrack {
  return { ...track, pending: [...track.pending, foretold].slice(-PENDING_KEPT) };
}

/** A measured value judges what was foretold for its moment; what fell due more than `stepMs` before it was missed. */
export function withValue(track: ForecastTrack, time: number, value: number, stepMs: number): ForecastTrack {
  const due = track.pending.filter((one) => one.due <= time);
  if (due.length === 0) return track;
  const met = Number.isFinite(value) ? due.filter((one) => time - one.due < stepMs) : [];
  return {
    pending: track.pending.filter((one) => one.due > time),
    judged: [...track.judged, ...met.map((one) => judge(one, value))].slice(-KEPT),
  };
}

export function judge({ mean, lo, hi, naive }: Omit<Foretold, "due">, value: number): Judged {
  return {
    error: Math.abs(value - mean),
    naiveErrors: naive.map((said) => Math.abs(value - said)),
    inside: lo <= value && value <= hi,
  };
}

/** Silenced while the errors of late are larger than a plain forecast's, or the intervals hold too few values. */
export function standing({ judged }: Pick<ForecastTrack, "judged">): Standing {
  if (judged.length === 0) return { status: "learning" };
  const error = recent(judged.map((one) => one.error));
  const plain = plainErrors(judged);
  const naiveError = Math.min(...plain);
  const inside = recent(judged.map((one) => Number(one.inside)));
  const figures = { error, naiveError, inside };
  if (judged.length < ENOUGH) return { status: "learning", ...figures };
  const tooHigh = WORSE * naiveError + NEGLIGIBLE * Math.max(...plain);
  if (error > tooHigh) return { status: "silenced", reason: "worse than naive", ...figures };
  if (inside < TOO_NARROW) return { status: "silenced", reason: "interval too narrow", ...figures };
  return { status: "shown", ...figures };
}

/** Of each plain forecast that the newest judgement knows. */
function plainErrors(judged: readonly Judged[]): number[] {
  const kinds = judged.at(-1)?.naiveErrors ?? [];
  return kinds.map((_, kind) => recent(judged.map((one) => one.naiveErrors[kind] ?? 0)));
}

/** Mean in which the newest counts most. */
function recent(figures: readonly number[]): number {
  let [sum, weights] = [0, 0];
  figures.forEach((figure, index) => {
    const weight = 0.5 ** ((figures.length - 1 - index) / HALF_LIFE);
    sum += weight * figure;
    weights += weight;
  });
  return sum / weights;
}
