// Every kind of record in words, complete in its numbers and names. Whatever it quotes is data.
import type { Hypothesis } from "../../domain/diagnosis.ts";
import type { Incident } from "../../domain/incident.ts";
import type { KeptLogLine, LogPatternRecord, MetricSeries } from "../../knowledge/observations.ts";
import type {
  ApprovalRecord,
  AuditEntry,
  CaseRecord,
  IncidentRecord,
  RunRecord,
  StepRecord,
  WatchRecord,
} from "../../knowledge/records.ts";
import type { BackupMeta } from "../../tools/backup.ts";
import { type ServiceNow, stateOf } from "./sources.ts";
import { percentOf, pointsOf, quoted, spanText } from "./words.ts";

export type Moment = (at: number) => string;

export function incidentText(one: IncidentRecord, moment: Moment): string {
  const closed =
    one.closedAt === null
      ? "not closed"
      : `closed ${moment(one.closedAt)} after ${spanText(one.closedAt - one.openedAt)}`;
  const part = one.partOf ? `part of ${one.partOf.id} (${one.partOf.service})` : "";
  const status = {
    ACTIVE: "active, open",
    RESOLVED: "resolved",
    ESCALATED: "escalated, not repaired, a human is needed",
  }[one.status];
  return `${one.id} ${one.service} ${one.severity} ${status}: ${one.title} opened ${moment(one.openedAt)}, ${closed}, seen ${one.occurrences} times. ${part}`;
}

export function runText(one: RunRecord, moment: Moment): string {
  const score = one.scoreBp === null ? "" : `${percentOf(one.scoreBp)} sure`;
  const outcome = one.outcome ?? one.status;
  return `${one.id} of ${one.service}, incident ${one.incidentId ?? "none"}, ${outcome}, ${score}, started ${moment(one.startedAt)} ${one.endedAt === null ? "" : `ended ${moment(one.endedAt)}`} ${one.report ?? ""}`;
}

/** What a step of the trace decided: the parts of the incident that its node adds. */
export function stepText({ node, data }: StepRecord, incident: Incident | undefined, moment: Moment): string {
  switch (node) {
    case "detect":
      return (incident?.findings ?? [])
        .map((one) => `${one.kind}: ${one.summary} since ${moment(one.since)}`)
        .join("\n");
    case "diagnose":
      return (incident?.diagnosis?.hypotheses ?? []).map(hypothesisText).join("\n");
    case "decide":
      return incident?.plan
        ? `Plan ${incident.plan.fix}: ${incident.plan.title}, risk ${incident.plan.risk}, ${incident.plan.actions.map((one) => `${one.action} ${one.service} ${JSON.stringify(one.params)}`).join("; ")}`
        : (incident?.noPlan ?? "no plan");
    case "gate":
      return incident?.verdict
        ? `${incident.verdict.decision} at ${percentOf(incident.verdict.scoreBp)}, ${percentOf(incident.verdict.allowBp)} needed: ${incident.verdict.reasons.map((one) => `${one.rule} ${one.outcome}: ${one.text}`).join("; ")}`
        : quoted(JSON.stringify(data));
    case "validate":
      return incident?.validation
        ? `${incident.validation.outcome}: ${incident.validation.summary} watched ${spanText(incident.validation.watchedMs)}`
        : "";
    case "rollBack":
      return incident?.rollback
        ? `taken back, rolled back: ${incident.rollback.outcome} ${incident.rollback.steps.map((one) => one.text).join("; ")}`
        : "";
    case "apply":
      return incident?.application
        ? `${incident.application.outcome}: ${incident.application.steps.map((one) => `${one.action} ${one.text}`).join("; ")}`
        : "";
    default:
      return quoted(JSON.stringify(data));
  }
}

