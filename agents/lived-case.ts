// What the knowledge base is told of an attempt: by which lines the trouble shows, its cause, its fix, how it ended.
import type { Incident } from "../domain/incident.ts";
import type { Lived } from "../knowledge/entry-records.ts";
import type { CaseRecord } from "../knowledge/records.ts";
import { normalise } from "../signals/signature.ts";
import { symptomTexts } from "./symptom-texts.ts";

type Told = Pick<Incident, "findings" | "diagnosis" | "validation">;

export function livedCase(
  { findings, diagnosis, validation }: Told,
  plan: NonNullable<Incident["plan"]>,
  one: CaseRecord,
): Lived & { use: string } {
  const hypothesis =
    diagnosis?.hypotheses.find(({ playbook }) => playbook === plan.playbook) ?? diagnosis?.hypotheses[0];
  const symptoms = symptomTexts(findings);
  return {
    use: one.id,
    title: hypothesis?.title ?? plan.title,
    symptoms,
    // The same trouble of another service is the same case.
    sameAs: normalise((symptoms[0] ?? one.symptom).replaceAll(one.service, "<*>")),
    playbook: one.playbook,
    cause: hypothesis?.cause ?? "",
    fix: one.fix,
    targetKind: one.targetKind,
    service: one.service,
    runId: one.runId,
    incidentId: one.incidentId,
    outcome: one.outcome,
    scoreBp: one.scoreBp,
    errorsAfter: validation?.checks.filter(({ ok }) => !ok).length ?? null,
    at: one.at,
  };
}
