// The gate's rules about what may be touched at all: switch, mode, windows, protected services, forbidden actions,
// what can be taken back, and how far a plan reaches.
import picomatch from "picomatch";
import type { FixPlan } from "../domain/plan.ts";
import type { Mode } from "../domain/service.ts";
import { ask, deny, type GateInput, pass, type Rule } from "./gate-answer.ts";
import type { GateService } from "./gate-history.ts";
import { inWindow } from "./deny-window.ts";

/** Every service that the plan acts on or says it touches; what the plan says is not trusted alone. */
export function touched(plan: FixPlan): string[] {
  const named = plan.actions.map((one) => one.service);
  return [...new Set([plan.service, ...named, ...plan.blastRadius.services])];
}

export const pausedRule: Rule = ({ policy }) =>
  policy.paused ? deny("opsmedic is paused") : pass("opsmedic is not paused");

/** Of several services the strictest mode counts. */
export const modeRule: Rule = (input) => {
  const modes = touched(input.plan).map((name) => service(input, name).mode ?? input.policy.mode);
  if (modes.includes("observe")) return deny("observe mode: what would be done is recorded, nothing is done");
  if (modes.includes("approve")) return ask("mode approve: a human decides");
  return modes.every((mode: Mode) => mode === "auto") ? pass("mode auto") : deny("the mode is not known");
};

export const windowRule: Rule = ({ policy, now }) => {
  const closed = policy.windows.find((one) => inWindow(one, now));
  return closed
    ? deny(`no changes in the window ${closed.text} (${closed.timezone})`)
    : pass("no maintenance or deny window");
};

export const protectedRule: Rule = (input) => {
  const shielded = touched(input.plan).find((name) => service(input, name).protected);
  return shielded ? deny(`${shielded} is protected`) : pass("no protected service is touched");
};

/** policy.never: globs on service and action; an action is matched as "restart" and as "docker.restart". */
export const neverRule: Rule = (input) => {
  for (const { service: name, action } of input.plan.actions) {
    const names = fullNames(action, service(input, name));
    const rule = input.policy.never.find(
      (one) =>
        picomatch.isMatch(name, one.service) && names.some((full) => picomatch.isMatch(full, one.action)),
    );
    if (rule) return deny(`${action} on ${name} is forbidden by never: ${rule.service} ${rule.action}`);
  }
  return pass("no action is forbidden");
};

/** Only what the catalogue knows and can take back, or do again without harm. */
export const effectRule: Rule = ({ plan, history }) => {
  for (const { action, effect } of plan.actions) {
    const known = history.actions.find((one) => one.name === action);
    if (!known) return deny(`the action ${action} is not in the catalogue`);
    if (known.effect === "irreversible") return deny(`${action} cannot be taken back`);
    if (known.effect !== effect) return deny(`${action} is ${known.effect}, the plan says ${effect}`);
  }
  return pass("every action can be taken back or repeated");
};

export const blastRule: Rule = ({ plan, policy }) => {
  const services = touched(plan);
  return services.length <= policy.maxBlastServices
    ? pass(`${services.length} of at most ${policy.maxBlastServices} services touched`)
    : ask(`touches ${services.length} services, at most ${policy.maxBlastServices} without asking`);
};

/** Nothing to do, or nothing that a machine should do. */
export const humanRule: Rule = ({ plan }) => {
  if (plan.class === "human") return deny("this needs a human");
  return plan.actions.length === 0 ? deny("the plan has no actions") : pass("the plan has actions to take");
};

function fullNames(action: string, { runtime }: GateService): string[] {
  const prefixes = runtime === "compose" ? ["compose", "docker"] : [runtime ?? "none"];
  return [action, ...prefixes.map((prefix) => `${prefix}.${action}`)];
}

/** Throws for an unknown service, which the gate turns into deny. */
export function service({ history }: Pick<GateInput, "history">, name: string): GateService {
  const found = history.services.find((one) => one.name === name);
  if (!found) throw new Error(`the service ${name} is not in the configuration`);
  return found;
}
