// Learning agent: files the attempt as a case with its outcome, and puts a standing watch on a symptom that
// came for the second time. What is learned changes later scores (agents/confidence.ts), never the gate.
import type { Clock } from "../domain/clock.ts";
import type { Attempt, Incident } from "../domain/incident.ts";
import type { KnowledgeBase } from "../knowledge/knowledge-base.ts";
import { livedCase } from "./lived-case.ts";
import type { CaseRecord, Cases } from "../knowledge/records.ts";
import { makeStandingWatch, type StandingWatchParts } from "./standing-watch.ts";

export interface LearningAgentParts extends StandingWatchParts {
  cases: Cases;
  /** Where the case can be found again by its symptom; absent: it only counts. */
  knowledge?: Pick<KnowledgeBase, "file"> | undefined;
  targetKind: (service: string) => string;
  clock: Clock;
}

export type Lesson = Pick<
  Incident,
  | "runId"
  | "service"
  | "dryRun"
  | "incidentId"
  | "findings"
  | "strategy"
  | "plan"
  | "diagnosis"
  | "validation"
  | "rollback"
  | "attempts"
> &
  Partial<Pick<Incident, "application">>;

export function makeLearn(parts: LearningAgentParts) {
  const standingWatch = makeStandingWatch(parts);
  return async function learn(incident: Lesson): Promise<Pick<Incident, "attempts" | "learned">> {
    const { plan, validation, rollback, attempts } = incident;
    if (!plan) return { attempts, learned: null };
    const one = caseOf(parts, incident, plan);
    await parts.cases.file(one);
    await parts.knowledge?.file(livedCase(incident, plan, one));
    const watch = await standingWatch(incident);
    const failed = incident.application?.steps.find((one) => !one.ok)?.text;
    const notDone = failed === undefined ? {} : { notDone: failed };
    const attempt: Attempt = { plan, validation, rollback, ...notDone, at: parts.clock.now() };
    const known = attempts.some((earlier) => earlier.plan.id === plan.id);
    return {
      attempts: known ? attempts : [...attempts, attempt],
      learned: [lessonOf(one), watch].filter(Boolean).join(" "),
    };
  };
}

function caseOf(
  { clock, targetKind }: LearningAgentParts,
  incident: Lesson,
  plan: NonNullable<Incident["plan"]>,
): CaseRecord {
  const [main] = incident.findings;
  const outcome = incident.validation?.outcome ?? "not-healed";
  return {
    id: `case_${plan.id}`,
    runId: incident.runId,
    incidentId: incident.incidentId,
    service: incident.service,
    targetKind: targetKind(incident.service),
    signature: main?.signature ?? "",
    symptom: main?.summary ?? "",
    playbook: plan.playbook,
    fix: plan.fix,
    fixClass: plan.class,
    planHash: plan.hash,
    undone: incident.rollback?.outcome === "undone",
    strategy: incident.strategy ?? "AI_POWERED",
    outcome,
    scoreBp: incident.diagnosis?.hypotheses[0]?.scoreBp ?? 0,
    healMs: outcome === "healed" && main ? clock.now() - main.since : null,
    at: clock.now(),
  };
}

function lessonOf({ playbook, fix, outcome }: CaseRecord): string {
  const answer = outcome === "healed" ? "helped" : outcome === "worse" ? "made it worse" : "did not help";
  return `Filed: against ${playbook}, ${fix} ${answer}.`;
}
