// The chat's hands: typed, read-only, each noting what it read. Lists are bounded, newest first.
import type { Incident } from "../../domain/incident.ts";
import type { Playbook } from "../../domain/playbook.ts";
import type { LogLevel } from "../../domain/log-level.ts";
import type {
  ApprovalRecord,
  AuditEntry,
  CaseRecord,
  IncidentRecord,
  RunRecord,
  StepRecord,
  WatchRecord,
} from "../../knowledge/records.ts";
import type { RecalledCase } from "../../knowledge/recall.ts";
import type { BackupMeta } from "../../tools/backup.ts";
import type { Notebook } from "./notebook.ts";
import { makeNoting } from "./noting.ts";
import * as texts from "./record-texts.ts";
import { cite, type Citation } from "./reply.ts";
import type { ChatSources, ServiceNow } from "./sources.ts";

export interface Within {
  service?: string | undefined;
  from?: number | undefined;
  to?: number | undefined;
}

/** A run with its whole incident, and where in its trace each part stands. */
export interface ReadRun {
  run: RunRecord;
  incident: Incident | undefined;
  /** The step in which this node ended, else the run. */
  at(node: string): Citation;
}

export type Reading = ReturnType<typeof makeReading>;

const MOST = 200;
const LATEST = 500;

const inSpan = (at: number, { from = -Infinity, to = Infinity }: Within): boolean => at >= from && at <= to;

export function makeReading(sources: ChatSources, notebook: Notebook, moment: texts.Moment) {
  const noting = makeNoting(notebook, moment);

  async function readRun(run: RunRecord): Promise<ReadRun> {
    const [incident, steps] = await Promise.all([sources.runs.incident(run.id), sources.runs.steps(run.id)]);
    noting.run(run);
    const ended = new Map<string, StepRecord>();
    for (const one of steps) if (one.phase === "end") ended.set(one.node, one);
    return {
      run,
      incident,
      at(node) {
        const step = ended.get(node);
        if (step === undefined) return cite("run", run.id);
        const id = `${run.id}#${step.seq}`;
        const text = `${node} of ${run.id} (${run.service}): ${texts.stepText(step, incident, moment)}`;
        notebook.note({ ...cite("step", id), text, service: run.service, at: step.at });
        return cite("step", id);
      },
    };
  }

  return {
    async services(): Promise<ServiceNow[]> {
      return (await sources.services()).map(noting.service);
    },
    async incidents({
      status,
      open,
      ...within
    }: Within & { status?: IncidentRecord["status"] | undefined; open?: boolean }): Promise<
      IncidentRecord[]
    > {
      const { service } = within;
      const all = await sources.incidents.list({
        limit: LATEST,
        ...(status && { status }),
        ...(open && { open }),
        ...(service !== undefined && { service }),
      });
      // What began before the span and was open in it belongs to it only where it still is open.
      return all
        .filter((one) => inSpan(one.openedAt, within))
        .slice(0, MOST)
        .map(noting.incident);
    },
    async incident(id: string): Promise<IncidentRecord | undefined> {
      const found = await sources.incidents.get(id);
      return found && noting.incident(found);
    },
    async parts(id: string): Promise<IncidentRecord[]> {
      return (await sources.incidents.list({ partOf: id, limit: MOST })).map(noting.incident);
    },
    async runs({ outcome, ...within }: Within & { outcome?: string | undefined }): Promise<RunRecord[]> {
      const { service } = within;
      const { runs } = await sources.runs.list({
        limit: LATEST,
        ...(service !== undefined && { service }),
        ...(outcome !== undefined && { outcome }),
      });
      return runs
        .filter((one) => inSpan(one.startedAt, within) && one.outcome !== "healthy")
        .slice(0, MOST)
        .map(noting.run);
    },
    async run(id: string): Promise<ReadRun | undefined> {
      const found = await sources.runs.get(id);
      return found && readRun(found);
    },
    /** The latest first; what the run did is read with it. */
    async runsOf(incident: Pick<IncidentRecord, "id" | "service">, most = 3): Promise<ReadRun[]> {
      const { runs } = await sources.runs.list({ limit: LATEST, service: incident.service });
      return Promise.all(
        runs
          .filter((one) => one.incidentId === incident.id)
          .slice(0, most)
          .map(readRun),
      );
    },
    async approvals({
      status,
      ...within
    }: Within & { status?: ApprovalRecord["status"] | undefined }): Promise<ApprovalRecord[]> {
      const all = await sources.approvals.list({ limit: LATEST, ...(status && { status }) });
      return all
        .filter(
          (one) =>
            (within.service === undefined || one.service === within.service) &&
            inSpan(one.requestedAt, within),
        )
        .map(noting.approval);
    },
    async approvalOf(runId: string): Promise<ApprovalRecord | undefined> {
      const found = (await sources.approvals.list({ limit: LATEST })).find((one) => one.runId === runId);
      return found && noting.approval(found);
    },
    async cases({ service, from = 0, to = Infinity }: Within): Promise<CaseRecord[]> {
      const all = await sources.cases.recent({
        since: from,
        limit: LATEST,
        ...(service !== undefined && { service }),
      });
      return all.filter((one) => one.at <= to).map(noting.case);
    },
    async watches(service?: string): Promise<WatchRecord[]> {
      return (await sources.watches.list(service)).map(noting.watch);
    },
    async audit(within: Within & { actor?: string | undefined }): Promise<AuditEntry[]> {
      const all = await sources.audit.list({ limit: LATEST });
      return all
        .filter((one) => inSpan(one.at, within) && (within.actor === undefined || one.actor === within.actor))
        .map(noting.audit);
    },
    async backups(within: Within): Promise<BackupMeta[]> {
      const all = (await sources.backups.list()).sort((a, b) => b.at - a.at);
      return all
        .filter(
          (one) => (within.service === undefined || one.service === within.service) && inSpan(one.at, within),
        )
        .slice(0, MOST)
        .map(noting.backup);
    },
    /** undefined where it cannot be read any more. */
    async diff(backupId: string) {
      return sources.backupDiff(backupId).catch(() => undefined);
    },
    async lines(
      query: Within & { levels?: readonly LogLevel[] | undefined; text?: string | undefined; limit: number },
    ) {
      return (await sources.lines.list(query)).map(noting.line);
    },
    async patterns(query: { service?: string | undefined; text?: string | undefined; limit: number }) {
      return (await sources.patterns.list(query)).map(noting.pattern);
    },
    async metrics({
      from,
      to,
      stepMs,
      service,
      names,
    }: {
      from: number;
      to: number;
      stepMs: number;
      service?: string | undefined;
      names?: readonly string[] | undefined;
    }) {
      return (await sources.metrics.read({ from, to, stepMs, service, names })).map(noting.series);
    },
    predictions: (service?: string) => sources.predictions(service),
    anomalies: () => sources.anomalies(),
    recall: sources.recall,
    journal: (runId: string) => sources.journal.ofRun(runId),
    playbooks: sources.playbooks,
    noteKnown(one: RecalledCase): void {
      const text = `${one.id}: ${one.title}. ${one.symptoms.join(" ")} cause ${one.cause}, fix ${one.fix}, ${one.outcome}`;
      notebook.note({ ...cite("knowledge", one.id), text, service: one.service, at: one.at });
    },
    notePlaybook(one: Playbook): void {
      const text = `${one.id}: ${one.title}. ${one.vocabulary.join(", ")}`;
      notebook.note({ ...cite("playbook", `playbook:${one.id}`), text, service: null, at: 0 });
    },
  };
}
