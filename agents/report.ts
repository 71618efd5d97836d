// The report of a run, in plain words: what was seen, why, what was done, and how it ended.
import { causeIn, type Hypothesis, isGuess } from "../domain/diagnosis.ts";
import { isSymptom } from "../domain/finding.ts";
import type { Confirmation, Incident, RunOutcome } from "../domain/incident.ts";
import type { Outage } from "../domain/outage.ts";

const endings: Record<RunOutcome, string> = {
  healthy: "Nothing is wrong.",
  healed: "Healed.",
  "rolled-back": "The fix did not help and was taken back; a human is needed.",
  escalated: "Not repaired; a human is needed.",
  rejected: "The proposed fix was rejected by a human.",
  "no-longer-needed": "The symptom went away while the approval was pending; nothing was done.",
  deferred: "Not now: another service is healed first, or the moment is wrong; the next look asks again.",
  "dry-run": "Dry run: nothing was changed.",
  observed: "Observe mode: nothing was changed.",
  cancelled: "The run was cancelled.",
  failed: "The repair could not be completed; a human is needed.",
};

/** 8512 → "85.12 %", truncated so that 84.999 never reads 85. */
export function percent(basisPoints: number): string {
  return `${Math.trunc(basisPoints / 100)}.${String(Math.abs(basisPoints % 100)).padStart(2, "0")} %`;
}

/** Why a run left it to a later one; `passed`: it was over when it was looked into. */
export interface Deferral {
  why: string;
  passed: boolean;
}

/** A guess is told as one, and where it lies with another service than `of`, that one is named. */
export function causeLine(top: Pick<Hypothesis, "service" | "cause" | "scoreBp">, of: string): string {
  const where = top.service === of ? "" : ` at ${top.service}`;
  return `${isGuess(top) ? "Perhaps" : "Cause"}${where}: ${top.cause} (${percent(top.scoreBp)})`;
}

export function reportOf(incident: Incident, deferral?: Deferral): string {
  const { findings, diagnosis, plan, noPlan, verdict, confirmation, validation } = incident;
  const { rollback, failure, outcome, learned } = incident;
  const top = deferral?.passed ? undefined : causeIn(diagnosis);
  const lines = [
    ...findings.filter(isSymptom).map((one) => `Seen: ${one.summary}`),
    ...findings.filter((one) => one.kind === "source-down").map((one) => `Not seen: ${one.summary}`),
    top && causeLine(top, incident.service),
    plan && `Plan: ${plan.title}`,
    diagnosis?.outage && nextHits(diagnosis.outage),
    ...incident.attempts.flatMap(({ plan: tried, notDone }) =>
      notDone === undefined ? [] : [`Not carried out: ${tried.title}: ${notDone}`],
    ),
    noPlan && !deferral && `No fix: ${noPlan}`,
    verdict && `Gate: ${verdict.decision}${whyNot(verdict.reasons)}`,
    confirmation?.outcome === "refuted" && refutedText(confirmation),
    validation && `Validation: ${validation.summary}`,
    rollback && `Taken back: ${rollback.outcome}`,
    failure && `Broke in ${failure.node}: ${failure.message}`,
    learned && `Learned: ${learned}`,
    outcome && (deferral?.why ?? endings[outcome]),
  ];
  return lines.filter(Boolean).join("\n");
}

function refutedText({ checks, refutations }: Confirmation): string {
  const against = checks.filter((one) => one.verdict === "refuted").map((one) => one.text);
  const again = refutations > 1 ? `, ${refutations} times in this run` : "";
  return `Not carried out: what the cause predicts does not hold (${against.join("; ")})${again}`;
}

/** Who may be hit next, as it was foretold. */
function nextHits({ next }: Outage): string {
  const told = next.map((one) => `${one.service} (${Math.trunc(one.chance * 100)} %)`);
  return told.length > 0 ? `Hit next: ${told.join(", ")}` : "";
}

function whyNot(reasons: readonly { outcome: string; text: string }[]): string {
  const against = reasons.filter((one) => one.outcome !== "pass").map((one) => one.text);
  return against.length > 0 ? `, because ${against.join("; ")}` : "";
}
