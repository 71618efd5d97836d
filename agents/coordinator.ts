// Coordinator: opens the incident, asks a human where the gate wants one, escalates, and closes with a report.
import type { Clock } from "../domain/clock.ts";
import { isGuess } from "../domain/diagnosis.ts";
import { type Finding, isSymptom } from "../domain/finding.ts";
import type { Incident, RunOutcome, Strategy } from "../domain/incident.ts";
import type { Policy } from "../domain/policy.ts";
import type { ApprovalRecord, Approvals, Incidents, Runs } from "../knowledge/records.ts";
import type { CallGraph } from "../signals/root-cause/call-graph.ts";
import { makeResolveIncident, type OutageEndParts, type ResolveIncident } from "./outage-end.ts";
import { outageCause, sinceOf } from "./outage-cause.ts";
import { planDiff } from "./plan-diff.ts";
import { type Deferral, reportOf } from "./report.ts";
import { strategyOf } from "./strategy.ts";
import type { Workbench } from "./workbench.ts";

export interface CoordinatorParts {
  runs: Runs;
  incidents: Incidents;
  approvals: Approvals;
  /** Looks at what a plan would change. */
  workbench: Workbench;
  /** The address at which an approval is read. */
  approvalLink: (id: string) => string;
  /** A question waits for a person: the message goes out from here. */
  onAsk: (approval: ApprovalRecord, incident: Incident) => Promise<void>;
  policy: () => Policy;
  wellNow: OutageEndParts["wellNow"];
  /** Who needs whom. */
  dependencies: () => CallGraph;
  clock: Clock;
}

export function makeOpen({ runs, incidents, clock }: CoordinatorParts) {
  return async function open({
    runId,
    service,
    findings,
    dryRun,
    incidentId,
    strategy: known,
  }: Pick<Incident, "runId" | "service" | "findings" | "dryRun" | "incidentId" | "strategy">): Promise<
    Pick<Incident, "incidentId" | "strategy">
  > {
    // A later look of the same run may word the symptom otherwise (its last words have arrived): still one incident.
    if (incidentId !== null) return { incidentId, strategy: known };
    const symptoms = findings.filter(isSymptom);
    if (dryRun) return { incidentId: null, strategy: strategyOf(symptoms, 0) };
    const incident = await incidents.open(service, symptoms, clock.now());
    const before = await Promise.all(
      symptoms.map((one) => incidents.occurrencesBefore(one.signature, incident.id)),
    );
    const strategy: Strategy = strategyOf(symptoms, Math.max(0, ...before));
    await incidents.setStrategy(incident.id, strategy);
    await runs.update(runId, { incidentId: incident.id });
    return { incidentId: incident.id, strategy };
  };
}

/** One outage is one incident: what lies with a dependency is part of that one's. */
export function makeBlame({ incidents, dependencies, clock }: CoordinatorParts) {
  return async function blame(
    incident: Pick<Incident, "incidentId" | "service" | "findings" | "diagnosis" | "plan">,
  ): Promise<void> {
    const { incidentId: id, service, findings } = incident;
    if (id === null) return;
    const open = await incidents.list({ open: true, limit: MOST_OPEN });
    const cause = faultyOther(incident) ?? passed(incident) ?? outageCause(incident, open, dependencies());
    await incidents.blame(id, cause ?? null, sinceOf(findings.filter(isSymptom)));
    await endParts(incidents, service, id, clock.now());
  };
}

const MOST_OPEN = 500;

/** What passes was the dependency's of which it complained, however that one is now. */
function passed(incident: Pick<Incident, "findings" | "diagnosis" | "plan">): string | undefined {
  return isPassing(incident) ? complainedOf(incident.findings.filter(isSymptom)) : undefined;
}

function complainedOf(symptoms: readonly Finding[]): string | undefined {
  const names = symptoms.map((one) => one.facts["dependency"]);
  return names.find((one) => typeof one === "string");
}

/** Other symptoms of the service are told by an incident of their own: what was part of an outage ended with it. */
async function endParts(incidents: Incidents, service: string, present: string, at: number): Promise<void> {
  const open = await incidents.list({ open: true, service, limit: 100 });
  const over = open.filter((one) => one.id !== present && one.partOf?.status === "RESOLVED");
  for (const { id } of over) await incidents.close(id, "RESOLVED", at);
}

/** Writes the approval before the run pauses; the pause itself is the graph's. */
export function makeAskHuman({ approvals, runs, policy, clock, ...parts }: CoordinatorParts) {
  return async function askHuman(
    incident: Incident,
    signal?: AbortSignal,
  ): Promise<Pick<Incident, "approval">> {
    const { runId, service, plan, verdict } = incident;
    if (!plan || !verdict) return { approval: null };
    const { expireMs, twoPersons = [] } = policy().approvals;
    const id = `apr_${runId}_${plan.hash.slice(0, 8)}`;
    const asked = await approvals.request({
      id,
      runId,
      service,
      planHash: plan.hash,
      summary: `${plan.title} (${service}): ${plan.cause}`,
      scoreBp: verdict.scoreBp,
      risk: plan.risk,
      expiresAt: clock.now() + expireMs,
      link: parts.approvalLink(id),
      diff: await planDiff(parts.workbench, plan, signal),
      needs: twoPersons.includes(plan.risk) ? 2 : 1,
    });
    // What waits must be readable: the one who decides looks at it now.
    await runs.saveIncident(runId, incident);
    await runs.update(runId, { status: "waiting", scoreBp: verdict.scoreBp });
    await parts.onAsk(asked, incident);
    return { approval: null };
  };
}

