// The rhythm of a log pattern: how regularly it comes. A heartbeat that stops is told from a line that just comes
// now and then.

export interface Rhythm {
  /** How often it came, groups of lines at the same moment counted once. */
  beats: number;
  /** Unix ms. */
  lastAt: number;
  /** Of the gaps between beats, ms: smoothed mean, smoothed absolute deviation from it, slowly forgotten longest. */
  meanGap: number;
  deviation: number;
  longestGap: number;
}

/** A burst of lines is one beat. */
const SAME_BEAT_MS = 500;
/** Weight of a new gap. */
const NEW = 0.1;
/** So that one long pause in the past does not excuse every later one. */
const FORGET = 0.98;

/** The rhythm after one more line; times may come a little out of order. */
export function afterLine(rhythm: Rhythm | undefined, at: number): Rhythm {
  if (rhythm === undefined) return { beats: 1, lastAt: at, meanGap: 0, deviation: 0, longestGap: 0 };
  const gap = at - rhythm.lastAt;
  if (gap < SAME_BEAT_MS) return gap > 0 ? { ...rhythm, lastAt: at } : rhythm;
  const first = rhythm.beats === 1;
  const meanGap = first ? gap : rhythm.meanGap + NEW * (gap - rhythm.meanGap);
  const off = Math.abs(gap - rhythm.meanGap);
  return {
    beats: rhythm.beats + 1,
    lastAt: at,
    meanGap,
    deviation: first ? 0 : rhythm.deviation + NEW * (off - rhythm.deviation),
    longestGap: Math.max(gap, rhythm.longestGap * FORGET),
  };
}

const ENOUGH_BEATS = 20;
/** Random (Poisson) arrivals have 2/e = 0.74; a timer that is held up now and then stays well below a half. */
const REGULAR = 0.5;
const SHORTEST_SILENCE_MS = 30_000;

/** How long a heartbeat has been silent, ms; undefined while it beats, and for what never had a regular beat. */
export function silenceOf(rhythm: Rhythm | undefined, now: number): number | undefined {
  if (rhythm === undefined || rhythm.beats < ENOUGH_BEATS) return undefined;
  const { meanGap, deviation, longestGap, lastAt } = rhythm;
  if (deviation > REGULAR * meanGap) return undefined;
  const tolerated = Math.max(2 * longestGap, meanGap + 8 * deviation, 3 * meanGap, SHORTEST_SILENCE_MS);
  return now - lastAt > tolerated ? now - lastAt : undefined;
}
