// What spans tell, as they come in: each call is counted, and a sample of whole traces is kept for half an hour. So
// much memory and no more, whatever is sent; nothing is stored, after a restart it begins anew.
import { type Observations, evidenceIn } from "../root-cause/observe.ts";
import type { Dependency, Evidence } from "../root-cause/evidence.ts";
import { type Invocation, tracesOf } from "../root-cause/spans.ts";
import { type CallEdge, makeCallEdges } from "./call-edges.ts";
import { makeOpenTraces } from "./open-traces.ts";
import { makeCompletion, type SeenSpan } from "./seen-span.ts";
import { makeTraceSample } from "./trace-sample.ts";

export interface CallRecord {
  /** `now`: when they came, Unix milliseconds. */
  take(spans: readonly SeenSpan[], now: number): void;
  edges(now: number): CallEdge[];
  /** Who called whom so many times or more in the last half hour. */
  often(least: number, now: number): Dependency[];
  /** What the traces since then, against those before, say about causes. Nothing without traces of both times. */
  evidence(since: number, now: number): readonly Evidence[];
  /** How full it is. */
  size(): { waiting: number; leftOut: number };
}

const MINUTE = 60_000;
const KEPT = 30 * MINUTE;
/** Clocks of other machines may be ahead so far. */
const AHEAD = MINUTE;
/** A symptom is found later than it begins: so much before it is no example of how all was well. */
const LATE = 3 * MINUTE;
/** An outage that has just begun has no complete traces yet; the ones just before it may be of it. */
const SHORTEST = 2 * MINUTE;
const FRESH = 5_000;
/** Fewer traces tell nothing about what is usual. */
const LEAST_TRACES = 5;

/** `isWatched`: services whose calls among each other are counted before all others. */
export function makeCallRecord(isWatched: (service: string) => boolean): CallRecord {
  const open = makeOpenTraces();
  const completion = makeCompletion();
  const sample = makeTraceSample();
  const edges = makeCallEdges((from, to) => isWatched(from) && isWatched(to));

  function settle(now: number): void {
    sample.forgetBefore(now - KEPT);
    edges.forgetBefore(now - KEPT);
    for (const trace of open.settled(now)) {
      const spans = completion.complete(trace);
      for (const call of callsIn(spans)) edges.add(call);
      sample.add(spans);
    }
  }

  /** Answers of the last seconds, by the minute that was asked for: one outage is asked about several times in a run. */
  let weighed = { at: 0, by: new Map<number, readonly Evidence[]>() };

  function weigh(since: number, now: number): Evidence[] {
    // Whole minutes only: a minute that reaches into the trouble would make the slow ones look usual.
    const wellUntil = Math.floor((since - LATE - MINUTE) / MINUTE) * MINUTE;
    const normal = observationsOf(sample.between(now - KEPT, wellUntil));
    const during = observationsOf(sample.between(since - LATE, now + AHEAD));
    if (tracesIn(normal) < LEAST_TRACES || tracesIn(during) === 0) return [];
    const begun = Math.min(since, now - SHORTEST);
    return evidenceIn({ normal, during, dependencies: [], since: begun }).evidence;
  }

  return {
    take(spans, now) {
      open.add(
        spans.filter(({ start }) => start > now - KEPT && start < now + AHEAD),
        now,
      );
      settle(now);
    },
    edges(now) {
      settle(now);
      return edges.read(now);
    },
    often(least, now) {
      settle(now);
      return edges.often(least);
    },
    evidence(since, now) {
      settle(now);
      if (now - weighed.at >= FRESH) weighed = { at: now, by: new Map() };
      const minute = Math.floor(since / MINUTE);
      const known = weighed.by.get(minute) ?? weigh(since, now);
      weighed.by.set(minute, known);
      return known;
    },
    size: () => ({ waiting: open.waiting(), leftOut: edges.leftOut() }),
  };
}

function* callsIn(spans: readonly SeenSpan[]) {
  const failed = new Set(spans.filter((one) => one.failed).map((one) => one.id));
  const ended = ({ spans: [entry] }: Invocation): boolean =>
    failed.has(entry?.id ?? "") || failed.has(entry?.parent ?? "");
  for (const { calls } of tracesOf(spans).invocations) {
    for (const { from, to, start, gap } of calls) {
      yield { from: from.service, to: to.service, start, duration: to.duration + gap, failed: ended(to) };
    }
  }
}

/** A failed span is a sentence that reads as trouble; what it said was never kept. */
function observationsOf(spans: readonly SeenSpan[]): Observations {
  const logs = spans
    .filter((one) => one.failed)
    .map(({ service, start: at, operation, trace, id: span }) => {
      return { service, at, text: `error in ${operation}`, trace, span };
    });
  return { series: [], spans, logs };
}

function tracesIn({ spans }: Observations): number {
  return new Set(spans.map((one) => one.trace)).size;
}
