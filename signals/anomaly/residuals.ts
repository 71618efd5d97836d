// What a series does beyond what the time of day lets expect: at once (over 2 points), and lastingly (over 24), which
// is how a level shift, a drift or a leak shows while no single point stands out.
import { makeRarity, type RarityState } from "./rarity.ts";
import { bucketsPerDay, makeSeason, type Season, type SeasonState } from "./season.ts";

export interface ResidualsState {
  /** null until the step is known. */
  season: SeasonState | null;
  judged: number;
  level: number | null;
  fast: number;
  slow: number;
  fastSizes: RarityState;
  slowSizes: RarityState;
}

export interface SeasonalView {
  /** The mean -log10 of the chances of both residuals; 0 as long as nothing is expected. */
  strength: number;
  expected?: number;
  fast: number;
  slow: number;
}

export interface Residuals {
  /** The next point: seconds, value; `step` is the seconds between points, undefined until known. */
  judge(time: number, value: number, step: number | undefined): SeasonalView;
  save(): ResidualsState;
}

/** Weights of the newest point in exponential means over 2, 6 and 24 points. */
const [FAST, MIDDLE, SLOW] = [2 / 3, 2 / 7, 2 / 25];

export function makeResiduals(saved?: ResidualsState): Residuals {
  const fastSizes = makeRarity(saved?.fastSizes);
  const slowSizes = makeRarity(saved?.slowSizes);
  let season: Season | undefined = saved?.season ? makeSeason(saved.season) : undefined;
  let level = saved?.level ?? undefined;
  let { judged, fast, slow } = saved ?? { judged: 0, fast: 0, slow: 0 };

  function judgeResidual(residual: number): number {
    judged += 1;
    fast += Math.max(FAST, 1 / judged) * (residual - fast);
    slow += Math.max(SLOW, 1 / judged) * (residual - slow);
    const strength = (fastSizes.of(Math.abs(fast)) + slowSizes.of(Math.abs(slow))) / 2;
    fastSizes.add(Math.abs(fast));
    slowSizes.add(Math.abs(slow));
    return strength;
  }

  return {
    judge(time, value, step) {
      level = level === undefined ? value : level + MIDDLE * (value - level);
      if (step !== undefined) season ??= makeSeason({ perDay: bucketsPerDay(step) });
      const expected = season?.expected(time, level);
      season?.add(time, value);
      if (expected === undefined) return { strength: 0, fast, slow };
      return { strength: judgeResidual(value - expected), expected, fast, slow };
    },
    save: () => ({
      season: season?.save() ?? null,
      judged,
      level: level ?? null,
      fast,
      slow,
      fastSizes: fastSizes.save(),
      slowSizes: slowSizes.save(),
    }),
  };
}
