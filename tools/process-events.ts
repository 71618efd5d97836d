// Announces the end and the start of plain processes as they happen: the shim's files are watched, and looked at
// now and then in case the kernel's notice was lost. On the way their logs are kept within bounds.
import { type FSWatcher, watch } from "node:fs";
import type { Clock } from "../domain/clock.ts";
import type { EventSignal } from "../domain/signal.ts";
import { tendLog } from "./process-log-care.ts";
import type { ProcessSupervisor } from "./process-supervisor.ts";
import type { RuntimeEvents } from "./target.ts";

const LOOK_EVERY_MS = 1_000;
const MOST_LOG_BYTES = 20 * 1024 * 1024;

interface Seen {
  instance: string;
  ended: boolean;
}

interface Followed {
  before: Seen;
  watcher: FSWatcher;
  /** In the last round it was gone, and its exit status not written yet. */
  untold: boolean;
}

export function makeProcessEvents(parts: {
  /** As they are now: services may come and go. */
  names: () => readonly string[];
  supervisor: ProcessSupervisor;
  clock: Clock;
  maxLogBytes?: number;
  onProblem?: (problem: unknown) => void;
}): RuntimeEvents {
  const { names, supervisor, clock, maxLogBytes = MOST_LOG_BYTES, onProblem } = parts;

  /** What is known of one process; a change of it is an event. */
  function lookAt(name: string, patient: boolean): Seen {
    const place = supervisor.folderOf(name);
    const record = place.record();
    // The shim writes the exit status a moment after the end. Where the shim is gone too, only the timer tells.
    const ended = isGone(name) && (place.exit() !== undefined || !patient);
    return { instance: record ? `${record.pid}:${record.startTicks}` : "", ended };
  }

  const isGone = (name: string): boolean => supervisor.running(name) === undefined;

  function changes(name: string, before: Seen, now: Seen): EventSignal[] {
    const place = supervisor.folderOf(name);
    const about = { kind: "event", service: name, at: clock.now(), instance: now.instance } as const;
    const events: EventSignal[] = [];
    if (now.instance !== before.instance && now.instance !== "") events.push({ ...about, event: "start" });
    if (now.ended && now.instance !== "" && (!before.ended || now.instance !== before.instance)) {
      const exitCode = place.exitStatus();
      events.push({
        ...about,
        event: place.asked() === now.instance ? "stop" : "die",
        ...(exitCode !== undefined && { exitCode }),
      });
    }
    return events;
  }

  async function follow(onEvent: (event: EventSignal) => void, signal: AbortSignal): Promise<void> {
    const followed = new Map<string, Followed>();
    const look = (name: string, patient: boolean): void => {
      const one = followed.get(name);
      if (!one) return;
      const now = lookAt(name, patient);
      const found = changes(name, one.before, now);
      one.before = now;
      found.forEach(onEvent);
    };
    const begin = (name: string): void => {
      const watcher = watch(supervisor.folderOf(name).path, { persistent: false }, () => look(name, true));
      watcher.on("error", () => undefined); // the round below still looks
      followed.set(name, { before: lookAt(name, false), watcher, untold: false });
    };
    /** A round may fall into the moment between an end and its exit status: only the second one takes it for lost. */
    const lookAgain = (name: string, one: Followed): void => {
      const untold = isGone(name) && supervisor.folderOf(name).exit() === undefined;
      look(name, !(untold && one.untold));
      one.untold = untold;
    };
    const round = (): void => {
      const wanted = names();
      for (const name of wanted) {
        const one = followed.get(name);
        if (one) lookAgain(name, one);
        else begin(name);
      }
      for (const [name, { watcher }] of followed) {
        if (wanted.includes(name)) continue;
        watcher.close();
        followed.delete(name);
      }
    };
    while (!signal.aborted) {
      try {
        round();
        for (const name of followed.keys()) {
          const { log, logLock } = supervisor.folderOf(name);
          await tendLog(log, logLock, maxLogBytes);
        }
      } catch (error) {
        onProblem?.(error);
      }
      await clock.sleep(LOOK_EVERY_MS, signal).catch(() => undefined);
    }
    for (const { watcher } of followed.values()) watcher.close();
  }
  return { follow };
}
