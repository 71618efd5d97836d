// The file of one incident: every record that belongs to it, as they were stored. What is told of an incident
// (timeline, evidence, postmortem, recommendations) is made from this alone, so that each word can be traced to a record.
import type { Hypothesis } from "../../domain/diagnosis.ts";
import type { Incident } from "../../domain/incident.ts";
import type {
  ApprovalRecord,
  AuditEntry,
  CaseRecord,
  IncidentNote,
  IncidentRecord,
  JournalEntry,
  RunRecord,
  StepRecord,
  Store,
} from "../../knowledge/records.ts";

export interface IncidentFile {
  incident: IncidentRecord;
  /** Incidents of dependants that are part of this one. */
  parts: IncidentRecord[];
  /** Oldest first; of many the first and the latest ones. */
  runs: { run: RunRecord; steps: StepRecord[]; state: Incident | undefined }[];
  journal: JournalEntry[];
  approvals: ApprovalRecord[];
  notes: IncidentNote[];
  audit: AuditEntry[];
  cases: CaseRecord[];
}

type Parts = Pick<Store, "incidents" | "runs" | "journal" | "approvals" | "notes" | "audit" | "cases">;

const MOST_PARTS = 50;
const MOST_AUDIT = 500;

/** undefined: there is no such incident. */
export async function readIncidentFile(store: Parts, id: string): Promise<IncidentFile | undefined> {
  const incident = await store.incidents.get(id);
  if (incident === undefined) return undefined;
  const runs = await store.runs.ofIncident(id);
  const ids = runs.map((one) => one.id);
  const [parts, told, journal, approvals, notes, cases] = await Promise.all([
    store.incidents.list({ partOf: id, limit: MOST_PARTS }),
    Promise.all(runs.map((run) => readRun(store, run))),
    Promise.all(ids.map((run) => store.journal.ofRun(run))),
    store.approvals.ofRuns(ids),
    store.notes.of([id]),
    store.cases.ofIncident(id),
  ]);
  const audit = await store.audit.about([id, ...ids, ...approvals.map((one) => one.id)], MOST_AUDIT);
  return { incident, parts, runs: told, journal: journal.flat(), approvals, notes, audit, cases };
}

async function readRun({ runs }: Pick<Store, "runs">, run: RunRecord) {
  const [steps, state] = await Promise.all([runs.steps(run.id), runs.incident(run.id)]);
  return { run, steps, state };
}

/** How the last run that got so far saw it. */
export function lastState({ runs }: Pick<IncidentFile, "runs">): Incident | undefined {
  const states = runs.flatMap(({ state }) => state ?? []);
  return states.findLast((one) => (one.diagnosis?.hypotheses.length ?? 0) > 0) ?? states.at(-1);
}

/** The likeliest cause by the last diagnosis; undefined where none fits. */
export function topCause(file: Pick<IncidentFile, "runs">): Hypothesis | undefined {
  const top = lastState(file)?.diagnosis?.hypotheses[0];
  return top && top.scoreBp > 0 ? top : undefined;
}

/** Ids of all records in it: what a claim may cite. */
export function recordIds(file: IncidentFile): Set<string> {
  return new Set([
    file.incident.id,
    ...file.parts.map((one) => one.id),
    ...file.runs.map(({ run }) => run.id),
    ...file.runs.flatMap(({ run, steps }) => steps.map((one) => stepId(run.id, one.seq))),
    ...file.journal.map(actionId),
    ...file.approvals.map((one) => one.id),
    ...file.notes.map((one) => one.id),
    ...file.audit.map((one) => auditId(one.seq)),
    ...file.cases.map((one) => one.id),
  ]);
}

export const stepId = (runId: string, seq: number): string => `${runId}/${seq}`;
export const auditId = (seq: number): string => `audit:${seq}`;
export const actionId = ({ runId, planId, step }: Pick<JournalEntry, "runId" | "planId" | "step">): string =>
  `${runId}:${planId}:${step}`;
