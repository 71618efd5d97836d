// Counterfactual: right before anything is touched, what must hold if the cause is the true one is looked at once more,
// freshly. A prediction that is refuted stops the plan: the world has moved on, or the cause was another. What cannot be
// seen refutes nothing.
import type { Clock } from "../domain/clock.ts";
import type { Confirmation, Incident } from "../domain/incident.ts";
import type { Playbook, Prediction } from "../domain/playbook.ts";
import type { Service } from "../domain/service.ts";
import { isSymptom } from "../domain/finding.ts";
import type { Evidence, Scene } from "./evidence.ts";
import { fits } from "./expectation.ts";

export interface CounterfactualParts {
  playbooks: readonly Playbook[];
  evidence: Evidence;
  service: (name: string) => Service | undefined;
  clock: Clock;
}

/** A repair waits no longer than this for all predictions together; they are looked at side by side. */
const LIMIT_MS = 2_000;

export function makeConfirm({ playbooks, evidence, service: known, clock }: CounterfactualParts) {
  return async function confirm(
    incident: Pick<Incident, "plan" | "findings" | "signals" | "confirmation">,
    signal?: AbortSignal,
  ): Promise<{ confirmation: Confirmation }> {
    const { plan, findings, signals, confirmation: before } = incident;
    const predicts = playbooks.find((one) => one.id === plan?.playbook)?.predicts ?? [];
    const service = known(plan?.service ?? "");
    const finding = findings.find(isSymptom);
    const limit = AbortSignal.timeout(LIMIT_MS);
    const stop = signal ? AbortSignal.any([signal, limit]) : limit;
    const now = clock.now();
    const checks =
      service && finding
        ? // What was seen is remembered by the array of the run's signals: another one asks anew.
          await look(predicts, { service, finding, findings, signals: [...signals], now }, evidence, stop)
        : [];
    const refuted = checks.some((one) => one.verdict === "refuted");
    return {
      confirmation: {
        planId: plan?.id ?? "",
        at: now,
        outcome: refuted ? "refuted" : "held",
        refutations: (before?.refutations ?? 0) + (refuted ? 1 : 0),
        checks,
      },
    };
  };
}

function look(
  predicts: readonly Prediction[],
  scene: Scene,
  evidence: Evidence,
  signal: AbortSignal,
): Promise<Confirmation["checks"]> {
  return Promise.all(
    predicts.map(async ({ id, question, observe, params, expect }) => {
      const observation = await evidence.observe(observe, params, scene, signal);
      const fit = observation.status === "known" ? fits(expect, observation.value) : undefined;
      const verdict =
        fit === undefined ? ("unknown" as const) : fit ? ("held" as const) : ("refuted" as const);
      const text = observation.status === "known" ? observation.text : observation.reason;
      return { id, question, verdict, text };
    }),
  );
}