export function makeReport(parts: CoordinatorParts) {
  const { runs, incidents, clock } = parts;
  const resolve = makeResolveIncident(parts);
  return async function report(incident: Incident): Promise<Pick<Incident, "outcome" | "report">> {
    const outcome = outcomeOf(incident);
    const text = reportOf(
      { ...incident, outcome },
      outcome === "deferred" ? deferralOf(incident) : undefined,
    );
    const closed = closingStatus(outcome);
    // What was healed here was its own trouble.
    if (incident.incidentId && outcome === "healed") {
      await incidents.blame(incident.incidentId, null, sinceOf(incident.findings));
    }
    if (incident.incidentId && closed === "RESOLVED") await resolve(incident.incidentId);
    else if (incident.incidentId && closed) await incidents.close(incident.incidentId, closed, clock.now());
    if (outcome === "healthy") await closeDeferred(incidents, incident.service, resolve);
    await runs.saveIncident(incident.runId, { ...incident, outcome, report: text });
    await runs.update(incident.runId, {
      status: "ended",
      outcome,
      scoreBp: incident.verdict?.scoreBp ?? null,
      report: text,
      endedAt: clock.now(),
    });
    return { outcome, report: text };
  };
}

/** What waited for another service, or for a better moment, is over when the service is seen well. */
async function closeDeferred(incidents: Incidents, service: string, resolve: ResolveIncident): Promise<void> {
  for (const { id } of await incidents.list({ status: "ACTIVE", service, limit: 100 })) await resolve(id);
}

/** How a run ended, from what it did. Pure. */
export function outcomeOf(incident: Incident): RunOutcome {
  const { findings, verdict, approval, validation, attempts, dryRun, rollback } = incident;
  if (validation?.outcome === "healed") return "healed";
  if (incident.failure) return rollback?.outcome === "undone" ? "rolled-back" : "failed";
  if (approval?.decision === "reject") return "rejected";
  if (attempts.length > 0) {
    if (attempts.some((one) => one.rollback?.outcome === "failed")) return "failed";
    return attempts.at(-1)?.rollback?.outcome === "undone" ? "rolled-back" : "escalated";
  }
  if (!findings.some(isSymptom)) return approval?.decision === "approve" ? "no-longer-needed" : "healthy";
  if (dryRun) return "dry-run";
  if (deferredTo(incident) || isPassing(incident) || isNotNow(verdict)) return "deferred";
  if (verdict?.reasons.some((one) => one.rule === "mode" && one.outcome === "deny")) return "observed";
  return "escalated";
}

/**
 * The dependency at fault, where the cause lies outside the run's own service: that one's run heals it. A guess is no reason
 * to leave a symptom to somebody else's run: a human hears of it.
 */
export function deferredTo({
  service,
  diagnosis,
}: Pick<Incident, "service" | "diagnosis">): string | undefined {
  const top = diagnosis?.hypotheses[0];
  if (!top || top.named || top.service === service) return undefined;
  return isGuess(top) ? undefined : top.service;
}

/** The service whose run is asked for instead; undefined where this one has a plan of its own. */
export function faultyOther(incident: Pick<Incident, "service" | "diagnosis" | "plan">): string | undefined {
  return incident.plan ? undefined : deferredTo(incident);
}

/** Only a dependency's trouble shows, and that is over when asked: the next look will tell, nobody is woken. */
export function isPassing({
  findings,
  plan,
  diagnosis,
}: Pick<Incident, "findings" | "plan" | "diagnosis">): boolean {
  const symptoms = findings.filter(isSymptom);
  const top = diagnosis?.hypotheses[0];
  const unexplained = !top || isGuess(top);
  return (
    plan === null &&
    unexplained &&
    symptoms.every((one) => one.kind === "dependency-down" && one.severity === "warning")
  );
}

/** What passes, in words. */
export function passedText(findings: readonly Finding[]): string {
  return `${complainedOf(findings.filter(isSymptom)) ?? "what it needs"}, of which it complained, was well when asked`;
}

/** Why nothing was done for now; what passes has no cause of its own that would be worth telling. */
function deferralOf(incident: Incident): Deferral {
  const faulty = faultyOther(incident);
  if (faulty !== undefined)
    return {
      why: `Not now: ${faulty} is at fault, and is healed first; the next look asks again.`,
      passed: false,
    };
  if (isPassing(incident))
    return {
      why: `Nothing was done: ${passedText(incident.findings)}; the next look asks again.`,
      passed: true,
    };
  return { why: "Not now: the moment is wrong; the next look asks again.", passed: false };
}

const NOT_NOW = ["active-runs", "cooldown", "paused", "maintenance", "back-off", "replica-turn"];

/** The gate's only objection is the moment: the next look asks again, and nobody needs to be woken. */
export function isNotNow(verdict: Incident["verdict"]): boolean {
  const against = verdict?.reasons.filter((one) => one.outcome === "deny") ?? [];
  return against.length > 0 && against.every((one) => NOT_NOW.includes(one.rule));
}

/** undefined: the incident stays open. */
function closingStatus(outcome: RunOutcome): "RESOLVED" | "ESCALATED" | undefined {
  if (outcome === "healed" || outcome === "healthy" || outcome === "no-longer-needed") return "RESOLVED";
  if (outcome === "dry-run" || outcome === "observed" || outcome === "deferred") return undefined;
  return "ESCALATED";
}
