// One metric, point by point: how strange is the newest one? Three views judge: what the time of day lets expect,
// whether the last values resemble any situation before, and whether the series moves as it usually does. Each is
// turned into a chance by its own history, so that noisy stretches of a noisy series are no news (as in Ahmad et al.
// 2017), and they are joined as Fisher (1925) joins tests, by adding their logarithms.
import { type ArrivalsState, makeArrivals } from "./arrivals.ts";
import { type BoundsState, makeBounds } from "./bounds.ts";
import { type EpisodesState, makeEpisodes, scoreOf } from "./episodes.ts";
import { type AnomalyKind, kindOf } from "./kind.ts";
import { makeNeighbours, type NeighboursState } from "./neighbours.ts";
import { makeRarity, type RarityState } from "./rarity.ts";
import { makeRecentValues, RECENT_POINTS } from "./recent.ts";
import { makeResiduals, type ResidualsState, type SeasonalView } from "./residuals.ts";
import { makeStillness, type StillnessState } from "./stillness.ts";
import { makeTransitions, type TransitionsState } from "./transitions.ts";

export interface AnomalyScore {
  /** 0 to 1. 0.5 and above only at the first point of an episode: that is the alarm. */
  score: number;
  /** True from the alarm until ten points in a row were usual again. */
  ongoing: boolean;
  /** What it looks like; only while an episode goes on. */
  kind?: AnomalyKind;
  /** What the same time of day lets expect; from the second day on. */
  expected?: number;
}

export interface AnomalyDetector {
  /**
   * The next point: time in seconds since 1970, value in any unit. Judged by earlier points only. A value that is no
   * finite number is passed over, a time before the last counts as the last.
   */
  push(time: number, value: number): AnomalyScore;
  /** Is it strange that nothing has come until `now` (seconds)? Changes nothing; 0.5 is the alarm line. */
  absentAt(now: number): AnomalyScore;
  /** Plain JSON, some tens of kB; a detector made from it goes on as if there had been no restart. */
  save(): AnomalyDetectorState;
}

export interface AnomalyDetectorState {
  version: 1;
  stepSeconds: number | null;
  points: number;
  arrivals: ArrivalsState;
  bounds: BoundsState;
  recent: number[];
  deviations: number[];
  residuals: ResidualsState;
  neighbours: NeighboursState;
  distances: RarityState;
  transitions: TransitionsState;
  stillness: StillnessState;
  episodes: EpisodesState;
}

export interface AnomalyDetectorOptions {
  /** Seconds between points, where known; else the first points tell. */
  stepSeconds?: number;
}

/** The moves' share: they say much of the same again. */
const MOVES = 0.5;

/** `saved` is what `save` gave; its step wins over the option. */
export function makeAnomalyDetector(
  { stepSeconds }: AnomalyDetectorOptions = {},
  saved?: AnomalyDetectorState,
): AnomalyDetector {
  const step = saved === undefined ? stepSeconds : (saved.stepSeconds ?? undefined);
  const arrivals = makeArrivals(step, saved?.arrivals);
  const bounds = makeBounds(saved?.bounds);
  const recent = makeRecentValues(saved?.recent);
  const deviations = makeRecentValues(saved?.deviations);
  const residuals = makeResiduals(saved?.residuals);
  const neighbours = makeNeighbours(saved?.neighbours);
  const distances = makeRarity(saved?.distances);
  const transitions = makeTransitions(saved?.transitions);
  const stillness = makeStillness(saved?.stillness);
  const episodes = makeEpisodes(saved?.episodes);
  let points = saved?.points ?? 0;

  /** How unlike anything before the last 64 values are. */
  function strangeness(): number {
    if (points < RECENT_POINTS) return 0;
    neighbours.remember(recent.at, points);
    const distance = neighbours.distance(recent.at);
    const rarity = distances.of(distance);
    distances.add(distance);
    return rarity;
  }

  function kindNow({ fast, slow }: SeasonalView): AnomalyKind {
    const enough = deviations.size() === RECENT_POINTS;
    return kindOf({ values: recent, deviations: enough ? deviations : recent, fast, slow });
  }

  /** Not on the first day: nights are still. */
  function stillnessOf(fitted: number, { expected }: SeasonalView): number {
    const strength = stillness.judge(fitted);
    return expected === undefined ? 0 : strength;
  }

  return {
    push(time, value) {
      if (!Number.isFinite(time) || !Number.isFinite(value)) return { score: 0, ongoing: false };
      const at = arrivals.add(time);
      const fitted = bounds.fit(value);
      recent.push(fitted);
      points += 1;
      const seasonal = residuals.judge(at, fitted, arrivals.step());
      if (seasonal.expected !== undefined) deviations.push(fitted - seasonal.expected);
      const strength =
        strangeness() + MOVES * transitions.judge(fitted) + seasonal.strength + stillnessOf(fitted, seasonal);
      const { score, ongoing } = episodes.judge(strength, arrivals.age());
      return {
        score,
        ongoing,
        ...(ongoing ? { kind: kindNow(seasonal) } : {}),
        ...(seasonal.expected === undefined ? {} : { expected: seasonal.expected + bounds.origin() }),
      };
    },
    absentAt(now) {
      const score = scoreOf(arrivals.strengthOfSilence(now));
      return score < 0.5 ? { score, ongoing: false } : { score, ongoing: true, kind: "absence" };
    },
    save: () => ({
      version: 1,
      stepSeconds: step ?? null,
      points,
      arrivals: arrivals.save(),
      bounds: bounds.save(),
      recent: recent.save(),
      deviations: deviations.save(),
      residuals: residuals.save(),
      neighbours: neighbours.save(),
      distances: distances.save(),
      transitions: transitions.save(),
      stillness: stillness.save(),
      episodes: episodes.save(),
    }),
  };
}
