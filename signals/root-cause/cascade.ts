// Who is hit next: trouble climbs from a cause to those who call it, less surely and later with each step.
import { type CallGraph, stepsFrom } from "./call-graph.ts";

/** Chance that a direct caller of a troubled service gets into trouble, before anything is known. */
const PASSED_ON = 0.7;
/** How many observed steps the guess above is worth. */
const PRIOR_STEPS = 4;
/** Time that one step takes while none has been observed, in milliseconds. */
const USUAL_STEP = 60_000;

export interface Hit {
  service: string;
  /** 0 to 1. */
  probability: number;
  /** Expected time of the first symptom, Unix milliseconds, never before `now`. */
  at: number;
  /** The services that the trouble climbs through, the cause first. */
  path: string[];
}

export interface Spread {
  graph: CallGraph;
  cause: string;
  /** Begin of the symptoms of each service that has some, Unix milliseconds; that of the cause included if known. */
  observed: ReadonlyMap<string, number>;
  now: number;
}

/**
 * The services still well that depend on the cause, likeliest first. How surely and how fast trouble climbs is taken from
 * the steps it has made so far: services that have called a troubled one for a while and stay well lower the chance.
 */
export function hitNext({ graph, cause, observed, now }: Spread): Hit[] {
  const begin = observed.get(cause) ?? earliest(observed) ?? now;
  const steps = stepsFrom(cause, graph.callers);
  const pace = paceOf(graph, steps, observed, begin, now);
  const hits = new Map<string, Hit>([[cause, { service: cause, probability: 1, at: begin, path: [cause] }]]);
  // Nearest first: each service's way goes through one that is nearer to the cause.
  for (const [service, distance] of steps) {
    if (distance === 0) continue;
    const below = graph.callees(service).filter((one) => (steps.get(one) ?? distance) < distance);
    const via = below
      .flatMap((one) => hits.get(one) ?? [])
      .toSorted((a, b) => b.probability - a.probability)[0];
    if (via === undefined) continue;
    const since = observed.get(service);
    const probability = since === undefined ? via.probability * pace.chance : 1;
    hits.set(service, {
      service,
      probability,
      at: since ?? via.at + pace.step,
      path: [...via.path, service],
    });
  }
  return [...hits.values()]
    .filter((one) => one.service !== cause && !observed.has(one.service))
    .map((one) => ({ ...one, at: Math.max(now, one.at) }))
    .toSorted((a, b) => b.probability - a.probability || a.at - b.at || (a.service < b.service ? -1 : 1));
}

function earliest(observed: ReadonlyMap<string, number>): number | undefined {
  return observed.size === 0
    ? undefined
    : [...observed.values()].reduce((one, other) => Math.min(one, other));
}

/** Chance and time of one step, from the callers of troubled services that were hit or had time enough to be. */
function paceOf(
  graph: CallGraph,
  steps: ReadonlyMap<string, number>,
  observed: ReadonlyMap<string, number>,
  begin: number,
  now: number,
): { chance: number; step: number } {
  const delays = [...observed].flatMap(([service, since]) => {
    const distance = steps.get(service) ?? 0;
    return distance > 0 && since >= begin ? [(since - begin) / distance] : [];
  });
  const step = delays.length === 0 ? USUAL_STEP : delays.reduce((sum, one) => sum + one, 0) / delays.length;
  const spared = [...steps].filter(([service, distance]) => {
    const troubled = graph.callees(service).some((one) => one !== service && observed.has(one));
    return distance > 0 && troubled && !observed.has(service) && now - begin > 3 * step * distance;
  });
  const chance = (delays.length + PASSED_ON * PRIOR_STEPS) / (delays.length + spared.length + PRIOR_STEPS);
  return { chance, step };
}
