// Where a run goes next. Pure: an incident in, a node's name out.
import { deferredTo, isNotNow, isPassing } from "../agents/coordinator.ts";
import { isSymptom } from "../domain/finding.ts";
import type { Incident } from "../domain/incident.ts";

/** Attempts in one run; the gate's breaker counts over runs. */
export const MAX_ATTEMPTS = 3;

/** How often a run looks again because a prediction of its cause was refuted. */
export const MAX_REFUTATIONS = 1;

/** A symptom that does not show right after a fix was taken back may only need time to show again: nobody has healed
 * it, so a human hears of it. */
export function afterDetect({
  findings,
  attempts,
}: Pick<Incident, "findings" | "attempts">): "open" | "report" | "escalate" {
  if (findings.some(isSymptom)) return "open";
  return attempts.length > 0 ? "escalate" : "report";
}

export function afterPlan(
  incident: Pick<Incident, "plan" | "service" | "diagnosis" | "findings">,
): "gate" | "report" | "escalate" {
  if (incident.plan) return "gate";
  return deferredTo(incident) === undefined && !isPassing(incident) ? "escalate" : "report";
}

export function afterGate(
  incident: Pick<Incident, "verdict" | "plan" | "approval" | "dryRun">,
): "backUp" | "askHuman" | "escalate" | "report" {
  const { verdict, plan, approval, dryRun } = incident;
  if (dryRun) return "report";
  if (!verdict || !plan) return "escalate";
  if (verdict.decision === "deny") return isNotNow(verdict) ? "report" : "escalate";
  if (verdict.decision === "allow") return "backUp";
  // An approval counts for the very plan that was shown, and turns "ask" into "go", never "deny".
  const approved = approval?.decision === "approve" && approval.planHash === plan.hash;
  return approved ? "backUp" : "askHuman";
}

/** A cause whose prediction failed is looked for once more; a second time a human hears of it. */
export function afterConfirm({
  confirmation,
  plan,
}: Pick<Incident, "confirmation" | "plan">): "backUp" | "observe" | "escalate" {
  if (!plan || confirmation?.planId !== plan.id) return "escalate";
  if (confirmation.outcome === "held") return "backUp";
  return confirmation.refutations <= MAX_REFUTATIONS ? "observe" : "escalate";
}

export function afterHuman({ approval }: Pick<Incident, "approval">): "observe" | "escalate" {
  return approval?.decision === "approve" ? "observe" : "escalate";
}

export function afterApply({ application }: Pick<Incident, "application">): "validate" | "rollBack" {
  return application?.outcome === "applied" ? "validate" : "rollBack";
}

export function afterValidate({ validation }: Pick<Incident, "validation">): "learn" | "rollBack" {
  return validation?.outcome === "healed" ? "learn" : "rollBack";
}

export function afterLearn({
  validation,
  attempts,
  rollback,
  failure,
}: Pick<Incident, "validation" | "attempts" | "rollback" | "failure">): "report" | "observe" | "escalate" {
  if (validation?.outcome === "healed") return "report";
  const mayTryAgain = !failure && rollback?.outcome !== "failed" && attempts.length < MAX_ATTEMPTS;
  return mayTryAgain ? "observe" : "escalate";
}

/** After a node broke for good: what may have been changed is taken back first. A roll-back that broke, or a
 * lesson that could not be filed, is for a human: nothing is undone a second time, or undone that helped. */
export function afterFailure(node: string): "rollBack" | "escalate" {
  return node === "apply" || node === "validate" ? "rollBack" : "escalate";
}
