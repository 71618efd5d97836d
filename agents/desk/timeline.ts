// The timeline of an incident: what happened when, from run steps, journal, approvals, notes and audit log. Each entry
// names the record that it was read from.
import { z } from "zod";
import { causeIn, diagnosisSchema } from "../../domain/diagnosis.ts";
import { rollbackSchema, validationSchema } from "../../domain/incident.ts";
import { verdictSchema } from "../../domain/plan.ts";
import type { RunRecord, StepRecord } from "../../knowledge/records.ts";
import { causeLine, percent } from "../report.ts";
import { actionId, auditId, type IncidentFile, stepId } from "./incident-file.ts";

export const timelineKinds = [
  "began",
  "detected",
  "diagnosed",
  "gate",
  "approval",
  "backup",
  "action",
  "validation",
  "undo",
  "learned",
  "escalated",
  "failure",
  "note",
  "acknowledged",
  "closed",
  "audit",
] as const;

export const timelineEntrySchema = z.object({
  at: z.number(),
  kind: z.enum(timelineKinds),
  /** One sentence. */
  text: z.string(),
  /** A person, or the agent that did it. */
  by: z.string().nullable(),
  /** The record that says so. */
  ref: z.string(),
  runId: z.string().nullable(),
});
export type TimelineEntry = z.infer<typeof timelineEntrySchema>;

/** Oldest first. */
export function timelineOf(file: IncidentFile): TimelineEntry[] {
  const entries = [
    ...opening(file),
    ...file.runs.flatMap(({ run, steps }) => steps.flatMap((step) => stepEntry(run, step))),
    ...actions(file),
    ...approvals(file),
    ...notes(file),
    ...audit(file),
  ];
  return entries.toSorted((a, b) => a.at - b.at || rank(a) - rank(b));
}

const rank = ({ kind }: TimelineEntry): number => timelineKinds.indexOf(kind);

function opening({ incident, parts }: IncidentFile): TimelineEntry[] {
  const about = { by: null, ref: incident.id, runId: null };
  const began = incident.beganAt ?? null;
  return [
    ...(began !== null && began <= incident.openedAt
      ? [{ at: began, kind: "began" as const, text: "The first symptom began.", ...about }]
      : []),
    { at: incident.openedAt, kind: "detected", text: `Detected: ${incident.title}`, ...about },
    ...parts.map((one) => ({
      at: one.openedAt,
      kind: "detected" as const,
      text: `With it ${one.service}: ${one.title}`,
      by: null,
      ref: one.id,
      runId: null,
    })),
    ...(incident.closedAt === null
      ? []
      : [{ at: incident.closedAt, kind: "closed" as const, text: `${incident.status}.`, ...about }]),
  ];
}

type Told = readonly [kind: TimelineEntry["kind"], text: string];

/** What a node's update says; a step that adds nothing to the story gives no entry. */
function stepEntry(run: RunRecord, step: StepRecord): TimelineEntry[] {
  const told = step.phase === "error" ? failed(step) : step.phase === "end" ? ended(step) : undefined;
  if (told === undefined) return [];
  const [kind, text] = told;
  return [{ at: step.at, kind, text, by: step.agent, ref: stepId(run.id, step.seq), runId: run.id }];
}

function failed({ node, data }: StepRecord): Told {
  const message = z.object({ message: z.string() }).safeParse(data).data?.message ?? "no reason was recorded";
  return ["failure", `${node} broke: ${message}`];
}

const readers: Record<string, (data: unknown) => Told | undefined> = {
  diagnose(data) {
    const diagnosis = z.object({ diagnosis: diagnosisSchema }).safeParse(data).data?.diagnosis;
    const top = causeIn(diagnosis);
    if (diagnosis === undefined) return undefined;
    if (!top) return ["diagnosed", diagnosis.explanation];
    return ["diagnosed", causeLine(top, diagnosis.service)];
  },
  gate(data) {
    const verdict = z.object({ verdict: verdictSchema }).safeParse(data).data?.verdict;
    if (verdict === undefined) return undefined;
    const against = verdict.reasons.filter((one) => one.outcome !== "pass").map((one) => one.text);
    const why = against.length > 0 ? `, because ${against.join("; ")}` : "";
    return ["gate", `The gate says ${verdict.decision} at ${percent(verdict.scoreBp)}${why}.`];
  },
  backUp(data) {
    const id = z.object({ backupId: z.string() }).safeParse(data).data?.backupId;
    return id === undefined ? undefined : ["backup", `Backed up as ${id}.`];
  },
  validate(data) {
    const found = z.object({ validation: validationSchema }).safeParse(data).data?.validation;
    return found && ["validation", `${found.outcome}: ${found.summary}`];
  },
  rollBack(data) {
    const found = z.object({ rollback: rollbackSchema }).safeParse(data).data?.rollback;
    return found && ["undo", `Taken back: ${found.outcome}.`];
  },
  learn(data) {
    const learned = z.object({ learned: z.string() }).safeParse(data).data?.learned;
    return learned === undefined ? undefined : ["learned", learned];
  },
  escalate: () => ["escalated", "Handed to a human."],
};

function ended({ node, data }: StepRecord): Told | undefined {
  return readers[node]?.(data);
}

function actions({ journal }: IncidentFile): TimelineEntry[] {
  return journal.map((one) => ({
    // When it came to the state that is told: its intent is older than the backup that it waited for.
    at: one.updatedAt,
    kind: "action",
    text: `${one.action} on ${one.service}: ${one.state}${one.detail === "" ? "" : ` (${one.detail})`}.`,
    by: "fix-engineer",
    ref: actionId(one),
    runId: one.runId,
  }));
}

function approvals({ approvals: all }: IncidentFile): TimelineEntry[] {
  return all.flatMap((one) => {
    const about = { kind: "approval" as const, ref: one.id, runId: one.runId };
    const asked = {
      ...about,
      at: one.requestedAt,
      text: `Asked for approval: ${one.summary}`,
      by: "coordinator",
    };
    if (one.status === "pending") return [asked];
    const why = one.reason ? `: ${one.reason}` : "";
    const text = `${one.status.charAt(0).toUpperCase()}${one.status.slice(1)}${why}.`;
    return [asked, { ...about, at: one.decidedAt ?? one.expiresAt, text, by: one.decidedBy }];
  });
}

function notes({ notes: all }: IncidentFile): TimelineEntry[] {
  const words = { acknowledge: "Acknowledged", resolve: "Resolved by hand", note: "Note" };
  return all.map(({ id, kind, author, text, at }) => ({
    at,
    kind: kind === "acknowledge" ? "acknowledged" : "note",
    text: text === "" ? `${words[kind]}.` : `${words[kind]}: ${text}`,
    by: author,
    ref: id,
    runId: null,
  }));
}

/** What other records do not say already. */
function audit({ audit: all }: IncidentFile): TimelineEntry[] {
  return all
    .filter((one) => !/^(incident|approval)\./.test(one.action))
    .map((one) => ({
      at: one.at,
      kind: "audit",
      text: `${one.action} of ${one.target}.`,
      by: one.actor,
      ref: auditId(one.seq),
      runId: null,
    }));
}
