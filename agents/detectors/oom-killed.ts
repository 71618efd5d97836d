// Killed by the kernel for its memory: told by the runtime, never guessed from exit code 137 (which any SIGKILL leaves).
import { only } from "../../domain/signal.ts";
import type { Detector } from "../detector.ts";
import { makeFinding } from "./make-finding.ts";
import { recent, within } from "./recent.ts";

/** A service that runs again keeps the warning this long. */
const REMEMBERED_MS = 60_000;

export const oomKilled: Detector = (view) => {
  const { state, running } = recent(view);
  const event = within(only(view.signals, "event"), view, REMEMBERED_MS).findLast(
    (one) => one.event === "oom",
  );
  const byState = state?.oomKilled === true && running === false;
  if (!byState && event === undefined) return [];
  // Not the owner's maximum: what was set when it died may have been less.
  const limitBytes = only(view.signals, "metric").findLast(
    (one) => one.name === "memory-bytes" && one.limit,
  )?.limit;
  const where = limitBytes === undefined ? "" : ` (limit ${Math.round(limitBytes / 1024 ** 2)} MiB)`;
  return [
    makeFinding(view, {
      kind: "oom-killed",
      since: event?.at ?? state?.finishedAt ?? view.now,
      severity: running ? "warning" : "critical",
      summary: `The kernel killed ${view.service.name}${running ? ", or a process of it," : ""} for its memory${where}.`,
      facts: { limitBytes: limitBytes ?? null, running: running ?? null, exitCode: state?.exitCode ?? null },
      signals: [...(state ? [state] : []), ...(event ? [event] : [])],
    }),
  ];
};
