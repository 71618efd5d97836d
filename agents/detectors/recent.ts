// What the signals of a service say about now. Answers and lines of an earlier instance, and answers during start-up,
// are history: a restart that healed must not be judged by what led to it.
import {
  type EventSignal,
  type LogSignal,
  only,
  type ProbeSignal,
  type Signal,
  type StateSignal,
} from "../../domain/signal.ts";
import type { View } from "../detector.ts";

/** What a service gets after its start before it must answer. */
export const START_GRACE_MS = 10_000;

export interface Recent {
  /** The newest state, as it was reported. */
  state: StateSignal | undefined;
  /** undefined where no runtime was seen. A death that was announced after the last look counts. */
  running: boolean | undefined;
  /** The end that was announced after the newest state. */
  died: EventSignal | undefined;
  /** From here on signals are about the present instance; 0 where its start is not known. */
  since: number;
  /** Checks of the present instance after its start-up, without those that opsmedic itself gave up. */
  probes: ProbeSignal[];
  /** Log lines of the present instance (of the last one, where none runs). */
  lines: LogSignal[];
}

export function recent(view: View): Recent {
  const state = only(view.signals, "state").at(-1);
  const died = deathAfter(view.signals, state?.at ?? 0);
  const running = state === undefined ? died && false : state.status === "running" && died === undefined;
  const since = state?.startedAt ?? 0;
  const starting = state?.health === "starting";
  const settled = since === 0 ? 0 : since + START_GRACE_MS;
  const probes = starting
    ? []
    : only(view.signals, "probe").filter((one) => one.at >= settled && one.failure !== "aborted");
  const lines = only(view.signals, "log").filter((one) => one.at >= since);
  return { state, running, died, since, probes, lines };
}

function deathAfter(signals: readonly Signal[], at: number): EventSignal | undefined {
  const last = only(signals, "event").findLast((one) => ["die", "start", "destroy"].includes(one.event));
  return last !== undefined && last.event !== "start" && last.at > at ? last : undefined;
}

/** By the name of the check, each oldest first. */
export function byProbe(probes: readonly ProbeSignal[]): ProbeSignal[][] {
  return [...Map.groupBy(probes, (one) => one.probe).values()];
}

/** The longest end of the list whose members all fit: what goes on without a break until now. */
export function trailing<T>(list: readonly T[], fits: (one: T) => boolean): T[] {
  const last = list.findLastIndex((one) => !fits(one));
  return list.slice(last + 1);
}

export function within<T extends { at: number }>(list: readonly T[], view: View, ms: number): T[] {
  return list.filter((one) => one.at >= view.now - ms);
}

/** A service that opsmedic runs or could start; of the others only the answers are known. */
export function isOurs(view: View): boolean {
  return view.service.runtime !== undefined;
}
