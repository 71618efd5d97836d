// The incident as LangGraph carries it from node to node. Every field keeps its last value; a node returns the
// fields that it adds.
import { StateSchema } from "@langchain/langgraph";
import { confirmationSchema, incidentSchema } from "../domain/incident.ts";

const { shape } = incidentSchema;

export const IncidentState = new StateSchema({
  runId: shape.runId,
  service: shape.service,
  trigger: shape.trigger,
  dryRun: shape.dryRun,
  incidentId: shape.incidentId.default(null),
  signals: shape.signals.default(() => []),
  findings: shape.findings.default(() => []),
  strategy: shape.strategy.default(null),
  diagnosis: shape.diagnosis.default(null),
  plan: shape.plan.default(null),
  noPlan: shape.noPlan.default(null),
  verdict: shape.verdict.default(null),
  approval: shape.approval.default(null),
  confirmation: confirmationSchema.nullable().default(null),
  backupId: shape.backupId.default(null),
  application: shape.application.default(null),
  validation: shape.validation.default(null),
  rollback: shape.rollback.default(null),
  attempts: shape.attempts.default(() => []),
  learned: shape.learned.default(null),
  failure: shape.failure.default(null),
  outcome: shape.outcome.default(null),
  report: shape.report.default(null),
});