export function hypothesisText(one: Hypothesis): string {
  const checks = one.checks.map(({ question, verdict, points, observation }) => {
    const seen = observation.status === "known" ? observation.text : observation.reason;
    return `${question} ${verdict} (${pointsOf(points)}): ${seen}`;
  });
  const sum = one.addends.map(({ label, points }) => `${label} ${pointsOf(points)}`).join(" + ");
  return `${one.playbook} (${one.title}) at ${one.service}, ${percentOf(one.scoreBp)}: ${one.cause} ${checks.join("; ")}. Sum: ${sum}`;
}

export function caseText(one: CaseRecord, moment: Moment): string {
  const took = one.healMs === null ? "" : `healed in ${spanText(one.healMs)}`;
  return `${one.id} ${one.service} ${moment(one.at)}: ${one.symptom} cause ${one.playbook}, fix ${one.fix} (${one.fixClass}), ${one.outcome}${one.undone ? ", undone, taken back" : ""}, ${percentOf(one.scoreBp)} ${took}, run ${one.runId}`;
}

export function approvalText(one: ApprovalRecord, moment: Moment): string {
  const decided =
    one.decidedBy === null ? "" : `by ${one.decidedBy} at ${moment(one.decidedAt ?? one.requestedAt)}`;
  return `${one.id} for ${one.service} (run ${one.runId}): ${one.summary}, ${one.status} ${decided} ${one.reason ?? ""}, ${percentOf(one.scoreBp)} sure, risk ${one.risk}, asked ${moment(one.requestedAt)}, expires ${moment(one.expiresAt)}`;
}

export function auditText(one: AuditEntry, moment: Moment): string {
  return `${one.actor} ${one.action} ${one.target} at ${moment(one.at)} ${JSON.stringify(one.detail)}`;
}

export function watchText(one: WatchRecord, moment: Moment): string {
  return `${one.id}: standing watch on ${one.kind} of ${one.service} since ${moment(one.createdAt)}, from ${one.fromIncident}`;
}

export function backupText(one: BackupMeta, moment: Moment): string {
  return `${one.id} of ${one.service}, taken ${moment(one.at)} for ${one.runId}: ${one.reason}; files ${one.files.join(", ")}`;
}

export function lineText(one: KeptLogLine, moment: Moment): string {
  return `${moment(one.at)} ${one.service} ${one.level}: ${quoted(one.text, 500)}`;
}

export function patternText(one: LogPatternRecord, moment: Moment): string {
  return `${one.service} ${one.level}: ${quoted(one.template, 500)}; ${one.lines} lines from ${moment(one.firstSeen)} to ${moment(one.lastSeen)}`;
}

export function serviceText(one: ServiceNow, moment: Moment): string {
  const latency = one.latencyMs === null ? "" : `answers in ${one.latencyMs} ms`;
  const looked = one.checkedAt === null ? "not looked at yet" : `looked at ${moment(one.checkedAt)}`;
  return `${one.service} is ${stateOf(one)}, ${latency} ${looked} ${one.blind ?? ""} ${one.findings.map((each) => each.summary).join(" ")}`;
}

/** Shares as per cent, everything else as it is. */
export function valueText(name: string, value: number): string {
  if (["cpu", "memory", "disk", "error-rate", "connections"].includes(name))
    return `${(value * 100).toFixed(1)} %`;
  if (name === "latency") return `${Math.round(value)} ms`;
  return String(Math.round(value * 100) / 100);
}

export function seriesText({ service, name, measuredOn, points }: MetricSeries, moment: Moment): string {
  const last = points.at(-1);
  const highest = Math.max(...points.map((one) => one.highest));
  const lowest = Math.min(...points.map((one) => one.lowest));
  const mean = points.reduce((sum, one) => sum + one.mean, 0) / Math.max(1, points.length);
  const words = (value: number): string => valueText(name, value);
  return last === undefined
    ? `${name} of ${service} (${measuredOn}): no values`
    : `${name} of ${service} (${measuredOn}): ${words(last.mean)} at ${moment(last.at)}, on average ${words(mean)}, between ${words(lowest)} and ${words(highest)}`;
}
