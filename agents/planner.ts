// Planner: the fix for the likeliest cause, as typed actions with parameters that were observed, or the reason why
// there is none. A fix that was tried in this run or failed here before is not proposed again.
import type { Clock } from "../domain/clock.ts";
import { causeIn, type Hypothesis } from "../domain/diagnosis.ts";
import { isSymptom } from "../domain/finding.ts";
import type { Incident } from "../domain/incident.ts";
import type { Json, JsonObject } from "../domain/json.ts";
import type { FixPlan, PlannedAction } from "../domain/plan.ts";
import { type Fix, type Playbook, type Risk, risks } from "../domain/playbook.ts";
import type { Policy } from "../domain/policy.ts";
import type { Service } from "../domain/service.ts";
import type { CaseRecord, Cases } from "../knowledge/records.ts";
import type { Action, Actions } from "../tools/action.ts";
import { withAfterEdit } from "./after-edit.ts";
import { isPassing, passedText } from "./coordinator.ts";
import { plainLine } from "./evidence/observer.ts";
import { valueAt } from "./expectation.ts";
import { fixesOf } from "./fix-choice.ts";
import { filled } from "./hypothesis.ts";
import { oneReplica } from "./one-replica.ts";
import { planHash } from "./plan-hash.ts";
import { TRUST_REACH_MS } from "./trust.ts";

export interface PlannerParts {
  actions: Actions;
  playbooks: readonly Playbook[];
  service: (name: string) => Service | undefined;
  recent: Cases["recent"];
  policy: () => Policy;
  /** Everything that needs a service, however far; absent: not known. */
  dependants?: (service: string) => string[];
  clock: Clock;
}

type Problem = Pick<Incident, "runId" | "service" | "findings" | "diagnosis" | "attempts">;
type Answer = Pick<Incident, "plan" | "noPlan">;

const MOST_CASES = 500;

export function makePlanner(parts: PlannerParts) {
  return async function decide(problem: Problem): Promise<Answer> {
    const answer = await answerTo(parts, problem);
    // What is over needs no advice on a guess.
    const shows = problem.findings.some(isSymptom);
    return shows && isPassing({ ...problem, plan: answer.plan })
      ? none(`${passedText(problem.findings)}.`)
      : answer;
  };
}

async function answerTo(parts: PlannerParts, problem: Problem): Promise<Answer> {
  const top = causeIn(problem.diagnosis);
  if (!top) return none("No known failure fits the symptoms.");
  if (top.named) return none(`Only a language model brought up "${top.title}": a human decides.`);
  if (top.service !== problem.service) {
    return none(`The cause lies with ${top.service} (${top.title}); it is healed there, not here.`);
  }
  const playbook = parts.playbooks.find((one) => one.id === top.playbook);
  if (!playbook) return none(`The playbook ${top.playbook} is not known any more.`);
  return firstPossible(parts, problem, playbook, top);
}

async function firstPossible(
  parts: PlannerParts,
  problem: Problem,
  playbook: Playbook,
  top: Hypothesis,
): Promise<Answer> {
  const now = parts.clock.now();
  const { symptomReturnsMs } = parts.policy().breaker;
  const fixes = fixesOf(playbook, top.checks, {
    attempts: problem.attempts,
    past: await pastOf(parts, problem.service, playbook.id, { symptomReturnsMs, now }),
    signatures: problem.findings.map((one) => one.signature),
    symptomReturnsMs,
    now,
  });
  const reasons: string[] = [];
  for (const { fix, against } of fixes) {
    const built =
      against ??
      (fix.class === "human"
        ? `a human is needed: ${filled(fix.title, top.checks)}`
        : build(parts, problem, fix, top));
    if (typeof built !== "string") return { plan: built, noPlan: null };
    reasons.push(built);
  }
  return none(`${top.title}: ${reasons.join("; ") || "there is no fix for it"}.`);
}

/**
 * What was tried here against this cause as long as it still counts, and against anything lately. Asked apart, so that
 * the many fixes of a busy service never hide the old failure of another one.
 */
async function pastOf(
  { recent }: PlannerParts,
  service: string,
  playbook: string,
  { symptomReturnsMs, now }: { symptomReturnsMs: number; now: number },
): Promise<CaseRecord[]> {
  const [ofCause, lately] = await Promise.all([
    recent({ service, playbook, since: now - TRUST_REACH_MS, limit: MOST_CASES }),
    recent({ service, since: now - symptomReturnsMs, limit: MOST_CASES }),
  ]);
  const all = new Map([...ofCause, ...lately].map((one) => [one.id, one]));
  return [...all.values()].toSorted((a, b) => b.at - a.at);
}

