// A sample of whole traces, minute by minute: what the ranking of causes compares, now with before. Kinds of requests
// that are rare get their share beside those that flood. Among alike ones their ids decide which stay, as chance would.
import { fraction } from "./fraction.ts";
import type { SeenSpan } from "./seen-span.ts";

export interface TraceSample {
  /** The spans of one trace. */
  add(spans: readonly SeenSpan[]): void;
  /** Spans of the traces that began in this time, to the minute; Unix milliseconds, `to` not included. */
  between(from: number, to: number): SeenSpan[];
  forgetBefore(at: number): void;
}

interface Kept {
  spans: readonly SeenSpan[];
  /** 0 to 1, by the id alone; the lowest ones stay. */
  rank: number;
}

interface Minute {
  /** By what the request was, as its first span says. */
  kinds: Map<string, Kept[]>;
  spans: number;
}

const MINUTE = 60_000;
const MOST_PER_KIND = 12;

/** `mostSpans`: of a minute. */
export function makeTraceSample({ mostSpans = 250 } = {}): TraceSample {
  const minutes = new Map<number, Minute>();

  return {
    add(spans) {
      const first = firstOf(spans);
      if (first === undefined) return;
      const begun = Math.floor(first.start / MINUTE) * MINUTE;
      const minute = minutes.get(begun) ?? { kinds: new Map<string, Kept[]>(), spans: 0 };
      minutes.set(begun, minute);
      const kind = JSON.stringify([first.service, first.operation]);
      const kept = minute.kinds.get(kind) ?? [];
      minute.kinds.set(kind, kept);
      insert(kept, { spans, rank: fraction(first.trace) });
      minute.spans += spans.length;
      if (kept.length > MOST_PER_KIND) minute.spans -= kept.pop()?.spans.length ?? 0;
      while (minute.spans > mostSpans && thin(minute));
    },
    between(from, to) {
      const begun = Math.floor(from / MINUTE) * MINUTE;
      return [...minutes]
        .filter(([at]) => at >= begun && at < to)
        .toSorted(([a], [b]) => a - b)
        .flatMap(([, { kinds }]) => [...kinds.values()].flat().flatMap((one) => one.spans));
    },
    forgetBefore(at) {
      for (const minute of minutes.keys()) if (minute < at) minutes.delete(minute);
    },
  };
}

/** One trace of the kind with most of them leaves; where all have one, the one with the highest rank. */
function thin(minute: Minute): boolean {
  const fullest = [...minute.kinds].reduce((one, other) => (gives(other[1], one[1]) ? other : one));
  const [kind, kept] = fullest;
  if (minute.kinds.size === 1 && kept.length === 1) return false;
  minute.spans -= kept.pop()?.spans.length ?? 0;
  if (kept.length === 0) minute.kinds.delete(kind);
  return true;
}

function gives(one: readonly Kept[], other: readonly Kept[]): boolean {
  return one.length !== other.length
    ? one.length > other.length
    : (one.at(-1)?.rank ?? 0) > (other.at(-1)?.rank ?? 0);
}

function insert(kept: Kept[], one: Kept): void {
  const at = kept.findIndex((other) => other.rank > one.rank);
  kept.splice(at === -1 ? kept.length : at, 0, one);
}

/** The root, or what stands for it. */
function firstOf(spans: readonly SeenSpan[]): SeenSpan | undefined {
  const ids = new Set(spans.map((one) => one.id));
  const roots = spans.filter((one) => !ids.has(one.parent));
  return (roots.length > 0 ? roots : spans).toSorted(
    (a, b) => a.start - b.start || (a.id < b.id ? -1 : 1),
  )[0];
}
