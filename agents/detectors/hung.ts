// Hung: the process lives and is past its start, but no check of it has been answered, twice in a row. The kernel
// accepts TCP connections for a process that is stuck, so a bare TCP check that passes says nothing against it.
import type { Detector } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { byProbe, recent, trailing } from "./recent.ts";

const IN_A_ROW = 2;

export const hung: Detector = (view) => {
  const { state, running, probes } = recent(view);
  const paused = state?.status === "paused";
  if ((running !== true && !paused) || state?.stoppedByOperator) return [];
  const checks = byProbe(probes.filter((one) => !one.probe.startsWith("tcp ")));
  const silent = checks.map((list) => trailing(list, (one) => one.failure === "timeout"));
  if (silent.length === 0 || silent.some((list) => list.length < IN_A_ROW)) return [];
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
