// What a service does when it is asked, compared with what it did when all was well: which sentences it logs, which
// spans it opens, whom it calls. Counted per request and operation, so that more or other traffic changes nothing.
// The idea of comparing expected with actual event patterns is Nezha's (Yu et al., ESEC/FSE 2023).
import type { Evidence } from "./evidence.ts";
import { type LogEvent, readsAsTrouble, traceContextOf, wordsOf } from "./log-words.ts";
import type { Invocation, Traces } from "./spans.ts";
import { listAt } from "./statistics.ts";

const MOST_STRENGTH = 6;
/** Requests come in series of the same user: more than this many teach little more. */
const MOST_REQUESTS = 12;
/** Log-likelihood that a change must have before it counts. */
const NOTEWORTHY = 2.5;
/** What a request keeps of its oddity when one that it caused was odd, too. */
const EXPLAINED = 0.15;

/** One request with what happened in it. */
interface Request {
  invocation: Invocation;
  events: Set<string>;
  trouble: boolean;
}

/** A change of one event's frequency in one operation. */
interface Change {
  event: string;
  /** Log-likelihood ratio against "as before", in nats. */
  evidence: number;
  gained: boolean;
  before: number;
  during: number;
}

export interface Activity {
  traces: Traces;
  logs: readonly LogEvent[];
}

/** Evidence of kind code from requests during the incident against those of the normal period. */
export function patternEvidence(normal: Activity, during: Activity): Evidence[] {
  const before = byOperation(requestsOf(normal));
  const after = byOperation(requestsOf(during));
  const odd = oddRequests(before, after);
  const evidence: Evidence[] = [];
  for (const [operation, requests] of after) {
    const weights = requests.map((one) => (causedOddOnes(one.invocation, odd) ? EXPLAINED : 1));
    const change = greatest(changesIn(before.get(operation) ?? [], requests, weights));
    const first = requests[0];
    if (change && first) evidence.push(evidenceOf(first.invocation, change));
  }
  return evidence;
}

function requestsOf({ traces, logs }: Activity): Request[] {
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

function isTrouble(event: string): boolean {
  return !event.startsWith("call ") && readsAsTrouble(event.slice(event.indexOf(" ") + 1));
}

function byOperation(requests: readonly Request[]): Map<string, Request[]> {
  const groups = new Map<string, Request[]>();
  for (const one of requests) {
    listAt(groups, JSON.stringify([one.invocation.service, one.invocation.operation])).push(one);
  }
  return groups;
}

/** Requests during the incident with an event that came, or without one that went. */
function oddRequests(before: Map<string, Request[]>, after: Map<string, Request[]>): Set<Invocation> {
  const odd = new Set<Invocation>();
  for (const [operation, requests] of after) {
    const changes = changesIn(
      before.get(operation) ?? [],
      requests,
      requests.map(() => 1),
    );
    for (const { event, gained } of changes) {
      for (const { invocation, events } of requests) if (events.has(event) === gained) odd.add(invocation);
    }
  }
  return odd;
}

function causedOddOnes({ service, calls }: Invocation, odd: ReadonlySet<Invocation>): boolean {
  return calls.some(({ to }) => (to.service !== service && odd.has(to)) || causedOddOnes(to, odd));
}

/**
 * Trouble that came is measured against all requests of the normal period, everything else against those that went
 * well: a service that fails less than before is no suspect.
 */
function changesIn(
  before: readonly Request[],
  during: readonly Request[],
  weights: readonly number[],
): Change[] {
  const well = before.filter((one) => !one.trouble);
  const names = new Set([...well, ...during].flatMap((one) => [...one.events]));
  return [...names].flatMap((event) => {
    const base = isTrouble(event) ? before : well;
    const has = (one: Request) => one.events.has(event);
    const change = compared(
      event,
      { hits: base.filter(has).length, of: base.length },
      { hits: weighted(during, weights, has), of: weighted(during, weights, () => true) },
    );
    const worse = change.gained || !isTrouble(event);
    return worse && change.evidence > NOTEWORTHY ? [change] : [];
  });
}

function weighted(
  requests: readonly Request[],
  weights: readonly number[],
  has: (one: Request) => boolean,
): number {
  return requests.reduce((total, one, index) => (has(one) ? total + (weights[index] ?? 1) : total), 0);
}

interface Share {
  hits: number;
  of: number;
}

function compared(event: string, before: Share, during: Share): Change {
  const old = bounded(before);
  const now = bounded(during);
  const both = { hits: old.hits + now.hits, of: old.of + now.of };
  const evidence =
    logLikelihood(old, rateOf(old)) +
    logLikelihood(now, rateOf(now)) -
    logLikelihood(old, rateOf(both)) -
    logLikelihood(now, rateOf(both));
  return {
    event,
    evidence,
    gained: rateOf(now) > rateOf(old),
    before: shareOf(before),
    during: shareOf(during),
  };
}

function bounded({ hits, of }: Share): Share {
  const factor = Math.min(1, MOST_REQUESTS / Math.max(of, 1));
  return { hits: hits * factor, of: of * factor };
}

/** Krichevsky and Trofimov's estimate, halved: no share is exactly none or all. */
function rateOf({ hits, of }: Share): number {
  return (hits + 0.25) / (of + 0.5);
}

function shareOf({ hits, of }: Share): number {
  return of === 0 ? 0 : hits / of;
}

function logLikelihood({ hits, of }: Share, rate: number): number {
  return hits * Math.log(rate) + (of - hits) * Math.log(1 - rate);
}

function greatest(changes: readonly Change[]): Change | undefined {
  return changes.reduce<Change | undefined>(
    (best, one) => (best === undefined || one.evidence > best.evidence ? one : best),
    undefined,
  );
}

function evidenceOf({ service, operation }: Invocation, change: Change): Evidence {
  const strength = Math.min(MOST_STRENGTH, change.evidence - NOTEWORTHY);
  const [from, to] = [change.before, change.during].map((one) => `${Math.round(one * 100)} %`);
  const because = `"${change.event.slice(0, 120)}" in ${to} of ${operation} instead of ${from}`;
  return { service, kind: "code", strength, reach: "own", because };
}
