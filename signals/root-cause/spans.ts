// Traces as trees: which request to a service (an invocation) ran which spans, called whom, and where its time went.
import type { Dependency } from "./evidence.ts";
import { listAt } from "./statistics.ts";

export interface Span {
  trace: string;
  id: string;
  /** Id of the span that caused this one; anything unknown for a root. */
  parent: string;
  service: string;
  operation: string;
  /** Unix milliseconds, with fractions. */
  start: number;
  /** Milliseconds. */
  duration: number;
}

/** One request that a service answered: its first span, and all spans below it in the same service. */
export interface Invocation {
  service: string;
  operation: string;
  trace: string;
  start: number;
  duration: number;
  spans: Span[];
  calls: Call[];
  caller?: Invocation;
}

/** A request to another service, seen from both sides. */
export interface Call {
  from: Invocation;
  to: Invocation;
  /** Time of the calling span that the called one does not account for: network, queues, retries. Milliseconds. */
  gap: number;
  start: number;
  /** Operation of the calling span. */
  via: string;
}

export interface Traces {
  invocations: Invocation[];
  /** By trace and span id: the invocation that the span belongs to. */
  invocationOf: (trace: string, span: string) => Invocation | undefined;
}

/** Spans in any order; lost parents make roots, circles of parents are left out. */
export function tracesOf(spans: readonly Span[]): Traces {
  const byId = new Map(spans.map((one) => [idOf(one.trace, one.id), one]));
  const children = new Map<Span | undefined, Span[]>();
  for (const span of byId.values()) listAt(children, byId.get(idOf(span.trace, span.parent))).push(span);
  const invocations: Invocation[] = [];
  const owners = new Map<Span, Invocation>();
  const queue = [...(children.get(undefined) ?? [])];
  for (const span of queue) {
    const parent = byId.get(idOf(span.trace, span.parent));
    const above = parent && owners.get(parent);
    const owner = above?.service === span.service ? above : begun(span, parent, above);
    if (owner !== above) invocations.push(owner);
    owner.spans.push(span);
    owners.set(span, owner);
    for (const child of children.get(span) ?? []) queue.push(child);
  }
  const ownerOf = (trace: string, id: string) => {
    const span = byId.get(idOf(trace, id));
    return span && owners.get(span);
  };
  return { invocations, invocationOf: ownerOf };
}

function begun(span: Span, parent: Span | undefined, caller: Invocation | undefined): Invocation {
  const { service, operation, trace, start, duration } = span;
  const made: Invocation = {
    service,
    operation,
    trace,
    start,
    duration,
    spans: [],
    calls: [],
    ...(caller && { caller }),
  };
  if (parent && caller) {
    caller.calls.push({
      from: caller,
      to: made,
      gap: Math.max(0, parent.duration - duration),
      start: parent.start,
      via: parent.operation,
    });
  }
  return made;
}

function idOf(trace: string, span: string): string {
  return `${trace}/${span}`;
}

/** Time in the service itself: without what its calls took, which may overlap. Milliseconds. */
export function ownTime({ start, duration, calls }: Invocation): number {
  const busy = calls
    .map((one) => [one.start, one.start + one.to.duration + one.gap] as const)
    .toSorted(([a], [b]) => a - b);
  let waited = 0;
  let reached = start;
  for (const [from, to] of busy) {
    const end = Math.min(to, start + duration);
    if (end > reached) waited += end - Math.max(from, reached);
    reached = Math.max(reached, end);
  }
  return Math.max(0, duration - waited);
}

/** Who calls whom, as the traces show it. */
export function learnedDependencies({ invocations }: Traces): Dependency[] {
  const seen = new Map<string, Dependency>();
  for (const { service: from, calls } of invocations) {
    for (const { to } of calls) seen.set(idOf(from, to.service), { from, to: to.service });
  }
  return [...seen.values()];
}
