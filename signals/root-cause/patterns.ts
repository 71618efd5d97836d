// What a service does when it is asked, compared with what it did when all was well: which sentences it logs, which
// spans it opens, whom it calls. Counted per request and operation, so that more or other traffic changes nothing.
// The idea of comparing expected with actual event patterns is Nezha's (Yu et al., ESEC/FSE 2023).
import type { Evidence } from "./evidence.ts";
import { type Change, changesIn, isNewTrouble, persistence, strengthOf, told } from "./pattern-changes.ts";
import { type Activity, type ByOperation, byOperation, type Request, requestsOf } from "./requests.ts";
import { answerTimes, silenceEvidence, silentCallees } from "./silence.ts";
import { slowRequests } from "./slowness.ts";
import type { Invocation } from "./spans.ts";
import { sum } from "./statistics.ts";

/** What makes a request odd, so that it explains the oddity of those that caused it; nats. */
const ODD = 5;
/** What a request keeps of its oddity when one that it caused was odd, too. */
const EXPLAINED = 0.15;
/** What takes this many times what counts as slow makes its callers fail. */
const VERY_SLOW = 5;
/** With fewer requests of an operation in the normal period, those before the incident are taken in addition. */
const FEW_REQUESTS = 3;

/** What changed in one operation. */
interface Operation {
  /** Any request of it: where it is. */
  place: Invocation;
  /** What changed, with what remains of it at the end as `lasting`, 0 to 1. */
  changes: (Change & { lasting: number })[];
}

/**
 * Evidence from requests that began at `since` or later against those of the normal period. The time just before `since`
 * may be part of the incident already: alarms are late.
 */
export function patternEvidence(
  normal: Activity,
  during: Activity,
  since = Number.NEGATIVE_INFINITY,
): Evidence[] {
  const [after, earlier] = parted(requestsOf(during), since);
  const before = withEarlier(byOperation(requestsOf(normal)), earlier);
  const slow = slowRequests(normal.traces, during.traces, VERY_SLOW);
  const odd = new Set([...oddRequests(before, after), ...slow]);
  const answered = answerTimes(during);
  const middle = middleOf([...after.values()].flat());
  const silent: Evidence[] = [];
  const operations: Operation[] = [];
  for (const [operation, requests] of after) {
    const known = before.get(operation) ?? [];
    const place = requests[0]?.invocation;
    if (place === undefined) continue;
    const late = requests.map(({ invocation }) => invocation.start >= middle);
    const lacking = silentCallees(known, requests, answered);
    silent.push(...silenceEvidence(known, requests, lacking, late));
    const weights = requests.map(({ invocation }, index) => {
      if (lacking[index] !== undefined) return 0;
      return causedOddOnes(invocation, odd) ? EXPLAINED : 1;
    });
    const changes = changesIn(known, requests, weights).map((one) => ({
      ...one,
      lasting: persistence(one.odd, late),
    }));
    operations.push({ place, changes });
  }
  const services = Map.groupBy(operations, (one) => one.place.service);
  return [...silent, ...[...services.values()].flatMap(ownEvidence)];
}

function parted(requests: readonly Request[], since: number): [ByOperation, ByOperation] {
  const { after = [], earlier = [] } = Object.groupBy(requests, ({ invocation }) =>
    invocation.start >= since ? "after" : "earlier",
  );
  return [byOperation(after), byOperation(earlier)];
}

function withEarlier(normal: ByOperation, earlier: ByOperation): ByOperation {
  const joined = new Map(normal);
  for (const [operation, requests] of earlier) {
    const known = normal.get(operation) ?? [];
    if (known.length < FEW_REQUESTS) joined.set(operation, [...known, ...requests]);
  }
  return joined;
}

/** Requests during the incident with an event that came, or without one that went. */
function oddRequests(before: ByOperation, after: ByOperation): Set<Invocation> {
  const odd = new Set<Invocation>();
  for (const [operation, requests] of after) {
    for (const change of changesIn(before.get(operation) ?? [], requests)) {
      if (change.evidence < ODD) continue;
      requests.forEach(({ invocation }, index) => change.odd[index] && odd.add(invocation));
    }
  }
  return odd;
}

function causedOddOnes({ service, calls }: Invocation, odd: ReadonlySet<Invocation>): boolean {
  return calls.some(({ to }) => (to.service !== service && odd.has(to)) || causedOddOnes(to, odd));
}

function middleOf(requests: readonly Request[]): number {
  const starts = requests.map(({ invocation }) => invocation.start);
  const first = starts.reduce((one, other) => Math.min(one, other), Number.POSITIVE_INFINITY);
  const last = starts.reduce((one, other) => Math.max(one, other), Number.NEGATIVE_INFINITY);
  return first + (last - first) / 2;
}

/** A service's greatest change; new trouble in several of its operations adds up. */
function ownEvidence(operations: readonly Operation[]): Evidence[] {
  const greatest = operations.flatMap((one) => best(one, one.changes) ?? []).toSorted(byStrength);
  const trouble = operations.flatMap((one) => best(one, one.changes.filter(isNewTrouble)) ?? []);
  const [first] = greatest;
  if (first === undefined) return [];
  const together = strengthOf(sum(trouble.map((one) => one.evidence * one.lasting)));
  const strength = Math.max(first.strength, together);
  if (!(strength > 0)) return [];
  return [
    { service: first.place.service, kind: "code", strength, reach: "own", because: told(first.place, first) },
  ];
}

function best({ place }: Operation, changes: Operation["changes"]) {
  return changes
    .map((one) => ({ ...one, place, strength: strengthOf(one.evidence) * one.lasting }))
    .toSorted(byStrength)[0];
}

function byStrength(
  one: { strength: number; evidence: number },
  other: { strength: number; evidence: number },
): number {
  return other.strength - one.strength || other.evidence - one.evidence;
}
