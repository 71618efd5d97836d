// Gathers what the gate must know about the past from the store, as the plain data that gate-history.ts names.
import type { Standing } from "../domain/autonomy.ts";
import type { FixPlan } from "../domain/plan.ts";
import type { Policy } from "../domain/policy.ts";
import type { FixClass } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import type { CaseRecord, Cases, Runs } from "../knowledge/records.ts";
import type { Actions } from "../tools/action.ts";
import type { GateHistory, GateService, PastFix } from "./gate-history.ts";

export interface HistoryParts {
  cases: Cases;
  runs: Runs;
  actions: Actions;
  services: () => readonly Service[];
  policy: () => Policy;
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
    const since = now - Math.max(withinMs, cooldownMs, symptomReturnsMs);
    const [recent, ever, active] = await Promise.all([
      cases.recent({ service, since, limit: MOST_CASES }),
      cases.recent({ service, since: 0, limit: MOST_CASES }),
      runs.unfinished(),
    ]);
    return {
      services: services().map(gateService),
      actions: actions.all().map(({ name, effect }) => ({ name, effect })),
      signatures: [...signatures],
      fixes: recent.filter(wasApplied).map(pastFix),
      undonePlans: ever.filter((one) => one.undone).map((one) => one.planHash),
      activeRuns: active.map((one) => ({ runId: one.id, service: one.service })),
      ...(policy().autonomy?.grant === "earned" && { standing: await parts.standing(plan) }),
    };
  };
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
