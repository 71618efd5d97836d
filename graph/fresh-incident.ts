// The fields of a run before its first node.
import type { Incident } from "../domain/incident.ts";

export function freshIncident(start: Pick<Incident, "runId" | "service" | "trigger" | "dryRun">): Incident {
  return {
    ...start,
    incidentId: null,
    signals: [],
    findings: [],
    strategy: null,
    diagnosis: null,
    plan: null,
    noPlan: null,
    verdict: null,
    approval: null,
    backupId: null,
    application: null,
    validation: null,
    rollback: null,
    attempts: [],
    learned: null,
    failure: null,
    outcome: null,
    report: null,
  };
}
