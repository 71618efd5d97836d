// Does the series move as it usually does? Which level follows which is counted (a Markov chain); the surprise of the
// last dozen moves, in bits, is what is judged: a stretch of unusual moves, each of them unremarkable, stands out.
import { LEVELS, type LevelsState, makeLevels } from "./levels.ts";
import { makeRarity, type RarityState } from "./rarity.ts";

export interface TransitionsState {
  levels: LevelsState;
  /** null before the first point. */
  last: number | null;
  bits: number | null;
  /** [from × 25 + to, count], those that were seen. */
  moves: [number, number][];
  surprises: RarityState;
}

export interface Transitions {
  /** -log10 of the chance of so much surprise. */
  judge(value: number): number;
  save(): TransitionsState;
}

/** Weight of the newest move: about the last dozen count. */
const WEIGHT = 1 / 12;
/** The first surprises, while all is new, say nothing. */
const LEARNING = 50;
/** When so many are counted, all counts are halved: what is usual may change. */
const FULL = 16_000;

export function makeTransitions(saved?: TransitionsState): Transitions {
  const levels = makeLevels(saved?.levels);
  const surprises = makeRarity(saved?.surprises);
  const moves = new Float64Array(LEVELS * LEVELS);
  let last = saved?.last ?? undefined;
  let bits = saved?.bits ?? undefined;
  for (const [move, count] of saved?.moves ?? []) moves[move] = count;
  let [from, to, total] = sums(moves);

  /** -log2 of the chance of this move; where the level it begins at was rarely seen, of its end alone. */
  function surpriseOf(begin: number, end: number): number {
    const ofEnd = ((to[end] ?? 0) + 1 / LEVELS) / (total + 1);
    const ofMove = ((moves[begin * LEVELS + end] ?? 0) + ofEnd) / ((from[begin] ?? 0) + 1);
    return -Math.log2(ofMove);
  }

  function count(begin: number, end: number): void {
    const move = begin * LEVELS + end;
    moves[move] = (moves[move] ?? 0) + 1;
    from[begin] = (from[begin] ?? 0) + 1;
    to[end] = (to[end] ?? 0) + 1;
    total += 1;
    if (total < FULL) return;
    moves.forEach((counted, at) => (moves[at] = Math.floor(counted / 2)));
    [from, to, total] = sums(moves);
  }

  return {
    judge(value) {
      const level = levels.of(value);
      const begin = last ?? level;
      last = level;
      const surprise = surpriseOf(begin, level);
      count(begin, level);
      bits = bits === undefined ? surprise : bits + WEIGHT * (surprise - bits);
      if (total < LEARNING) return 0;
      const strength = surprises.of(bits);
      surprises.add(bits);
      return strength;
    },
    save() {
      const seen = [...moves].map((counted, move): [number, number] => [move, counted]);
      return {
        levels: levels.save(),
        last: last ?? null,
        bits: bits ?? null,
        moves: seen.filter(([, counted]) => counted > 0),
        surprises: surprises.save(),
      };
    },
  };
}

/** How often each level was left, how often reached, and how many moves there were. */
function sums(moves: Float64Array): [from: Float64Array, to: Float64Array, total: number] {
  const [from, to] = [new Float64Array(LEVELS), new Float64Array(LEVELS)];
  let total = 0;
  moves.forEach((count, move) => {
    const [begin, end] = [Math.floor(move / LEVELS), move % LEVELS];
    from[begin] = (from[begin] ?? 0) + count;
    to[end] = (to[end] ?? 0) + count;
    total += count;
  });
  return [from, to, total];
}
