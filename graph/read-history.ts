// Gathers what the gate must know about the past from the store, as the plain data that gate-history.ts names.
import type { Standing } from "../domain/autonomy.ts";
import type { FixPlan } from "../domain/plan.ts";
import type { Policy } from "../domain/policy.ts";
import type { FixClass } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import type { CaseRecord, Cases, Runs } from "../knowledge/records.ts";
import type { Actions } from "../tools/action.ts";
import type { CallGraph } from "../signals/root-cause/call-graph.ts";
import { reachOf, restartBackOff } from "./back-off.ts";
import type { GateHistory, GateNeighbour, GateReplicas, GateService, PastFix } from "./gate-history.ts";

export interface HistoryParts {
  cases: Cases;
  runs: Runs;
  actions: Actions;
  services: () => readonly Service[];
  policy: () => Policy;
  /** Who needs whom, as declared and as seen in calls. */
  dependencies: () => CallGraph;
  /** Whether something was wrong with a service at its last look. */
  suffers: (service: string) => boolean;
  /** How a pair of cause and fix stands. */
  standing: (pair: FixPlan) => Promise<Standing>;
}

export type ReadHistory = (plan: FixPlan, signatures: readonly string[], now: number) => Promise<GateHistory>;

/** Enough for any window that a configuration names; a service with more fixes than this trips the breaker anyway. */
const MOST_CASES = 500;

export function makeReadHistory(parts: HistoryParts): ReadHistory {
  const { cases, runs, actions, services, policy } = parts;
  return async function readHistory(plan, signatures, now) {
    const { service } = plan;
    const { withinMs, cooldownMs, symptomReturnsMs } = policy().breaker;
    const backOff = reachOf(restartBackOff(policy().breaker));
    const since = now - Math.max(withinMs, cooldownMs, symptomReturnsMs, backOff);
    const [recent, ever, active, replicas] = await Promise.all([
      cases.recent({ service, since, limit: MOST_CASES }),
      cases.recent({ service, since: 0, limit: MOST_CASES }),
      runs.unfinished(),
      replicasOf(parts, service, now - symptomReturnsMs),
    ]);
    return {
      services: services().map(gateService),
      actions: actions.all().map(({ name, effect }) => ({ name, effect })),
      signatures: [...signatures],
      fixes: recent.filter(wasApplied).map(pastFix),
      undonePlans: ever.filter((one) => one.undone).map((one) => one.planHash),
      activeRuns: active.map((one) => ({ runId: one.id, service: one.service })),
      neighbours: neighboursOf(parts, service),
      ...(replicas && { replicas }),
      ...(policy().autonomy?.grant === "earned" && { standing: await parts.standing(plan) }),
    };
  };
}

/** The others of its kind, and what was done to them lately; undefined where it is none of several. */
async function replicasOf(
  parts: HistoryParts,
  own: string,
  since: number,
): Promise<GateReplicas | undefined> {
  const of = parts.services().find((one) => one.name === own)?.rotation?.of;
  if (of === undefined) return undefined;
  const names = parts
    .services()
    .filter((one) => one.name !== own && one.rotation?.of === of)
    .map((one) => one.name);
  const cases = names.map((service) => parts.cases.recent({ service, since, limit: MOST_CASES }));
  return {
    of,
    others: names.map((name) => ({ name, suffers: parts.suffers(name) })),
    fixes: (await Promise.all(cases)).flat().filter(wasApplied).map(pastFix),
  };
}

function neighboursOf(parts: HistoryParts, own: string): GateNeighbour[] {
  const graph = parts.dependencies();
  const windowsOf = new Map(parts.services().map((one) => [one.name, one.windows ?? []]));
  const told = (relation: GateNeighbour["relation"]) => (name: string) => ({
    name,
    relation,
    suffers: parts.suffers(name),
    windows: (windowsOf.get(name) ?? []).map((one) => ({ ...one })),
  });
  return [
    told("itself")(own),
    ...reached(own, graph.callers).map(told("dependant")),
    ...reached(own, graph.callees).map(told("dependency")),
  ];
}

/** However far; a circle ends the walk. */
export function reached(from: string, next: (name: string) => readonly string[]): string[] {
  const seen = new Set([from]);
  for (const name of seen) for (const one of next(name)) seen.add(one);
  seen.delete(from);
  return [...seen];
}

function gateService({ name, mode, protected: shielded, runtime, dependsOn }: Service): GateService {
  return {
    name,
    mode: mode ?? null,
    protected: shielded,
    runtime: runtime?.kind ?? null,
    dependsOn: [...dependsOn],
  };
}

type Applied = CaseRecord & { outcome: "healed" | "not-healed" | "worse" };

/** What was never carried out (rejected, escalated) is no attempt. */
function wasApplied(one: CaseRecord): one is Applied {
  return one.outcome === "healed" || one.outcome === "not-healed" || one.outcome === "worse";
}

function pastFix(one: Applied): PastFix {
  return {
    runId: one.runId,
    service: one.service,
    playbook: one.playbook,
    fixClass: one.fixClass as FixClass,
    planHash: one.planHash,
    signatures: [one.signature],
    outcome: one.outcome,
    undone: one.undone,
    at: one.at,
  };
}
