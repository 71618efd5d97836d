// Numbers by the minute: every sample counts, and what is kept of a minute is how many there were, their sum and their
// extremes.

export interface Minute {
  /** Start, Unix ms. */
  at: number;
  samples: number;
  total: number;
  lowest: number;
  highest: number;
}

export interface Minutes {
  /** A sample at a time, Unix ms. What is no number, or older than what was taken already, is left out: false. */
  add(series: string, at: number, value: number): boolean;
  /** The minutes that ended before `now`, oldest first; each is given once. */
  take(now: number): { series: string; minute: Minute }[];
}

export const MINUTE_MS = 60_000;

/** Memory: one entry a series and unfinished minute. */
export function makeMinutes(): Minutes {
  const open = new Map<string, Map<number, Minute>>();
  let takenBefore = 0;
  return {
    add(series, at, value) {
      const begin = at - (at % MINUTE_MS);
      if (!Number.isFinite(value) || !Number.isFinite(at) || begin < takenBefore) return false;
      const minutes = open.get(series) ?? new Map<number, Minute>();
      open.set(series, minutes);
      const known = minutes.get(begin);
      if (known === undefined) {
        minutes.set(begin, { at: begin, samples: 1, total: value, lowest: value, highest: value });
        return true;
      }
      known.samples += 1;
      known.total += value;
      known.lowest = Math.min(known.lowest, value);
      known.highest = Math.max(known.highest, value);
      return true;
    },
    take(now) {
      takenBefore = Math.max(takenBefore, now - (now % MINUTE_MS));
      const taken: { series: string; minute: Minute }[] = [];
      for (const [series, minutes] of open) {
        for (const minute of minutes.values()) {
          if (minute.at >= takenBefore) continue;
          taken.push({ series, minute });
          minutes.delete(minute.at);
        }
        if (minutes.size === 0) open.delete(series);
      }
      return taken.sort((a, b) => a.minute.at - b.minute.at);
    },
  };
}
