// What the knowledge base is told of an attempt: by which lines the trouble shows, its cause, its fix, how it ended.
import type { Incident } from "../domain/incident.ts";
import type { Lived } from "../knowledge/entry-records.ts";
import type { CaseRecord } from "../knowledge/records.ts";
import { normalise } from "../signals/signature.ts";
import { type IncidentFile, lastState, topCause } from "./desk/incident-file.ts";
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

/** What a person did about an incident, in their words: found by the next one who meets its symptoms. */
export function resolvedByHand(
  file: Pick<IncidentFile, "incident" | "runs">,
  words: string,
  { targetKind, at }: { targetKind: string; at: number },
): Lived & { use: string } {
  const { incident } = file;
  const state = lastState(file);
  const top = topCause(file);
  const texts = symptomTexts(state?.findings ?? []);
  const symptoms = texts.length > 0 ? texts : [incident.title];
  return {
    use: `resolve_${incident.id}`,
    title: top?.title ?? incident.title,
    symptoms,
    sameAs: normalise((symptoms[0] ?? incident.title).replaceAll(incident.service, "<*>")),
    playbook: top?.playbook ?? "",
    cause: top?.cause ?? "",
    fix: `by hand: ${words}`,
    targetKind,
    service: incident.service,
    runId: state?.runId ?? "",
    incidentId: incident.id,
    outcome: "healed",
    scoreBp: top?.scoreBp ?? 0,
    errorsAfter: null,
    at,
  };
}
