// A source that is asked for windows of time: everything but the question is the same for all of them.
import type { Clock } from "../../domain/clock.ts";
import { advance } from "./cursor.ts";
import { toEvents } from "./log-event.ts";
import type { LogSource } from "./log-source.ts";
import { makeWindowReader, type ReadPart } from "./read-window.ts";

export interface WindowSource {
  name: string;
  clock: Pick<Clock, "now">;
  /** Younger events than this, in milliseconds, may still be on their way; they are waited for. */
  settleMs: number;
  read: ReadPart;
}

export function windowSource({ name, clock, settleMs, read: part }: WindowSource): LogSource {
  const read = makeWindowReader(part);
  return {
    name,
    async poll(cursor, signal) {
      const now = clock.now();
      const until = Math.max(now - settleMs, cursor.from);
      const { events, readTo, note } =
        until > cursor.from ? await read(cursor.from, until, signal) : { events: [], readTo: until };
      const made = await toEvents(events, { source: name, ingestTs: now });
      return advance(cursor, { events: made, readTo, head: readTo >= until, note }, { now });
    },
  };
}
