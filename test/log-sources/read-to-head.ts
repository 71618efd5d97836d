// Reads a source from a place on until it has nothing newer to show.
import type { Cursor, LogEvent, LogSource } from "../../tools/log-sources/log-source.ts";

const never = new AbortController().signal;

export async function readToHead(source: LogSource, from: Cursor) {
  const events: LogEvent[] = [];
  const notes: string[] = [];
  let cursor = from;
  for (let more = true; more; ) {
    const poll = await source.poll(cursor, never);
    events.push(...poll.events);
    if (poll.note !== undefined) notes.push(poll.note);
    ({ more, nextCursor: cursor } = poll);
  }
  return { events, texts: events.map(({ message }) => message), notes, cursor };
}
