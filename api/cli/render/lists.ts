// The lists of the command line, newest first, as tables.
import type { ApprovalRecord, AuditEntry, IncidentRecord, RunRecord } from "../../../knowledge/records.ts";
import type { BackupMeta } from "../../../tools/backup.ts";
import type { RunStory } from "../../operations.ts";
import { planLines } from "../run-story/gate.ts";
import { type Paint, plain } from "../terminal.ts";
import { runMark } from "./marks.ts";
import { columns, indent, table } from "./table.ts";
import { distance, facts, moment, partOfText, percentOfBp, short, span } from "./words.ts";

export function renderRuns(runs: readonly RunRecord[], now: number, paint: Paint = plain): string {
  const rows = runs.map((run) => [
    run.id,
    run.service,
    runMark(run, paint),
    run.scoreBp === null ? "–" : percentOfBp(run.scoreBp),
    run.trigger,
    distance(run.startedAt, now),
    run.endedAt === null ? "" : span(run.endedAt - run.startedAt),
  ]);
  return table(["run", "service", "outcome", "score", "by", "started", "took"], rows, {
    paint,
    align: ["left", "left", "left", "right"],
    empty: "No runs yet. opsmedic diagnose looks once; opsmedic serve keeps looking.",
  });
}

export function renderIncidents(
  incidents: readonly IncidentRecord[],
  now: number,
  paint: Paint = plain,
): string {
  const rows = incidents.map((one) => [
    one.id,
    one.status,
    one.severity,
    one.service,
    one.partOf === null ? short(one.title, 70) : short(`${partOfText(one.partOf)} (${one.title})`, 70),
    `${one.occurrences}×`,
    distance(one.lastSeenAt, now),
  ]);
  return table(["incident", "status", "severity", "service", "what", "seen", "last"], rows, {
    paint,
    empty: "No incidents.",
  });
}

export function renderIncident(
  one: IncidentRecord,
  parts: readonly IncidentRecord[],
  runs: readonly RunRecord[],
  now: number,
  paint: Paint = plain,
): string {
  const ending = one.status === "ESCALATED" ? "left to a person" : "closed";
  const closed =
    one.closedAt === null
      ? ""
      : `, ${ending} ${moment(one.closedAt)} after ${span(one.closedAt - one.openedAt)}`;
  return [
    `${paint("bold", `Incident ${one.id}`)} · ${one.service} · ${one.severity} · ${one.status}`,
    one.title,
    `opened ${moment(one.openedAt)}, last seen ${moment(one.lastSeenAt)}, ${one.occurrences}×${closed}`,
    ...(one.partOf === null ? [] : [partOfText(one.partOf)]),
    ...parts.map((part) => `with it ${part.id} · ${part.service} · ${part.status}: ${part.title}`),
    ...(one.strategy === null ? [] : [`strategy ${one.strategy}`]),
    `signatures ${one.signatures.join(", ")}`,
    "",
    renderRuns(runs, now, paint),
  ].join("\n");
}

export function renderApprovals(
  approvals: readonly ApprovalRecord[],
  now: number,
  paint: Paint = plain,
): string {
  const rows = approvals.map((one) => [
    one.id,
    one.status === "pending" ? paint("yellow", "‖ pending") : one.status,
    one.service,
    percentOfBp(one.scoreBp),
    one.risk,
    one.status === "pending" ? distance(one.expiresAt, now) : "–",
    short(one.summary, 70),
  ]);
  return table(["approval", "status", "service", "score", "risk", "expires", "what"], rows, {
    paint,
    align: ["left", "left", "left", "right"],
    empty: "Nothing waits for approval.",
  });
}

export function renderApproval(
  one: ApprovalRecord,
  story: RunStory | null,
  now: number,
  paint: Paint = plain,
): string {
  const plan = story?.incident?.plan;
  const decided =
    one.decidedBy === null ? "" : ` by ${one.decidedBy}${one.reason === null ? "" : `: ${one.reason}`}`;
  return [
    `${paint("bold", `Approval ${one.id}`)} · ${one.service} · run ${one.runId} · ${one.status}${decided}`,
    one.summary,
    `score ${percentOfBp(one.scoreBp)}, risk ${one.risk}, asked ${distance(one.requestedAt, now)}, expires ${distance(one.expiresAt, now)}`,
    ...needed(one),
    ...(one.link === "" ? [] : [one.link]),
    ...(plan ? ["", paint("bold", plan.title), ...indent(planLines(plan))] : [`plan hash ${one.planHash}`]),
    ...(one.diff === "" ? [] : ["", paint("bold", "What would change"), ...indent(one.diff.split("\n"))]),
    ...(one.status === "pending" ? ["", `opsmedic approvals approve ${one.id} --reason "…"`] : []),
  ].join("\n");
}

function needed({ needs, endorsed }: ApprovalRecord): string[] {
  if (needs < 2) return [];
  const first = endorsed === null ? "nobody yet" : `${endorsed.by}: ${endorsed.reason}`;
  return [`two people must approve; the first: ${first}`];
}

export function renderBackups(backups: readonly BackupMeta[], paint: Paint = plain): string {
  const rows = backups.map((one) => [
    one.id,
    moment(one.at),
    one.service,
    percentOfBp(one.confidenceBp),
    one.runId,
    String(one.files.length),
    short(one.reason, 60),
  ]);
  return table(["backup", "taken", "service", "score", "run", "files", "why"], rows, {
    paint,
    align: ["left", "left", "left", "right", "left", "right"],
    empty: "No backups yet: one is taken before each fix.",
  });
}

export function renderAudit(entries: readonly AuditEntry[], paint: Paint = plain): string {
  const rows = entries.map((one) => [
    String(one.seq),
    moment(one.at),
    `${one.actor} (${one.door})`,
    one.action,
    one.target,
    short(facts(one.detail), 80),
  ]);
  return table(["no", "when", "who", "did", "to", "detail"], rows, {
    paint,
    align: ["right"],
    empty: "The audit log is empty.",
  });
}

export function renderSteps(
  steps: readonly { step: number; action: string; ok: boolean; text: string }[],
): string {
  return columns(steps.map((one) => [one.ok ? "✓" : "✕", `${one.step}.`, one.action, one.text])).join("\n");
}
