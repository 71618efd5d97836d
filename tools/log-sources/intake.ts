// Where pushed events wait until they are stored. It holds only so much: a flood makes its sender wait or come again,
// it never grows here. What was accepted is stored; a batch is taken whole or not at all.
import { messageOf } from "../../domain/errors.ts";
import type { LogEvent } from "./log-source.ts";

export type Admission =
  /** All of them are stored. */
  | { status: "stored" }
  /** No room: 429, or a socket that is not read for a while. */
  | { status: "full"; retryAfterMs: number }
  /** Room, but nothing can be stored now: 503. */
  | { status: "unavailable"; reason: string };

export interface IntakeSettings {
  /** Resolves when they are stored; a rawId that is known may come again and is left out. */
  onEvents(events: LogEvent[]): Promise<void>;
  /** Most events that wait; a larger batch than this is never taken. */
  mostEvents?: number;
  /** Most characters of their messages. */
  mostChars?: number;
  retryAfterMs?: number;
}

export interface Intake {
  /** Resolves when the events are stored, or at once when there is no room. Never rejects. */
  take(events: readonly LogEvent[]): Promise<Admission>;
  /** How full it is, 0 to 1. */
  load(): number;
}

interface Batch {
  events: readonly LogEvent[];
  chars: number;
  done(admission: Admission): void;
}

export function makeIntake({
  onEvents,
  mostEvents = 20_000,
  mostChars = 64_000_000,
  retryAfterMs = 1_000,
}: IntakeSettings): Intake {
  const waiting: Batch[] = [];
  let events = 0;
  let chars = 0;
  let storing = false;

  async function drain(): Promise<void> {
    storing = true;
    while (waiting.length > 0) {
      // All that wait are stored at once: to store a few costs as much as to store many.
      const batches = waiting.splice(0);
      const admission = await store(batches.flatMap((batch) => batch.events));
      for (const batch of batches) {
        events -= batch.events.length;
        chars -= batch.chars;
        batch.done(admission);
      }
    }
    storing = false;
  }

  async function store(all: LogEvent[]): Promise<Admission> {
    try {
      await onEvents(all);
      return { status: "stored" };
    } catch (error) {
      return { status: "unavailable", reason: messageOf(error) };
    }
  }

  return {
    load: () => Math.max(events / mostEvents, chars / mostChars),
    take(batch) {
      if (batch.length === 0) return Promise.resolve({ status: "stored" });
      const size = batch.reduce((sum, { message }) => sum + message.length, 0);
      if (events + batch.length > mostEvents || chars + size > mostChars) {
        return Promise.resolve({ status: "full", retryAfterMs });
      }
      events += batch.length;
      chars += size;
      return new Promise((done) => {
        waiting.push({ events: batch, chars: size, done });
        if (!storing) void drain();
      });
    },
  };
}
