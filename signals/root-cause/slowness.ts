// What counts as slow, for a way between two services or an operation, from how long it takes in normal times.
import { type Call, type Invocation, ownTime, type Traces } from "./spans.ts";
import { median, quantile } from "./statistics.ts";

/** With fewer examples a limit is read off all of them together. */
const FEW = 5;

export interface Limit {
  /** Usual time, milliseconds. */
  middle: number;
  /** What takes longer is slow. */
  limit: number;
}

/** Times by place; the place of a way is its caller and callee, that of an operation its service with the operation. */
export interface Times {
  ends: readonly string[];
  times: number[];
}

/** Exclusive times by service and operation. */
export function insideOf({ invocations }: Traces): Map<string, Times> {
  const groups = new Map<string, Times>();
  for (const one of invocations) timesAt(groups, insideKey(one), [one.service]).push(ownTime(one));
  return groups;
}

/** Gaps by caller and callee. */
export function wiresOf({ invocations }: Traces): Map<string, Times> {
  const groups = new Map<string, Times>();
  for (const call of invocations.flatMap((one) => one.calls)) {
    timesAt(groups, wireKey(call), [call.from.service, call.to.service]).push(call.gap);
  }
  return groups;
}

function timesAt(groups: Map<string, Times>, key: string, ends: readonly string[]): number[] {
  const known = groups.get(key) ?? { ends, times: [] };
  groups.set(key, known);
  return known.times;
}

function insideKey({ service, operation }: Invocation): string {
  return JSON.stringify([operation, service]);
}

function wireKey({ from, to }: Call): string {
  return JSON.stringify(["", from.service, to.service]);
}

/** The limit of each place; of one with few examples from all. */
export function limitsOf(before: ReadonlyMap<string, Times>): (key: string) => Limit {
  const all = [...before.values()].flatMap((one) => one.times);
  const common = limitIn(all);
  const known = new Map(
    [...before].map(([key, { times }]) => [key, times.length < FEW ? common : limitIn(times)]),
  );
  return (key) => known.get(key) ?? common;
}

function limitIn(times: readonly number[]): Limit {
  const middle = median(times) ?? 0;
  return { middle, limit: Math.max(3 * middle, 1.5 * (quantile(times, 0.95) ?? 0)) };
}

/** The requests that were slow by `times` the limit, in the service itself or on the way to it. */
export function slowRequests(before: Traces, during: Traces, times: number): Set<Invocation> {
  const inside = limitsOf(insideOf(before));
  const wire = limitsOf(wiresOf(before));
  const slow = new Set<Invocation>();
  for (const one of during.invocations) {
    if (ownTime(one) > times * inside(insideKey(one)).limit) slow.add(one);
    for (const call of one.calls) if (call.gap > times * wire(wireKey(call)).limit) slow.add(call.to);
  }
  return slow;
}
