// Crash loop: at least three ends or starts in two minutes that nobody asked for, and the present instance has not
// yet outlived the ones before it.
import { type EventSignal, only, type StateSignal } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { recent, within } from "./recent.ts";

const WINDOW_MS = 120_000;
const FEWEST = 3;
/** An instance that lives this much longer than the ones before has left the loop. */
const OUTLIVES = 1.5;
const SHORTEST_LIFE_MS = 10_000;
const LONGEST_LIFE_MS = 60_000;
/** A "kill" or "stop" this close to an end was the cause of it. */
const COMMANDED_MS = 12_000;
/** Ends after SIGINT or SIGTERM, and regular ones: somebody asked for them. */
const calmCodes = new Set([0, 130, 143]);

export const crashLoop: Detector = (view) => {
  const { state, running } = recent(view);
  if (state?.stoppedByOperator) return [];
  const events = within(only(view.signals, "event"), view, WINDOW_MS);
  const states = within(only(view.signals, "state"), view, WINDOW_MS);
  const crashes = crashesOf(events);
  const starts = Math.max(startsOf(events, states, view) - commandedEnds(events), 0);
  const restarts = restartsOf(states);
  const count = Math.max(crashes.length, starts, restarts);
  if (count < FEWEST || (running && hasSettled(state, states, crashes, view))) return [];
  const since = crashes[0]?.at ?? states[0]?.at ?? view.now;
  return [
    makeFinding(view, {
      kind: "crash-loop",
      since,
      severity: "critical",
      summary: `${view.service.name} ended and was started ${count} times in ${seconds(WINDOW_MS)}.`,
      facts: { starts: count, exitCode: crashes.at(-1)?.exitCode ?? state?.exitCode ?? null },
      signals: [...crashes, ...states.slice(-3)],
    }),
  ];
};

function crashesOf(events: readonly EventSignal[]): EventSignal[] {
  return events.filter(
    (one) => one.event === "die" && !calmCodes.has(one.exitCode ?? -1) && !wasCommanded(one, events),
  );
}

/** Docker announces a commanded end as "kill", "die" and "stop", the process runtime as "stop" alone. */
function commandedEnds(events: readonly EventSignal[]): number {
  const deaths = events.filter(
    (one) => one.event === "die" && (wasCommanded(one, events) || calmCodes.has(one.exitCode ?? -1)),
  );
  const stops = events.filter((one) => one.event === "stop" && !deaths.some((end) => isSameEnd(one, end)));
  return deaths.length + stops.length;
}

function wasCommanded(end: EventSignal, events: readonly EventSignal[]): boolean {
  return events.some((one) => (one.event === "kill" || one.event === "stop") && isSameEnd(one, end));
}

function isSameEnd(command: EventSignal, end: EventSignal): boolean {
  const sameInstance =
    command.instance === undefined || end.instance === undefined || command.instance === end.instance;
  return sameInstance && Math.abs(command.at - end.at) <= COMMANDED_MS;
}

/** From events where the runtime announces them, else from instances seen one after the other. */
function startsOf(events: readonly EventSignal[], states: readonly StateSignal[], view: View): number {
  const announced = events.filter((one) => one.event === "start").length;
  const begun = states.filter((one) => (one.startedAt ?? 0) >= view.now - WINDOW_MS && one.instance !== "");
  return Math.max(announced, new Set(begun.map((one) => one.instance)).size);
}

/** How often the runtime's own restart policy stepped in, as far as the looks show. */
function restartsOf(states: readonly StateSignal[]): number {
  const counts = states.map((one) => one.restartCount);
  const rises = counts.map((count, index) => Math.max(0, count - (counts[index - 1] ?? count)));
  return rises.reduce((sum, one) => sum + one, 0);
}

function hasSettled(
  state: StateSignal | undefined,
  states: readonly StateSignal[],
  crashes: readonly EventSignal[],
  view: View,
): boolean {
  if (state?.startedAt === undefined) return false;
  const lives = [
    ...states.flatMap((one) =>
      one.startedAt !== undefined && one.finishedAt !== undefined ? [one.finishedAt - one.startedAt] : [],
    ),
    ...crashes.slice(1).map((one, index) => one.at - (crashes[index]?.at ?? one.at)),
  ];
  const longest = Math.max(0, ...lives) * OUTLIVES;
  const needed = Math.min(LONGEST_LIFE_MS, Math.max(SHORTEST_LIFE_MS, longest));
  return view.now - state.startedAt >= needed;
}
