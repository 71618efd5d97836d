// The gate's rules about one of several replicas: one at a time, and the next only when the same helped the one before.
import { ask, deny, pass, type GateInput, type Rule } from "./gate-answer.ts";
import type { GateReplicas } from "./gate-history.ts";

/**
 * Of runs on replicas of the same, the one that began first goes first, so that two never wait for each other. Ids of runs
 * sort by the time of their making.
 */
export const turnRule: Rule = ({ plan, history }) => {
  const { replicas } = history;
  if (replicas === undefined) return pass("it is no replica behind a proxy");
  const names = replicas.others.map((one) => one.name);
  const first = history.activeRuns.find((one) => one.runId < plan.runId && names.includes(one.service));
  return first
    ? deny(
        `run ${first.runId} is at work on ${first.service}, another replica of ${replicas.of}: one at a time`,
      )
    : pass(`no other replica of ${replicas.of} is under repair`);
};

/** The first is the canary: a fix that did not help it is not tried on the rest. */
export const canaryRule: Rule = ({ plan, policy, history, now }) => {
  const { replicas } = history;
  if (replicas === undefined) return pass("it is no replica behind a proxy");
  const inVain = replicas.fixes.find(
    (one) =>
      one.outcome !== "healed" &&
      one.playbook === plan.playbook &&
      one.fixClass === plan.class &&
      !(now - one.at >= policy.breaker.symptomReturnsMs),
  );
  return inVain
    ? deny(
        `the ${inVain.fixClass} of ${inVain.service} (run ${inVain.runId}) did not help: the other replicas are left as they are`,
      )
    : pass(`no ${plan.class} of another replica was in vain lately`);
};

/** Whoever is well must be able to carry the load of the one that is taken out. */
export const remainingRule: Rule = (input) => {
  const { replicas } = input.history;
  if (replicas === undefined || !isDrained(input)) return pass("nothing is taken out of rotation");
  const all = replicas.others.length + 1;
  const well = wellOthers(replicas);
  if (well > 0)
    return pass(`1 of ${all} replicas of ${replicas.of} is taken out, ${well} of the others are well`);
  return replicas.others.length > 0
    ? pass(`no other of ${all} replicas of ${replicas.of} is well either: this one is tried first`)
    : ask(`it is the only replica of ${replicas.of}: nobody serves while it is taken out`);
};

/** Its customers are with others meanwhile, so nobody is without the service. */
export function othersServe(input: GateInput): boolean {
  const { replicas } = input.history;
  return replicas !== undefined && isDrained(input) && wellOthers(replicas) > 0;
}

const isDrained = ({ plan }: GateInput): boolean => plan.actions.some((one) => one.action === "drain");

const wellOthers = ({ others }: GateReplicas): number => others.filter((one) => !one.suffers).length;
