// The gate: may this plan be carried out now, by itself? Pure, versioned and total: the same input gives the same
// verdict, every rule answers, and whatever breaks inside is a no.
import type { Decision, FixPlan, Verdict } from "../domain/plan.ts";
import { planHash } from "../agents/plan-hash.ts";
import { messageOf } from "../domain/errors.ts";
import type { GateInput, Rule } from "./gate-answer.ts";
import {
  allowBp,
  arithmeticRule,
  discriminationRule,
  planRule,
  recomputedScore,
  scoreRule,
} from "./gate-evidence.ts";
import { autonomyRule } from "./gate-autonomy.ts";
import { dependantsRule, maintenanceRule } from "./gate-neighbours.ts";
import { canaryRule, remainingRule, turnRule } from "./gate-replicas.ts";
import {
  activeRule,
  backOffRule,
  breakerRule,
  cooldownRule,
  graduatedRule,
  symptomRule,
  undoneRule,
} from "./gate-past.ts";
import {
  blastRule,
  effectRule,
  humanRule,
  modeRule,
  neverRule,
  pausedRule,
  protectedRule,
  windowRule,
} from "./gate-safety.ts";

export type { GateInput } from "./gate-answer.ts";

/**
 * Changes with every change of a rule. Older rules stay, so that a record is judged again by those of its time.
 * 2: autonomy may have to be earned; dependants and maintenance around count; no milder fix after a stronger one.
 * 3: restarts in a row wait longer each time; replicas are repaired one at a time, the first as canary.
 */
export const GATE_VERSION = 3;

/** Each with the version that it came with. */
const rules: readonly (readonly [name: string, rule: Rule, since?: number])[] = [
  ["paused", pausedRule],
  ["mode", modeRule],
  ["score", scoreRule],
  ["arithmetic", arithmeticRule],
  ["discrimination", discriminationRule],
  ["plan", planRule],
  ["human", humanRule],
  ["effect", effectRule],
  ["protected", protectedRule],
  ["never", neverRule],
  ["window", windowRule],
  ["blast-radius", blastRule],
  ["active-runs", activeRule],
  ["breaker", breakerRule],
  ["cooldown", cooldownRule],
  ["symptom-returned", symptomRule],
  ["undone-before", undoneRule],
  ["dependants", dependantsRule, 2],
  ["maintenance", maintenanceRule, 2],
  ["graduated", graduatedRule, 2],
  ["autonomy", autonomyRule, 2],
  ["back-off", backOffRule, 3],
  ["replica-turn", turnRule, 3],
  ["canary", canaryRule, 3],
  ["replicas", remainingRule, 3],
];

/**
 * Every rule is asked, the ones after a "no" too, so that a person sees all that stands in the way. `version`: of the
 * rules; another than the present one only to judge a record of its time again.
 */
export function gate(input: GateInput, version: number = GATE_VERSION): Verdict {
  const reasons = rules
    .filter(([, , since = 1]) => since <= version)
    .map(([rule, answer]) => ({ rule, ...answerOf(answer, input) }));
  return {
    version,
    decision: decisionOf(reasons.map((one) => one.outcome)),
    scoreBp: orElse(0, () => whole(recomputedScore(input))),
    allowBp: orElse(0, () => whole(allowBp(input))),
    reasons,
    at: orElse(0, () => whole(input.now)),
    planHash: orElse("", () => planHash(input.plan.actions)),
  };
}

/**
 * Whether to act. A human's yes turns "ask" into go, never "deny"; and only for exactly the actions that the gate
 * looked at, so that no change slips in behind it.
 */
export function mayProceed({
  verdict,
  plan,
  approval,
}: {
  verdict: Verdict;
  plan: FixPlan;
  approval: { decision: "approve" | "reject" | "expired"; planHash: string; by: string } | null;
}): { go: boolean; reason: string } {
  const hash = planHash(plan.actions);
  if (verdict.decision === "deny") return { go: false, reason: "the gate denied it" };
  if (hash !== plan.hash || hash !== verdict.planHash) {
    return { go: false, reason: "the plan is not the one that the gate looked at" };
  }
  if (verdict.decision === "allow") return { go: true, reason: "the gate allows it" };
  if (approval?.decision !== "approve") return { go: false, reason: "nobody has approved it" };
  if (approval.planHash !== hash) return { go: false, reason: "another plan was approved" };
  return { go: true, reason: `approved by ${approval.by}` };
}

function answerOf(rule: Rule, input: GateInput): ReturnType<Rule> {
  try {
    return rule(input);
  } catch (error) {
    return { outcome: "deny", text: `the rule could not be answered: ${messageOf(error)}` };
  }
}

function decisionOf(outcomes: readonly ReturnType<Rule>["outcome"][]): Decision {
  if (outcomes.includes("deny")) return "deny";
  return outcomes.includes("ask") ? "ask" : "allow";
}

function orElse<T>(fallback: T, make: () => T): T {
  try {
    return make();
  } catch {
    return fallback;
  }
}

function whole(value: number): number {
  return Number.isFinite(value) ? Math.round(value) : 0;
}
