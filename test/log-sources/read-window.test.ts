// Windows of time over a source that gives only so much in one answer.
import { describe, expect, it } from "vitest";
import type { RawEvent } from "../../tools/log-sources/log-event.ts";
import { makeWindowReader, type WindowPart } from "../../tools/log-sources/read-window.ts";
import { SourceError } from "../../tools/log-sources/source-error.ts";

const never = new AbortController().signal;

/** A source with an event at each of these times, that gives at most ten in one answer. */
function source(
  times: readonly number[],
  { refuse }: { refuse?: (width: number) => SourceError | undefined } = {},
) {
  const asked: [number, number][] = [];
  const part = async (from: number, until: number): Promise<WindowPart> => {
    asked.push([from, until]);
    const error = refuse?.(until - from);
    if (error !== undefined) throw error;
    const events = times.filter((ts) => ts >= from && ts < until).map(eventAt);
    return events.length > 10
      ? { events: events.slice(0, 10), readTo: undefined }
      : { events, readTo: until };
  };
  return { asked, read: makeWindowReader(part, { widestMs: 100_000, firstMs: 1_000 }) };
}

function eventAt(ts: number, index: number): RawEvent {
  return { ts, message: `${ts}`, rawId: `${ts}.${index}` };
}

async function readAll({ read }: ReturnType<typeof source>, until: number) {
  const times: number[] = [];
  const notes: string[] = [];
  for (let from = 0; from < until; ) {
    const { events, readTo, note } = await read(from, until, never);
    expect(readTo).toBeGreaterThan(from);
    times.push(...events.map(({ ts }) => ts));
    if (note !== undefined) notes.push(note);
    from = readTo;
  }
  return { times, notes };
}

const too = (code: "source-answer-too-large" | "source-timed-out") =>
  new SourceError("too much", { code, retryable: true });

describe("makeWindowReader", () => {
  it("gives everything once, in order, in windows that fit", async () => {
    const times = Array.from({ length: 500 }, (_, index) => index * 37);
    const one = source(times);
    expect((await readAll(one, 20_000)).times).toEqual(times);
    // Not every window is tried too wide first.
    expect(one.asked.length).toBeLessThan(120);
  });

  it("widens its window where there is little", async () => {
    const one = source([]);
    await readAll(one, 1_000_000);
    expect(one.asked.length).toBeLessThan(20);
  });

  it("says when a millisecond holds more than an answer, and goes on behind it", async () => {
    const one = source([...Array.from({ length: 25 }, () => 500), 501, 900]);
    const { times, notes } = await readAll(one, 1_000);
    expect(times).toEqual([...Array.from({ length: 10 }, () => 500), 501, 900]);
    expect(notes).toEqual([
      expect.stringMatching(/^more events within one millisecond \(1970-01-01T00:00:00.500Z\)/),
    ]);
  });

  it("asks for less where the answer was too large", async () => {
    const times = Array.from({ length: 50 }, (_, index) => index * 20);
    const one = source(times, {
      refuse: (width) => (width > 100 ? too("source-answer-too-large") : undefined),
    });
    expect((await readAll(one, 1_000)).times).toEqual(times);
  });

  it("asks for less the next time where the answer took too long", async () => {
    const one = source([5], { refuse: (width) => (width > 300 ? too("source-timed-out") : undefined) });
    await expect(one.read(0, 1_000, never)).rejects.toMatchObject({ code: "source-timed-out" });
    await expect(one.read(0, 1_000, never)).rejects.toMatchObject({ code: "source-timed-out" });
    expect(await one.read(0, 1_000, never)).toMatchObject({ readTo: 250 });
  });
});
