// Services that are not reached: their callers fail just where they should call them, have tried to in vain, and nobody
// else gets an answer either. A caller that fails without trying has its own trouble.
import type { Evidence } from "./evidence.ts";
import { persistence, strengthOf, told } from "./pattern-changes.ts";
import { type Activity, type Request, usualCallees } from "./requests.ts";
import { shareChange } from "./share-change.ts";
import type { Invocation } from "./spans.ts";

/** A service that answers anybody within this time, in milliseconds, is there. */
const ALIVE = 10_000;
/** A call without an answer speaks against the one called as far as this; its caller may have given up. */
const UNANSWERED = 0.8;

/** When each service answered, ascending. */
export function answerTimes({ traces }: Activity): Map<string, number[]> {
  const byService = Map.groupBy(traces.invocations, (one) => one.service);
  return new Map(
    [...byService].map(([service, all]) => [service, all.map((one) => one.start).toSorted((a, b) => a - b)]),
  );
}

/** For each request the first service that it should have called, when it fails and that one answered nobody else either. */
export function silentCallees(
  before: readonly Request[],
  during: readonly Request[],
  answered: ReadonlyMap<string, readonly number[]>,
): (string | undefined)[] {
  const expected = usualCallees(before);
  const calling = new Set(before.flatMap(({ invocation }) => invocation.calls.map((one) => one.via)));
  return during.map((one) =>
    triedInVain(one.invocation, calling) ? silentCallee(one, expected, answered) : undefined,
  );
}

/** Whether there is a span that looks like a call (as those of healthy requests do) and leads nowhere. */
function triedInVain({ spans, calls }: Invocation, calling: ReadonlySet<string>): boolean {
  return spans.filter((one) => calling.has(one.operation)).length > calls.length;
}

function silentCallee(
  { invocation, trouble }: Request,
  expected: readonly string[],
  answered: ReadonlyMap<string, readonly number[]>,
): string | undefined {
  if (!trouble) return undefined;
  const called = new Set(invocation.calls.map(({ to }) => to.service));
  const missing = expected.find((one) => !called.has(one));
  const times = (missing !== undefined && answered.get(missing)) || [];
  return times.some((at) => Math.abs(at - invocation.start) <= ALIVE) ? undefined : missing;
}

/** A caller that fails where it should call: its own trouble, or that of the one it does not reach. */
export function silenceEvidence(
  before: readonly Request[],
  during: readonly Request[],
  lacking: readonly (string | undefined)[],
  late: readonly boolean[],
): Evidence[] {
  const place = during[0]?.invocation;
  return [...new Set(lacking)].flatMap((silent): Evidence[] => {
    if (silent === undefined || place === undefined) return [];
    const those = lacking.map((one) => one === silent);
    const hits = those.filter(Boolean).length;
    const change = shareChange({ hits: 0, of: before.length }, { hits, of: those.length });
    const strength = strengthOf(change.evidence) * persistence(those, late);
    const failing = told(place, { ...change, event: `no call to ${silent}` });
    const because = `${place.service} fails where it should call it, and it answers nobody else`;
    return [
      { service: place.service, kind: "code", strength, reach: "effect", because: failing },
      { service: silent, strength: strength * UNANSWERED, reach: "own", because },
    ];
  });
}
