// The gate's rules about time: what else is going on, and what was tried lately. They count symptoms that came
// back, not commands that failed.
import { ask, deny, type GateInput, pass, type Rule } from "./gate-answer.ts";
import { rankOf } from "../domain/playbook.ts";
import { nextRestart, restartBackOff } from "./back-off.ts";
import type { PastFix } from "./gate-history.ts";
import { service, touched } from "./gate-safety.ts";

/** No two runs at once on services that depend on each other; the lease already keeps them off the same one. */
export const activeRule: Rule = (input) => {
  const { plan, history } = input;
  const own = touched(plan);
  const watched = new Set([...own, ...own.flatMap((name) => dependenciesOf(input, name))]);
  const other = history.activeRuns.find((one) => one.runId !== plan.runId && watched.has(one.service));
  return other
    ? deny(`run ${other.runId} is at work on ${other.service}; try again when it has ended`)
    : pass("no other run on these services or their dependencies");
};

export const breakerRule: Rule = (input) => {
  const { attempts, withinMs } = input.policy.breaker;
  const recent = fixesHere(input).filter((one) => !(input.now - one.at >= withinMs));
  return recent.length < attempts
    ? pass(`${recent.length} of ${attempts} attempts used`)
    : deny(`${recent.length} attempts in the last ${seconds(withinMs)}: the breaker is open`);
};

/** Attempts of one run follow each other at once (the breaker counts them); a new run waits. */
export const cooldownRule: Rule = (input) => {
  const { cooldownMs } = input.policy.breaker;
  const last = fixesHere(input).find(
    (one) => one.runId !== input.plan.runId && !(input.now - one.at >= cooldownMs),
  );
  return last
    ? deny(`run ${last.runId} changed ${last.service} less than ${seconds(cooldownMs)} ago`)
    : pass("no other run changed it lately");
};

/** Attempts of this run are the breaker's; what other runs restarted makes the next wait. */
export const backOffRule: Rule = (input) => {
  const { plan, policy, now } = input;
  if (plan.class !== "restart") return pass("no restart, which would have to wait after others");
  const restarts = fixesHere(input).filter((one) => one.fixClass === "restart" && one.runId !== plan.runId);
  const backOff = restartBackOff(policy.breaker);
  const next = nextRestart(
    restarts.map((one) => one.at),
    backOff,
    now,
  );
  if (next === undefined) return pass(`no restart in the last ${seconds(backOff.calmMs)}`);
  const { inARow, waitMs, at } = next;
  const sum = `${inARow} in a row: ${seconds(backOff.firstMs)} × 2^${inARow - 1}, at most ${seconds(backOff.longestMs)} = ${seconds(waitMs)}`;
  const due = new Date(at).toISOString();
  return now >= at
    ? pass(`the wait after restarts was over at ${due} (${sum})`)
    : deny(`the next restart at ${due} (${sum})`);
};

/** Graduated response: what healed and did not last is not done again; the next fix is of another class. */
export const symptomRule: Rule = (input) => {
  const { plan, policy, history } = input;
  const same = (one: PastFix) =>
    one.playbook === plan.playbook || one.signatures.some((each) => history.signatures.includes(each));
  const returned = fixesHere(input).find(
    (one) =>
      one.outcome === "healed" &&
      one.fixClass === plan.class &&
      same(one) &&
      !(input.now - one.at >= policy.breaker.symptomReturnsMs),
  );
  return returned
    ? deny(
        `the symptom came back after the ${returned.fixClass} of run ${returned.runId}: another class is needed`,
      )
    : pass(`no ${plan.class} here healed this symptom only for a while`);
};

/** The way goes up: against the same cause, what is milder than a fix that did not last or did not help is no answer. */
export const graduatedRule: Rule = (input) => {
  const { plan, policy, now } = input;
  const stronger = fixesHere(input).find(
    (one) =>
      one.playbook === plan.playbook &&
      rankOf(one.fixClass) > rankOf(plan.class) &&
      !(now - one.at >= policy.breaker.symptomReturnsMs),
  );
  return stronger
    ? deny(
        `the ${stronger.fixClass} of run ${stronger.runId} was stronger and did not end it: a ${plan.class} will not`,
      )
    : pass("nothing stronger was tried against this cause lately");
};

export const undoneRule: Rule = ({ plan, history }) =>
  history.undonePlans.includes(plan.hash) ||
  history.fixes.some((one) => one.undone && one.planHash === plan.hash)
    ? ask("exactly this plan was undone here before")
    : pass("this plan was never undone here");

function fixesHere({ plan, history }: GateInput): PastFix[] {
  const own = touched(plan);
  return history.fixes.filter((one) => own.includes(one.service));
}

/** All services below, however deep; a circle in the configuration ends the walk. */
function dependenciesOf(input: GateInput, name: string): string[] {
  const seen = new Set<string>();
  const open = [name];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    for (const below of service(input, next).dependsOn) {
      if (seen.has(below)) continue;
      seen.add(below);
      open.push(below);
    }
  }
  return [...seen];
}

function seconds(ms: number): string {
  return `${Math.round(ms / 1000)} s`;
}
