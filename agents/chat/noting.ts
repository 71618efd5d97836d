// How each kind of record is noted when it is read: under its id, with everything that it says.
import type { KeptLogLine, LogPatternRecord, MetricSeries } from "../../knowledge/observations.ts";
import type {
  ApprovalRecord,
  AuditEntry,
  CaseRecord,
  IncidentRecord,
  RunRecord,
  WatchRecord,
} from "../../knowledge/records.ts";
import type { BackupMeta } from "../../tools/backup.ts";
import type { Notebook } from "./notebook.ts";
import * as texts from "./record-texts.ts";
import { cite, type Citation } from "./reply.ts";
import type { ServiceNow } from "./sources.ts";

export const metricId = ({ service, name, measuredOn }: Omit<MetricSeries, "points">): string =>
  `metric:${service}/${name}/${measuredOn}`;

/** Each notes a record and gives it back. */
export function makeNoting(notebook: Notebook, moment: texts.Moment) {
  function noted<T>(
    kind: Citation["kind"],
    id: (one: T) => string,
    text: (one: T) => string,
    place: (one: T) => { service: string | null; at: number },
  ) {
    return (one: T): T => {
      notebook.note({ ...cite(kind, id(one)), text: text(one), ...place(one) });
      return one;
    };
  }
  return {
    incident: noted<IncidentRecord>(
      "incident",
      (one) => one.id,
      (one) => texts.incidentText(one, moment),
      (one) => ({ service: one.service, at: one.openedAt }),
    ),
    run: noted<RunRecord>(
      "run",
      (one) => one.id,
      (one) => texts.runText(one, moment),
      (one) => ({ service: one.service, at: one.startedAt }),
    ),
    case: noted<CaseRecord>(
      "case",
      (one) => one.id,
      (one) => texts.caseText(one, moment),
      (one) => ({ service: one.service, at: one.at }),
    ),
    approval: noted<ApprovalRecord>(
      "approval",
      (one) => one.id,
      (one) => texts.approvalText(one, moment),
      (one) => ({ service: one.service, at: one.requestedAt }),
    ),
    audit: noted<AuditEntry>(
      "audit",
      (one) => `audit_${one.seq}`,
      (one) => texts.auditText(one, moment),
      (one) => ({ service: null, at: one.at }),
    ),
    watch: noted<WatchRecord>(
      "watch",
      (one) => one.id,
      (one) => texts.watchText(one, moment),
      (one) => ({ service: one.service, at: one.createdAt }),
    ),
    backup: noted<BackupMeta>(
      "backup",
      (one) => one.id,
      (one) => texts.backupText(one, moment),
      (one) => ({ service: one.service, at: one.at }),
    ),
    service: noted<ServiceNow>(
      "service",
      (one) => `service:${one.service}`,
      (one) => texts.serviceText(one, moment),
      (one) => ({ service: one.service, at: one.checkedAt ?? 0 }),
    ),
    line: noted<KeptLogLine & { id: number }>(
      "log",
      (one) => `log_${one.id}`,
      (one) => texts.lineText(one, moment),
      (one) => ({ service: one.service, at: one.at }),
    ),
    pattern: noted<LogPatternRecord>(
      "pattern",
      (one) => `${one.service}:${one.id}`,
      (one) => texts.patternText(one, moment),
      (one) => ({ service: one.service, at: one.lastSeen }),
    ),
    series: noted<MetricSeries>(
      "metric",
      metricId,
      (one) => texts.seriesText(one, moment),
      (one) => ({ service: one.service, at: one.points.at(-1)?.at ?? 0 }),
    ),
  };
}
