// Requests with what happened in them: which sentences the service logged, which spans it opened, whom it called.
import { type LogEvent, readsAsTrouble, traceContextOf, wordsOf } from "./log-words.ts";
import type { Invocation, Traces } from "./spans.ts";
import { listAt, median } from "./statistics.ts";

/** Traces of a period with the logs of the same period. */
export interface Activity {
  traces: Traces;
  logs: readonly LogEvent[];
}

export interface Request {
  invocation: Invocation;
  /** "log …", "span …", "call …", each once. */
  events: Set<string>;
  /** Whether any of them reads as trouble. */
  trouble: boolean;
}

/** By service, operation and caller: who asks decides what for, and so what happens. */
export type ByOperation = Map<string, Request[]>;

export function requestsOf({ traces, logs }: Activity): Request[] {
  const events = new Map(traces.invocations.map((one) => [one, spanEvents(one)]));
  for (const { text, service, trace, span } of logs) {
    const context = trace !== undefined && span !== undefined ? { trace, span } : traceContextOf(text);
    const owner = traces.invocationOf(context.trace ?? "", context.span ?? "");
    if (owner?.service === service) events.get(owner)?.add(`log ${wordsOf(text)}`);
  }
  return [...events].map(([invocation, found]) => ({
    invocation,
    events: found,
    trouble: [...found].some(isTrouble),
  }));
}

function spanEvents({ spans, calls }: Invocation): Set<string> {
  const inside = spans.map(({ operation }) => `span ${operation}`);
  return new Set([...inside, ...calls.map(({ to }) => `call ${to.service} ${to.operation}`)]);
}

export function isTrouble(event: string): boolean {
  return !event.startsWith("call ") && readsAsTrouble(event.slice(event.indexOf(" ") + 1));
}

export function byOperation(requests: readonly Request[]): ByOperation {
  const groups: ByOperation = new Map();
  for (const one of requests) {
    const { service, operation, caller } = one.invocation;
    listAt(groups, JSON.stringify([service, operation, caller?.service])).push(one);
  }
  return groups;
}

/** The services that nearly every healthy request of an operation calls, in the order of their first calls. */
export function usualCallees(requests: readonly Request[]): string[] {
  const well = requests.filter((one) => !one.trouble);
  const offsets = new Map<string, number[]>();
  for (const { invocation } of well) {
    for (const [service, start] of firstCalls(invocation)) {
      listAt(offsets, service).push(start - invocation.start);
    }
  }
  return [...offsets]
    .filter(([, starts]) => starts.length >= Math.max(3, 0.9 * well.length))
    .toSorted(([, a], [, b]) => (median(a) ?? 0) - (median(b) ?? 0))
    .map(([service]) => service);
}

function firstCalls({ calls }: Invocation): Map<string, number> {
  const first = new Map<string, number>();
  for (const { to, start } of calls) {
    first.set(to.service, Math.min(start, first.get(to.service) ?? Number.POSITIVE_INFINITY));
  }
  return first;
}
