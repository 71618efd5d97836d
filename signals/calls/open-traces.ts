// Traces that are not complete yet: services send their spans in their own time, a parent often after its children.
// A trace counts as complete when nothing of it has come for a while. Holds so many spans at most, whatever is sent.
import type { SeenSpan } from "./seen-span.ts";

export interface OpenTraces {
  /** `now`: when they came, Unix milliseconds. A span that is known is not counted twice. */
  add(spans: readonly SeenSpan[], now: number): void;
  /** Hands out each trace that is complete, once; and the oldest ones where too many wait. */
  settled(now: number): SeenSpan[][];
  /** Spans that wait. */
  waiting(): number;
}

export interface OpenTracesSettings {
  /** A trace of which nothing has come for so long is complete. Exporters send every 5 seconds, collectors add some. */
  quietMs?: number;
  /** After this, what still comes of a trace does not keep it open any longer. */
  openMs?: number;
  mostSpans?: number;
  /** Of one trace; the others are left out. */
  mostPerTrace?: number;
}

interface Open {
  spans: Map<string, SeenSpan>;
  begun: number;
  last: number;
}

export function makeOpenTraces({
  quietMs = 15_000,
  openMs = 60_000,
  mostSpans = 20_000,
  mostPerTrace = 500,
}: OpenTracesSettings = {}): OpenTraces {
  /** The one of which nothing has come for longest is first. */
  const open = new Map<string, Open>();
  let waiting = 0;

  function keep(span: SeenSpan, now: number): void {
    const known = open.get(span.trace);
    const one = known ?? { spans: new Map(), begun: now, last: now };
    if (known === undefined) open.set(span.trace, one);
    if (one.spans.has(span.id) || one.spans.size >= mostPerTrace) return;
    one.spans.set(span.id, span);
    waiting += 1;
    if (one.last === now || now - one.begun > openMs) return;
    one.last = now;
    open.delete(span.trace);
    open.set(span.trace, one);
  }

  return {
    add(spans, now) {
      for (const one of spans) keep(one, now);
    },
    settled(now) {
      const done: SeenSpan[][] = [];
      for (const [trace, one] of open) {
        if (now - one.last < quietMs && waiting <= mostSpans) break;
        open.delete(trace);
        waiting -= one.spans.size;
        done.push([...one.spans.values()]);
      }
      return done;
    },
    waiting: () => waiting,
  };
}