/** The plan, or why this fix cannot be planned. */
function build(parts: PlannerParts, problem: Problem, fix: Fix, top: Hypothesis): FixPlan | string {
  const service = parts.service(top.service);
  if (!service) return `${top.service} is not configured any more`;
  const steps = resolved(fix, top);
  if (typeof steps === "string") return steps;
  const all = oneReplica(withAfterEdit(steps, service, problem.findings), service);
  const known = all.map((one) => checked(parts.actions, one));
  const wrong = known.find((one) => typeof one === "string");
  if (wrong !== undefined) return wrong;
  if (!service.runtime && known.some((one) => typeof one !== "string" && one.definition.needsTarget))
    return `"${fix.title}" acts on what runs, and nothing of ours runs for ${service.name}`;
  return planOf(
    parts,
    problem,
    fix,
    top,
    known.filter((one) => typeof one !== "string"),
  );
}

interface Step {
  action: string;
  params: JsonObject;
}
type KnownStep = Step & { definition: Action };

/** Parameters from what was observed; a value that was not seen makes the fix impossible. */
function resolved(fix: Fix, { checks }: Hypothesis): Step[] | string {
  const steps: Step[] = [];
  for (const { action, params } of fix.actions) {
    const values: JsonObject = {};
    for (const [name, source] of Object.entries(params)) {
      const value = "value" in source ? source.value : observed(checks, source.from, source.at);
      if (value === undefined) return `"${fix.title}" needs ${name}, which was not seen`;
      values[name] = value;
    }
    steps.push(inAllFiles({ action, params: values }, params, checks));
  }
  return steps;
}

/** A setting that stands in several files is changed in all of them or in none. */
function inAllFiles(
  step: Step,
  params: Fix["actions"][number]["params"],
  checks: Hypothesis["checks"],
): Step {
  const source = params["pointer"];
  if (step.action !== "edit-setting" || source === undefined || !("from" in source)) return step;
  const edits = observed(checks, source.from, "edits");
  return Array.isArray(edits) ? { action: "edit-settings", params: { edits } } : step;
}

function observed(checks: Hypothesis["checks"], id: string, path: string | undefined): Json | undefined {
  const observation = checks.find((one) => one.check === id)?.observation;
  return observation?.status === "known" ? valueAt(observation.value, path) : undefined;
}

function checked(actions: Actions, step: Step): KnownStep | string {
  const definition = actions.get(step.action);
  if (!definition) return `there is no action "${step.action}"`;
  const params = definition.params.safeParse(step.params);
  if (!params.success)
    return `"${step.action}" does not take these parameters: ${plainLine(params.error.message)}`;
  return { action: step.action, params: params.data, definition };
}

function planOf(
  parts: PlannerParts,
  problem: Problem,
  fix: Fix,
  top: Hypothesis,
  steps: readonly KnownStep[],
): FixPlan {
  const actions: PlannedAction[] = steps.map(({ action, params, definition }, index) => ({
    step: index + 1,
    action,
    service: top.service,
    params,
    effect: definition.effect,
  }));
  const hash = planHash(actions);
  return {
    // The same every time the node runs for this attempt: what is applied is keyed by it.
    id: `plan_${problem.runId}_${problem.attempts.length + 1}_${hash.slice(0, 8)}`,
    runId: problem.runId,
    service: top.service,
    playbook: top.playbook,
    cause: top.cause,
    fix: fix.id,
    title: titleOf(filled(fix.title, top.checks), steps),
    class: fix.class,
    risk: highest([fix.risk, ...steps.map((one) => one.definition.risk)]),
    actions,
    blastRadius: {
      services: [top.service],
      ...(parts.dependants && { dependants: parts.dependants(top.service) }),
      downtimeMs: steps.reduce((sum, one) => sum + one.definition.downtimeMs(one.params), 0),
    },
    hash,
  };
}

/** What a person reads before approving: the numbers too, where a setting is moved. */
function titleOf(title: string, steps: readonly Step[]): string {
  const edit = steps.find((one) => one.action === "edit-setting")?.params;
  const edits = steps.find((one) => one.action === "edit-settings")?.params["edits"];
  const all = edit ? [edit] : Array.isArray(edits) ? (edits as JsonObject[]) : [];
  if (all.length === 0) return title;
  const where = all.length === 1 ? "" : ` in ${all.length} files`;
  return plainLine(`${title}${where}: ${all.map(moveOf).join(", ")}`);
}

function moveOf({ pointer, from, to }: JsonObject): string {
  return `${JSON.stringify(pointer)} from ${JSON.stringify(from)} to ${JSON.stringify(to)}`;
}

function highest(all: readonly Risk[]): Risk {
  return risks[Math.max(...all.map((one) => risks.indexOf(one)))] ?? "high";
}

function none(reason: string): Answer {
  return { plan: null, noPlan: reason };
}
