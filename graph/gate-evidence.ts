// The gate's rules about evidence: is the score what its record says, and is the plan the one for this cause?
import { CAP_BP, checkPoints, isDiscriminated, LEARNING_FLOOR_BP, MODEL_BP } from "../agents/confidence.ts";
import { LEARNING_SPAN_BP, learningPoints } from "../agents/trust.ts";
import { planHash } from "../agents/plan-hash.ts";
import type { Addend, Hypothesis } from "../domain/diagnosis.ts";
import { ALLOW_FLOOR_BP } from "../domain/policy.ts";
import { ask, deny, type GateInput, pass, type Rule } from "./gate-answer.ts";

const MAX_PRIOR_BP = 6_000;

/** The score again, from the addends; what the record claims does not count. No hypothesis: 0. */
export function recomputedScore({ diagnosis }: GateInput): number {
  return diagnosis.hypotheses[0]?.addends.reduce((sum, one) => sum + one.points, 0) ?? 0;
}

export function allowBp({ policy }: GateInput): number {
  return Math.max(policy.gate.allowBp, ALLOW_FLOOR_BP);
}

/** Sure enough? Comparisons are written so that a number which is none falls through to deny. */
export const scoreRule: Rule = (input) => {
  const score = recomputedScore(input);
  const allow = allowBp(input);
  if (score >= allow) return pass(`${percent(score)} sure, ${percent(allow)} needed`);
  if (score >= input.policy.gate.askBp) return ask(`${percent(score)} sure, below ${percent(allow)}`);
  return deny(`${percent(score)} sure, below the ${percent(input.policy.gate.askBp)} from which to ask`);
};

/** The record must add up, and no addend may be worth more than its kind allows. */
export const arithmeticRule: Rule = (input) => {
  const top = input.diagnosis.hypotheses[0];
  if (!top) return deny("there is no hypothesis to act on");
  const score = recomputedScore(input);
  if (score !== top.scoreBp) return deny(`the addends give ${score}, the record says ${top.scoreBp}`);
  const wrong = unlawfulAddend(top.addends);
  if (wrong) return deny(`the addend "${wrong.label}" (${wrong.kind}, ${wrong.points}) is out of bounds`);
  if (!learningAddsUp(top)) return deny("what was learned does not give the points that it is said to");
  if (!checksAddUp(top)) return deny("the addends do not belong to the checks that were made");
  return pass(`${top.addends.length} addends give ${score}`);
};

/** The rule that keeps words from opening the gate: something must have been measured that a rival would fail. */
export const discriminationRule: Rule = ({ diagnosis }) => {
  const top = diagnosis.hypotheses[0];
  if (!top) return deny("there is no hypothesis to act on");
  if (isDiscriminated(top.checks)) return pass("a measured check tells the cause from its likeliest rival");
  if (top.scoreBp > CAP_BP) return deny(`no discriminating check, so more than ${CAP_BP} cannot be`);
  return ask("no measured check tells the cause from its likeliest rival");
};

/** The plan must be the one for the top hypothesis, and its hash that of its actions. */
export const planRule: Rule = ({ diagnosis, plan }) => {
  const top = diagnosis.hypotheses[0];
  if (!top) return deny("there is no hypothesis to act on");
  if (plan.service !== top.service) {
    return deny(`the plan is for ${plan.service}, the cause lies with ${top.service}`);
  }
  if (plan.playbook !== top.playbook) {
    return deny(`the plan is of playbook ${plan.playbook}, the cause of ${top.playbook}`);
  }
  const better = diagnosis.hypotheses.find((one) => one.scoreBp > top.scoreBp);
  if (better) return deny(`${better.playbook} is likelier than the cause that the plan is for`);
  if (planHash(plan.actions) !== plan.hash) return deny("the plan's hash is not that of its actions");
  return pass("the plan is the one for the top hypothesis, unchanged");
};

// Kinds that come once at most; checks and clamps may come often.
const ONCE: readonly Addend["kind"][] = ["prior", "model", "learning", "sceptic", "cap"];

function unlawfulAddend(addends: readonly Addend[]): Addend | undefined {
  let total = 0;
  return addends.find((one, index) => {
    total += one.points;
    const again = ONCE.includes(one.kind) && addends.findIndex((other) => other.kind === one.kind) !== index;
    return again || !isLawful(one, total);
  });
}

/** `total` is the sum up to and with this addend. */
function isLawful({ kind, points }: Addend, total: number): boolean {
  switch (kind) {
    case "check":
      return true; // compared with the checks themselves
    case "prior":
      return points >= 0 && points <= MAX_PRIOR_BP;
    case "model":
      return points >= 0 && points <= MODEL_BP;
    case "learning":
      return Math.abs(points) <= LEARNING_SPAN_BP / 2;
    case "clamp":
      return points <= 0 || total <= LEARNING_FLOOR_BP;
    case "sceptic":
    case "cap":
      return points <= 0;
  }
}

/** Records from before trust was kept have none to count from: those are only bounded, as they were then. */
function learningAddsUp({ addends, trust }: Hypothesis): boolean {
  if (trust === undefined) return true;
  return addends.find((one) => one.kind === "learning")?.points === learningPoints(trust);
}

function checksAddUp({ addends, checks }: Hypothesis): boolean {
  const counted = addends.filter((one) => one.kind === "check");
  return (
    counted.length === checks.length &&
    checks.every(
      (one, index) => counted[index]?.label === one.check && counted[index]?.points === checkPoints(one),
    )
  );
}

function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}
