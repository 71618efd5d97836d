// Services that are not reached: their callers fail just where they should call them, and they answer nobody else.
import type { Evidence } from "./evidence.ts";
import { strengthOf, told } from "./pattern-changes.ts";
import { type Activity, type Request, usualCallees } from "./requests.ts";
import { shareChange } from "./share-change.ts";

/** A service that answers anybody within this time, in milliseconds, is there. */
const ALIVE = 10_000;
/** A failing request that lacks its next call speaks against the one not called, as far as this. */
const NOT_CALLED = 0.5;

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
  return during.map((one) => silentCallee(one, expected, answered));
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
    const strength = strengthOf(change, those, late);
    const failing = told(place, { ...change, event: `no call to ${silent}` });
    const because = `${place.service} fails where it should call it, and it answers nobody else`;
    return [
      { service: place.service, kind: "code", strength, reach: "effect", because: failing },
      { service: silent, strength: strength * NOT_CALLED, reach: "own", because },
    ];
  });
}
