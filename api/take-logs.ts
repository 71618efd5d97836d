// Log events from outside on their way to those who watch: of a configured service like its own log lines; of others
// counted and kept, but nobody's health. Each is taken once, also over restarts.
import { setImmediate } from "node:timers/promises";
import type { Clock } from "../domain/clock.ts";
import type { LogSignal, Signal } from "../domain/signal.ts";
import type { AcceptedLog, AcceptedLogs } from "../knowledge/accepted-logs.ts";
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
  /** Absent: who wants to be sure waits for the store. */
  accepted?: AcceptedLogs | undefined;
  /** Other processes take logs, too. */
  shared: boolean;
  clock: Pick<Clock, "sleep">;
}

export interface TakeLogs {
  /** Resolves when they are counted, not yet when that is stored. Rejects, and takes nothing, while nothing can be. */
  take(events: readonly LogEvent[], how?: HowToTake): Promise<void>;
  /** The same for events that are sent once: resolves when they are counted and no kill can lose them. */
  accept(events: readonly LogEvent[]): Promise<void>;
  /** Takes again what an earlier process had accepted and not stored. Else the first take does. */
  begin(): Promise<void>;
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
/** Events that wait on disk at the most: the next process must know by their numbers which of them are stored. */
const MOST_KEPT = REMEMBERED / 4;
/** So long what was accepted waits for more: a save costs about the same for few as for many. */
const SAVED_WITHIN_MS = 300;
/** Names of services that are not configured come from outside, so they are bounded. */
const MOST_OTHERS = 200;
const OTHERS = "other";
/** Then others have their turn. */
const AT_ONCE = 200;

export function makeTakeLogs(parts: TakeLogsParts): TakeLogs {
  const { services, note, observe, took, reached, saving, stored, accepted, shared, clock } = parts;
  const known = makeRecentIds(REMEMBERED);
  const others = new Set<string>();
  let read: number | undefined;
  let beginning: Promise<void> | undefined;
  /** Accepted events counted as they come: so many were given to the disk, so many of them are saved. */
  let [kept, savedUpTo] = [0, 0];
  /** Up to here the disk did not take all: until that is saved only the store is sure, also of those that come again. */
  let unsure = 0;
  let soon: Promise<void> | undefined;

  function nameOf(service: string): string {
    if (service === "" || others.has(service)) return service || OTHERS;
    if (others.size >= MOST_OTHERS) return OTHERS;
    others.add(service);
    return service;
  }

  /** What was taken before this start, and what others have taken since. */
  async function readStored(): Promise<void> {
    const { last, ids } = await stored.since(read ?? 0, REMEMBERED / 2);
    for (const id of ids) known.add(id);
    read = last;
  }

  /** Each in its turn, and none twice at once. */
  async function begin(): Promise<void> {
    beginning ??= (async () => {
      await readStored();
      for await (const logs of accepted?.left() ?? []) {
        const ours = services();
        for (const [id, service, at, level, source, text] of logs)
          if (isNew(id)) give({ kind: "log", service, at, level, source, text }, ours);
      }
    })();
    await beginning.catch((error: unknown) => {
      beginning = undefined;
      throw error;
    });
  }

  function isNew(id: number): boolean {
    if (!known.add(id)) return false;
    took(id);
    return true;
  }

  function give(line: LogSignal, ours: ReadonlySet<string>): void {
    if (ours.has(line.service)) note(line);
    else observe({ ...line, service: nameOf(line.service) });
  }

  /** `onNew` is told of each that was not known. */
  async function take(
    events: readonly LogEvent[],
    onNew: (id: number, line: LogSignal) => void,
    how: HowToTake,
  ) {
    // What the store does not take now would only grow here; who sent it can wait.
    if (saving.isBehind()) await saving.saved();
    if (shared && beginning !== undefined) await readStored();
    await begin();
    const ours = services();
    for (const [index, event] of events.entries()) {
      if (index > 0 && index % AT_ONCE === 0) await setImmediate();
      const id = how.once === true ? 0 : idNumber(event);
      if (id !== 0 && !isNew(id)) continue;
      const line = signalOf(event);
      onNew(id, line);
      give(line, ours);
    }
    if (how.place !== undefined) reached(how.place);
  }

  async function keep(logs: readonly AcceptedLog[]): Promise<void> {
    if (accepted === undefined) return saving.saved();
    const upTo = (kept += Math.max(1, logs.length));
    if (unsure <= savedUpTo)
      await accepted.keep(logs).catch(() => {
        unsure = Math.max(unsure, upTo);
      });
    if (unsure > savedUpTo || kept - savedUpTo > MOST_KEPT) await saved();
    else soon ??= saveSoon();
  }

  async function saved(): Promise<void> {
    const upTo = kept;
    await saving.saved();
    savedUpTo = Math.max(savedUpTo, upTo);
  }

  /** Nobody waits for it; who comes when it has failed hears of it. */
  async function saveSoon(): Promise<void> {
    await clock.sleep(SAVED_WITHIN_MS);
    soon = undefined;
    await saved().catch(() => undefined);
  }

  return {
    begin,
    take: (events, how = {}) => take(events, () => undefined, how),
    async accept(events) {
      const logs: AcceptedLog[] = [];
      await take(
        events,
        (id, { service, at, level, source, text }) => logs.push([id, service, at, level, source, text]),
        {},
      );
      await keep(logs);
    },
    saved: saving.saved,
  };
}

/** The level that the source names, or else the one that the line itself does. */
function signalOf({ ts, source, service, level, message }: LogEvent): LogSignal {
  const read = level === "unknown" ? readLogLine(message) : { level, text: cleanText(message) };
  return { kind: "log", service, at: ts, source, text: read.text, level: read.level };
}
