// Announces the end and the start of plain processes as they happen: the shim's files are watched, and looked at
// now and then in case the kernel's notice was lost.
import { watch } from "node:fs";
import type { Clock } from "../domain/clock.ts";
import type { EventSignal } from "../domain/signal.ts";
import type { ProcessSupervisor } from "./process-supervisor.ts";
import type { RuntimeEvents } from "./target.ts";

const LOOK_EVERY_MS = 1_000;

export function makeProcessEvents(parts: {
  names: () => readonly string[];
  supervisor: ProcessSupervisor;
  clock: Clock;
}): RuntimeEvents {
  const { names, supervisor, clock } = parts;

  /** What is known of one process; a change of it is an event. */
  const snapshot = (name: string, patient: boolean): { instance: string; ended: boolean } => {
    const place = supervisor.folderOf(name);
    const record = place.record();
    // The shim writes the exit status a moment after the end. Where the shim is gone too, only the timer tells.
    const ended = supervisor.running(name) === undefined && (place.hasExit() || !patient);
    return { instance: record ? `${record.pid}:${record.startTicks}` : "", ended };
  };

  function changes(
    name: string,
    before: ReturnType<typeof snapshot>,
    now: ReturnType<typeof snapshot>,
  ): EventSignal[] {
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

  function followOne(name: string, onEvent: (event: EventSignal) => void, signal: AbortSignal): void {
    let before = snapshot(name, false);
    const look = (patient: boolean): void => {
      const now = snapshot(name, patient);
      const found = changes(name, before, now);
      before = now;
      found.forEach(onEvent);
    };
    const watcher = watch(supervisor.folderOf(name).path, { persistent: false }, () => look(true));
    watcher.on("error", () => undefined); // the timer below still looks
    const timer = setInterval(() => look(false), LOOK_EVERY_MS);
    timer.unref();
    signal.addEventListener("abort", () => {
      watcher.close();
      clearInterval(timer);
    });
  }

  return {
    follow(onEvent, signal) {
      for (const name of names()) followOne(name, onEvent, signal);
      return new Promise((resolve) => {
        if (signal.aborted) resolve();
        signal.addEventListener("abort", () => resolve());
      });
    },
  };
}
