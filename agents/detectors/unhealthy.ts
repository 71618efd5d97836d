// Unhealthy: the container's own health check fails (Docker has retried it already), or a command that the
// configuration names as health check ends badly, three times in a row.
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { byProbe, recent, trailing } from "./recent.ts";

const IN_A_ROW = 3;

export const unhealthy: Detector = (view) => {
  const { state, running, probes } = recent(view);
  if (running === false) return [];
  const said = only(view.signals, "event").findLast(
    (one) => one.event === "unhealthy" || one.event === "healthy",
  );
  const newer = said !== undefined && said.at > (state?.at ?? 0);
  const container = newer ? said.event === "unhealthy" : state?.health === "unhealthy";
  const command = byProbe(probes)
    .map((list) => trailing(list, (one) => !one.ok && one.failure === "exit"))
    .find((list) => list.length >= IN_A_ROW);
  if (!container && command === undefined) return [];
  const since = container ? unhealthySince(view.signals, view.now) : (command?.[0]?.at ?? view.now);
  const what = container ? "its own health check fails" : (command?.at(-1)?.error ?? "its check fails");
  return [
    makeFinding(view, {
      kind: "unhealthy",
      since,
      severity: "critical",
      summary: `${view.service.name} runs, but ${what}.`,
      facts: { source: container ? "container" : "command", error: command?.at(-1)?.error ?? null },
      signals: [...(container && state ? [state] : []), ...(command ?? [])],
      variant: container ? "container" : (command?.[0]?.probe ?? ""),
    }),
  ];
};

function unhealthySince(signals: Parameters<typeof only>[0], now: number): number {
  return trailing(only(signals, "state"), (one) => one.health === "unhealthy")[0]?.at ?? now;
}
