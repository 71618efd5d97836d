// The places of the metric watch: who has one, who waits for one, and when it is given back. Whoever waits is known by
// name only.
import { chooseSeries, type SeriesClaim } from "./series-choice.ts";

export interface WatchPlaces {
  /** A minute of the series came: whether it has a place. A free one is given at once. */
  note(series: Omit<SeriesClaim, "held">, at: number): boolean;
  /** What was learned before, and goes on. */
  hold(series: Omit<SeriesClaim, "held">, lastAt: number): void;
  /** Of the service's series that came lately, with a place or without. */
  keysOf(service: string): string[];
  /** Whether the service has symptoms now. */
  noteSymptoms(service: string, has: boolean): void;
}

export interface WatchPlacesParts {
  most: number;
  /** Of a service: it is not watched any more. */
  isGone: (service: string) => boolean;
  /** The series gave its place back. */
  onLost: (key: string) => void;
}

interface Known extends SeriesClaim {
  firstAt: number;
  lastAt: number;
}

/** Places change hands this seldom, and only to what has been there for as long: a short job takes none. */
const SETTLE_EVERY_MS = 10 * 60_000;
/** A service that is still there may be stopped for the night. */
const SILENT_MS = 24 * 3_600_000;
/** Some 300 bytes each. */
const MOST_KNOWN = 20_000;

export function makeWatchPlaces({ most, isGone, onLost }: WatchPlacesParts): WatchPlaces {
  const known = new Map<string, Known>();
  const sick = new Set<string>();
  let held = 0;
  let settledAt: number | undefined;

  function drop({ key, held: had }: Known): void {
    known.delete(key);
    if (!had) return;
    held -= 1;
    onLost(key);
  }

  function settle(now: number): void {
    for (const one of known.values()) {
      const silent = now - one.lastAt;
      if (silent > SILENT_MS || (silent >= SETTLE_EVERY_MS && isGone(one.service))) drop(one);
    }
    for (const service of sick) if (isGone(service)) sick.delete(service);
    const claims = [...known.values()].filter((one) => one.held || now - one.firstAt >= SETTLE_EVERY_MS);
    const chosen = chooseSeries(claims, most, (service) => sick.has(service));
    for (const one of claims) {
      if (one.held && !chosen.has(one.key)) onLost(one.key);
      one.held = chosen.has(one.key);
    }
    held = chosen.size;
  }

  return {
    note(series, at) {
      settledAt ??= at;
      if (at - settledAt >= SETTLE_EVERY_MS) {
        settledAt = at;
        settle(at);
      }
      const one = known.get(series.key) ?? { ...series, held: false, firstAt: at, lastAt: at };
      if (!known.has(series.key)) {
        if (known.size >= MOST_KNOWN) return false;
        known.set(series.key, one);
      }
      one.lastAt = at;
      one.limited = series.limited;
      if (!one.held && held < most) {
        one.held = true;
        held += 1;
      }
      return one.held;
    },
    hold(series, lastAt) {
      known.set(series.key, { ...series, held: true, firstAt: lastAt, lastAt });
      held += 1;
    },
    keysOf: (service) => [...known.values()].flatMap((one) => (one.service === service ? [one.key] : [])),
    noteSymptoms(service, has) {
      if (has) sick.add(service);
      else sick.delete(service);
    },
  };
}
