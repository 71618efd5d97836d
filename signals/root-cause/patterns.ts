// What a service does when it is asked, compared with what it did when all was well: which sentences it logs, which
// spans it opens, whom it calls. Counted per request and operation, so that more or other traffic changes nothing.
// The idea of comparing expected with actual event patterns is Nezha's (Yu et al., ESEC/FSE 2023).
import type { Evidence } from "./evidence.ts";
import { type Change, changesIn, strengthOf, told } from "./pattern-changes.ts";
import { type Activity, type ByOperation, byOperation, type Request, requestsOf } from "./requests.ts";
import { answerTimes, silenceEvidence, silentCallees } from "./silence.ts";
import type { Invocation } from "./spans.ts";

/** What makes a request odd, so that it explains the oddity of those that caused it. */
const ODD = 5;
/** What a request keeps of its oddity when one that it caused was odd, too. */
const EXPLAINED = 0.15;
/** With fewer requests of an operation in the normal period, those before the incident are taken in addition. */
const FEW_REQUESTS = 3;

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
  const odd = oddRequests(before, after);
  const answered = answerTimes(during);
  const middle = middleOf([...after.values()].flat());
  return [...after].flatMap(([operation, requests]) => {
    const known = before.get(operation) ?? [];
    const lacking = silentCallees(known, requests, answered);
    const weights = requests.map(({ invocation }) => (causedOddOnes(invocation, odd) ? EXPLAINED : 1));
    const own = weights.map((weight, index) => (lacking[index] === undefined ? weight : 0));
    const late = requests.map(({ invocation }) => invocation.start >= middle);
    return [...ownEvidence(known, requests, own, late), ...silenceEvidence(known, requests, lacking, late)];
  });
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
    const changes = changesIn(before.get(operation) ?? [], requests);
    for (const change of changes) {
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

function ownEvidence(
  before: readonly Request[],
  during: readonly Request[],
  weights: readonly number[],
  late: readonly boolean[],
): Evidence[] {
  const place = during[0]?.invocation;
  const changes = changesIn(before, during, weights).map((one) => ({
    ...one,
    strength: strengthOf(one, one.odd, late),
  }));
  const change = greatest(changes);
  if (change === undefined || place === undefined) return [];
  const { strength } = change;
  return [{ service: place.service, kind: "code", strength, reach: "own", because: told(place, change) }];
}

function greatest(changes: readonly (Change & { strength: number })[]) {
  return changes
    .filter((one) => one.strength > 0)
    .reduce<(Change & { strength: number }) | undefined>(
      (best, one) => (best === undefined || one.strength > best.strength ? one : best),
      undefined,
    );
}
