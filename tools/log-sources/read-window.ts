// Sources without a place to go on from are asked for windows of time. A window that holds more than one answer can
// carry is halved until it fits, down to a millisecond.
import type { RawEvent } from "./log-event.ts";
import { isSourceError } from "./source-error.ts";

export interface WindowPart {
  events: RawEvent[];
  /** Everything in [from, readTo) is in `events`; undefined when nothing can be said: the window was too wide. */
  readTo: number | undefined;
  /** What the source could not give. */
  note?: string | undefined;
}

export type ReadPart = (from: number, until: number, signal: AbortSignal) => Promise<WindowPart>;

export interface WindowRead {
  events: RawEvent[];
  readTo: number;
  note?: string | undefined;
}

const PATIENCE = 8;

/** `part` reads one window in one answer. The width that worked is where the next read begins. */
export function makeWindowReader(
  part: ReadPart,
  { widestMs = 24 * 3_600_000, firstMs = 600_000 }: { widestMs?: number; firstMs?: number } = {},
): (from: number, until: number, signal: AbortSignal) => Promise<WindowRead> {
  let width = firstMs;
  /** How many windows are read before a wider one is tried again. */
  let patience = 0;

  function narrow(from: number, to: number): void {
    width = Math.max(1, Math.floor((to - from) / 2));
    patience = PATIENCE;
  }

  async function attempt(from: number, to: number, signal: AbortSignal): Promise<WindowPart> {
    try {
      return await part(from, to, signal);
    } catch (error) {
      // Asked again for as much, it would take as long again.
      if (isSourceError(error, "source-timed-out")) narrow(from, to);
      if (isSourceError(error, "source-answer-too-large")) return { events: [], readTo: undefined };
      throw error;
    }
  }

  return async (from, until, signal) => {
    for (;;) {
      const to = Math.min(until, from + width);
      const { events, readTo, note } = await attempt(from, to, signal);
      if (readTo !== undefined && readTo > from) {
        if (patience > 0) patience -= 1;
        else width = Math.min(widestMs, Math.max(width, to - from) * 2);
        return { events, readTo, note };
      }
      // Not even one millisecond fits: what was given is taken, and it is said that more was there.
      if (to - from <= 1) {
        const note = `more events within one millisecond (${new Date(from).toISOString()}) than the source gives out`;
        return { events, readTo: from + 1, note };
      }
      narrow(from, to);
    }
  };
}
