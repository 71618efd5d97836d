// Log events from outside on their way to those who watch: of a configured service like its own log lines; of others
// counted and kept, but nobody's health. Each is taken once, also over restarts.
import { setImmediate } from "node:timers/promises";
import type { LogSignal, Signal } from "../domain/signal.ts";
import type { LogPlace, TakenLogs } from "../knowledge/observations.ts";
import { readLogLine } from "../signals/log-line.ts";
import { cleanText } from "../signals/log-text.ts";
import type { LogEvent } from "../tools/log-sources/log-source.ts";
import { idNumber, makeRecentIds } from "../tools/log-sources/recent-ids.ts";
import type { SaveTogether } from "./save-together.ts";

export interface TakeLogsParts {
  /** Asked once for all events that come together. */
  services: () => ReadonlySet<string>;
  /** The health monitor's door. */
  note: (signal: Signal) => void;
  /** Those who watch over time. */
  observe: (signal: Signal) => void;
  /** To be stored with what was counted. */
  took: (id: number) => void;
  reached: (place: LogPlace) => void;
  saving: SaveTogether;
  stored: Pick<TakenLogs, "since">;
  /** Other processes take logs, too. */
  shared: boolean;
}

export interface TakeLogs {
  /** Resolves when they are counted, not yet when that is stored. Rejects, and takes nothing, while nothing can be. */
  take(events: readonly LogEvent[], how?: HowToTake): Promise<void>;
  /** Resolves when all that was taken is stored. */
  saved(): Promise<void>;
}

export interface HowToTake {
  /** Where the source stands behind these events: stored with them or not at all. */
  place?: LogPlace;
  /** They can never come again: their ids were made here. */
  once?: boolean;
}

/** A sender that got no answer sends again within minutes; half of these are known at the least. */
export const REMEMBERED = 1_000_000;
/** Names of services that are not configured come from outside, so they are bounded. */
const MOST_OTHERS = 200;
const OTHERS = "other";
/** Then others have their turn. */
const AT_ONCE = 500;

export function makeTakeLogs(parts: TakeLogsParts): TakeLogs {
  const { services, note, observe, took, reached, saving, stored, shared } = parts;
  const known = makeRecentIds(REMEMBERED);
  const others = new Set<string>();
  let read: number | undefined;

  function nameOf(service: string): string {
    if (service === "" || others.has(service)) return service || OTHERS;
    if (others.size >= MOST_OTHERS) return OTHERS;
    others.add(service);
    return service;
  }

  /** What was taken before this start, and what others have taken since. */
  async function readStored(): Promise<void> {
    if (read !== undefined && !shared) return;
    const { last, ids } = await stored.since(read ?? 0, REMEMBERED / 2);
    for (const id of ids) known.add(id);
    read = last;
  }

  function isNew(event: LogEvent): boolean {
    const id = idNumber(event);
    if (!known.add(id)) return false;
    took(id);
    return true;
  }

  return {
    async take(events, { place, once = false } = {}) {
      // What the store does not take now would only grow here; who sent it can wait.
      if (saving.isBehind()) await saving.saved();
      await readStored();
      const ours = services();
      for (const [index, event] of events.entries()) {
        if (index > 0 && index % AT_ONCE === 0) await setImmediate();
        if (!once && !isNew(event)) continue;
        if (ours.has(event.service)) note(signalOf(event, event.service));
        else observe(signalOf(event, nameOf(event.service)));
      }
      if (place !== undefined) reached(place);
    },
    saved: saving.saved,
  };
}

/** The level that the source names, or else the one that the line itself does. */
function signalOf({ ts, source, level, message }: LogEvent, service: string): LogSignal {
  const read = level === "unknown" ? readLogLine(message) : { level, text: cleanText(message) };
  return { kind: "log", service, at: ts, source, text: read.text, level: read.level };
}
