// What was seen of one service lately, bounded by time, count and size. Kinds have budgets of their own: a flood
// of log lines never pushes out probes, and chatter never pushes out errors.
import type { LogSignal, Signal } from "../domain/signal.ts";

export interface WindowLimits {
  windowMs: number;
  /** Probes, states, metrics, changes. */
  observations: number;
  /** What the runtime announced: rare and telling. */
  events: number;
  /** What could not be read, and can be again. */
  sources: number;
  /** Log lines of level warn and above, and as many below it. */
  logs: number;
  /** Characters of either kind of log lines. */
  logChars: number;
  /** Log lines of either kind kept of one second: of a flood its beginning and its newest line. */
  logsPerSecond: number;
}

export interface SignalWindow {
  add(signal: Signal): void;
  /** Oldest first; nothing older than the window, nothing dropped by a budget. */
  list(now: number): Signal[];
}

export function makeSignalWindow(limits: WindowLimits): SignalWindow {
  const { observations, events, sources, logs, logChars, logsPerSecond } = limits;
  const lanes = {
    observations: makeLane(observations, Infinity),
    events: makeLane(events, Infinity),
    sources: makeLane(sources, Infinity),
    troubles: makeLane(logs, logChars, logsPerSecond),
    chatter: makeLane(logs, logChars, logsPerSecond),
  };
  return {
    add(signal) {
      lanes[laneOf(signal)].add(signal);
    },
    list(now) {
      const from = now - limits.windowMs;
      const all = Object.values(lanes).flatMap((lane) => lane.since(from));
      return all.sort((a, b) => a.at - b.at); // stable: equal times keep their order within a lane
    },
  };
}

const troubled: ReadonlySet<LogSignal["level"]> = new Set(["warn", "error", "fatal"]);

function laneOf(signal: Signal): "observations" | "events" | "sources" | "troubles" | "chatter" {
  if (signal.kind === "event") return "events";
  if (signal.kind === "source") return "sources";
  if (signal.kind !== "log") return "observations";
  return troubled.has(signal.level) ? "troubles" : "chatter";
}

/**
 * A queue whose head is dropped when it grows over its budget. What comes too fast replaces what came last: else a
 * flood would fill the lane with a moment, and make garbage of every line that lived just long enough to be moved.
 */
function makeLane(maxCount: number, maxChars: number, perSecond = Infinity) {
  let items: Signal[] = [];
  let head = 0;
  let chars = 0;
  let second = -1;
  let inSecond = 0;

  function comesTooFast({ at }: Signal): boolean {
    const now = Math.floor(at / 1_000);
    inSecond = now === second ? inSecond + 1 : 1;
    second = now;
    return inSecond > perSecond;
  }

  function dropOldest(): void {
    chars -= sizeOf(items[head]);
    head += 1;
    // Moving the rest now and then keeps adding cheap and lets go of what was dropped.
    if (head > 64 && head * 2 > items.length) {
      items = items.slice(head);
      head = 0;
    }
  }

  return {
    add(signal: Signal): void {
      if (comesTooFast(signal)) chars -= sizeOf(items.pop());
      items.push(signal);
      chars += sizeOf(signal);
      while (items.length - head > maxCount || (chars > maxChars && items.length - head > 1)) dropOldest();
    },
    since(from: number): Signal[] {
      while (head < items.length && (items[head]?.at ?? 0) < from) dropOldest();
      return items.slice(head).filter((one) => one.at >= from);
    },
  };
}

function sizeOf(signal: Signal | undefined): number {
  return signal?.kind === "log" ? signal.text.length : 0;
}
