// The place where reading goes on, over random histories: pages in any size, events late and twice, restarts.
import * as fc from "fast-check";
import { describe, expect, it } from "vitest";
import { advance, OVERLAP_MS } from "../../tools/log-sources/cursor.ts";
import { toEvent } from "../../tools/log-sources/log-event.ts";
import { startingAt } from "../../tools/log-sources/log-source.ts";

const begin = 1_000_000_000_000;
const event = (ts: number, rawId = `${ts}`) =>
  toEvent({ ts, message: rawId, rawId }, { source: "test", ingestTs: ts });

describe("advance", () => {
  it("gives each event once, in pages of any size, with pauses of any length", () => {
    const step = fc.record({
      passMs: fc.integer({ min: 1, max: 200_000 }),
      /** Events become visible up to a minute late. */
      lateMs: fc.array(fc.integer({ min: 1, max: OVERLAP_MS }), { maxLength: 6 }),
      /** How much of what is there a page covers. */
      part: fc.constantFrom(0.1, 0.5, 0.9, 1, 1),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const visible: ReturnType<typeof event>[] = [];
        const given: string[] = [];
        let cursor = startingAt(begin);
        let now = begin;
        let id = 0;
        for (const { passMs, lateMs, part } of [...steps, { passMs: 1, lateMs: [], part: 1 }]) {
          now += passMs;
          visible.push(...lateMs.map((late) => event(Math.max(begin, now - late), `${(id += 1)}`)));
          const readTo = Math.ceil(cursor.from + (now - cursor.from) * part);
          const events = visible.filter(({ ts }) => ts >= cursor.from && ts < readTo);
          const poll = advance(cursor, { events, readTo, head: readTo === now }, { now });
          given.push(...poll.events.map(({ rawId }) => rawId));
          cursor = poll.nextCursor;
        }
        // The last head may send reading back once to what was not settled.
        const events = visible.filter(({ ts }) => ts >= cursor.from);
        given.push(
          ...advance(cursor, { events, readTo: now, head: true }, { now }).events.map(({ rawId }) => rawId),
        );
        expect(given.sort()).toEqual(visible.map(({ rawId }) => rawId).sort());
      }),
      { numRuns: 500 },
    );
  });

  it("never reads before its beginning", () => {
    const { nextCursor } = advance(
      startingAt(begin),
      { events: [], readTo: begin + 1_000, head: true },
      { now: begin + 1_000 },
    );
    expect(nextCursor.from).toBe(begin);
  });

  it("gives what is oldest first", () => {
    const events = [event(begin + 3), event(begin + 1), event(begin + 2)];
    const poll = advance(startingAt(begin), { events, readTo: begin + 9, head: true }, { now: begin + 9 });
    expect(poll.events.map(({ ts }) => ts - begin)).toEqual([1, 2, 3]);
  });

  it("shortens the overlap in a flood, and still gives nothing twice", () => {
    const flood = Array.from({ length: 40_000 }, (_, index) => event(begin + index));
    const readTo = begin + 40_000;
    const { nextCursor } = advance(startingAt(begin), { events: flood, readTo, head: true }, { now: readTo });
    expect(nextCursor.seen.length).toBe(30_000);
    expect(nextCursor.from).toBe(begin + 10_000);
    const again = flood.filter(({ ts }) => ts >= nextCursor.from);
    const next = advance(nextCursor, { events: again, readTo, head: true }, { now: readTo });
    expect(next.events).toEqual([]);
  });

  it("keeps every id of the moment at which a page of a flood ended", () => {
    const moment = begin + 5;
    const flood = Array.from({ length: 40_000 }, (_, index) => event(moment, `${index}`));
    const { nextCursor } = advance(
      startingAt(begin),
      { events: flood, readTo: moment, head: false },
      { now: begin },
    );
    expect(nextCursor.from).toBe(moment);
    const page = { events: flood, readTo: moment + 1, head: true };
    expect(advance(nextCursor, page, { now: begin }).events).toEqual([]);
  });
});
