// Hung: the process lives and is past its start, but no check of it has been answered, twice in a row. The kernel
// accepts TCP connections for a process that is stuck, so a bare TCP check that passes says nothing against it. One that
// stays paused answers nobody, whether or not it is asked.
import { only } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { byProbe, recent, trailing } from "./recent.ts";

const IN_A_ROW = 2;
/** A backup or a commit pauses a container for a moment. */
const PAUSED_MS = 10_000;

export const hung: Detector = (view) => {
  const { state, running, probes } = recent(view);
  const paused = state?.status === "paused";
  if ((running !== true && !paused) || state?.stoppedByOperator) return [];
  const checks = byProbe(probes.filter((one) => !one.probe.startsWith("tcp ")));
  const silent = checks.map((list) => trailing(list, (one) => one.failure === "timeout"));
  if (silent.length === 0) return paused ? standingStill(view) : [];
  if (silent.some((list) => list.length < IN_A_ROW)) return [];
  const since = Math.min(...silent.map((list) => list[0]?.at ?? view.now));
  return [
    makeFinding(view, {
      kind: "hung",
      since,
      severity: "critical",
      summary: `${view.service.name} ${paused ? "is paused" : "runs"} but has answered nothing for ${seconds(view.now - since)}.`,
      facts: { timeouts: silent.flat().length, paused, silentMs: view.now - since },
      signals: [...silent.flat(), ...(state ? [state] : [])],
    }),
  ];
};

function standingStill(view: View): ReturnType<Detector> {
  const looks = trailing(only(view.signals, "state"), (one) => one.status === "paused");
  const since = looks[0]?.at ?? view.now;
  if (view.now - since < PAUSED_MS) return [];
  return [
    makeFinding(view, {
      kind: "hung",
      since,
      severity: "critical",
      summary: `${view.service.name} has been paused for ${seconds(view.now - since)}, and answers nobody.`,
      facts: { timeouts: 0, paused: true, silentMs: view.now - since },
      signals: looks.slice(-IN_A_ROW),
    }),
  ];
}
