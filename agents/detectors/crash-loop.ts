// Crash loop: at least three ends in two minutes that nobody asked for, and the present instance has not yet outlived
// the ones before it. Where the runtime announces ends, only these announcements count: a restart by opsmedic or by
// an operator looks the same as a crash in everything else.
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
  const announced = events.some((one) => one.event === "die" || one.event === "stop");
  const crashes = crashesOf(events);
  const count = announced ? crashes.length : endsSeen(states, view);
  if (count < FEWEST || (running && hasSettled(state, states, crashes, view))) return [];
  return [
    makeFinding(view, {
      kind: "crash-loop",
      since: crashes[0]?.at ?? states[0]?.at ?? view.now,
      severity: "critical",
      summary: `${view.service.name} ended ${count} times in ${seconds(WINDOW_MS)}, each time soon after its start.`,
      facts: { starts: count, exitCode: crashes.at(-1)?.exitCode ?? state?.exitCode ?? null },
      signals: [...crashes, ...states.slice(-3)],
      variant: String(crashes.at(-1)?.exitCode ?? ""),
    }),
  ];
};

function crashesOf(events: readonly EventSignal[]): EventSignal[] {
  const ends = events.filter((one, index) => one.event === "die" && !isRepeated(one, events.slice(0, index)));
  return ends.filter((one) => !calmCodes.has(one.exitCode ?? -1) && !wasCommanded(one, events));
}

/** The same end announced twice: nothing of that instance has started in between. */
function isRepeated(end: EventSignal, before: readonly EventSignal[]): boolean {
  if (end.instance === undefined) return false;
  return before.findLast((one) => one.instance === end.instance && one.event !== "kill")?.event === "die";
}

/** Of the same life only: `docker restart` of what then ends by itself was no command to end again. */
function wasCommanded(end: EventSignal, events: readonly EventSignal[]): boolean {
  return events.some(
    (one) =>
      (one.event === "kill" || one.event === "stop") &&
      (one.instance === undefined || end.instance === undefined || one.instance === end.instance) &&
      Math.abs(one.at - end.at) <= COMMANDED_MS &&
      !events.some((start) => start.event === "start" && isBetween(start.at, one.at, end.at)),
  );
}

const isBetween = (at: number, a: number, b: number): boolean => at >= Math.min(a, b) && at <= Math.max(a, b);

/**
 * Without announcements: how often a container's restart policy stepped in (Docker counts only that), or how many
 * instances were seen to follow another one.
 */
function endsSeen(states: readonly StateSignal[], view: View): number {
  const instances = new Set(states.filter((one) => one.instance !== "").map((one) => one.instance));
  const counts = states.map((one) => one.restartCount);
  const rises = counts.map((count, index) => Math.max(0, count - (counts[index - 1] ?? count)));
  const byPolicy = view.service.runtime?.kind === "process" ? 0 : rises.reduce((sum, one) => sum + one, 0);
  return Math.max(instances.size - 1, byPolicy);
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
