// Unreachable: twice in a row nothing could be asked. Of a service that is not ours it is all that can be said; of a
// database it also covers "it answers, but refuses us"; of our own it means that it runs but nothing listens.
import type { ProbeSignal } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { byProbe, isOurs, recent, trailing } from "./recent.ts";

const IN_A_ROW = 2;
const nothingAnswers = new Set(["refused", "dns", "reset", "tls", "other"]);
const databaseName = /^(?:postgres|mysql|redis)\b/;

export const unreachable: Detector = (view) => {
  const { state, running, probes } = recent(view);
  if (running === false || state?.stoppedByOperator) return [];
  const failing = byProbe(probes)
    .map((list) => trailing(list, (one) => cannotAsk(one, view, running)))
    .filter((list) => list.length >= IN_A_ROW);
  const worst = failing.toSorted((a, b) => b.length - a.length)[0];
  const last = worst?.at(-1);
  if (worst === undefined || last === undefined) return [];
  const loading = last.failure === "loading";
  return [
    makeFinding(view, {
      kind: "unreachable",
      since: worst[0]?.at ?? view.now,
      severity: loading ? "info" : "critical",
      summary: `${view.service.name} cannot be used: ${last.probe} ${last.error ?? last.failure ?? "fails"}.`,
      facts: {
        failure: last.failure ?? "other",
        probe: last.probe,
        failures: worst.length,
        running: running ?? null,
        error: last.error ?? null,
      },
      signals: worst,
      variant: `${last.probe} ${last.failure ?? "other"}`,
    }),
  ];
};

/** Whether this answer (or its absence) belongs here; timeouts of a process of ours that lives are "hung". */
function cannotAsk(one: ProbeSignal, view: View, running: boolean | undefined): boolean {
  if (one.ok || one.failure === undefined) return false;
  if (view.service.database !== undefined && databaseName.test(one.probe)) {
    return !(running && one.failure === "timeout");
  }
  if (one.failure === "timeout") return !isOurs(view) || running === undefined;
  return nothingAnswers.has(one.failure);
}
