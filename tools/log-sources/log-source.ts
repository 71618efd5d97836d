// What every outside log source gives, whatever it speaks: events read from a place that can be stored, so that a
// restart goes on where the last one ended. A source never guesses what was stored: its caller says so by the cursor.
import { z } from "zod";
import { type Json, jsonSchema } from "../../domain/json.ts";
import type { LogLevel } from "../../domain/log-level.ts";

/** One log event, masked and cut: safe to store and to show. */
export interface LogEvent {
  /** When it happened, Unix milliseconds. */
  ts: number;
  /** When opsmedic read it, Unix milliseconds. */
  ingestTs: number;
  /** Name of the source in the configuration. */
  source: string;
  /** As the source names it; empty when it does not say. */
  service: string;
  level: LogLevel;
  /** At most 32 kB. */
  message: string;
  attrs: Record<string, Json>;
  traceId: string | undefined;
  /** The same event has the same id whenever it is read; no two events of a source share one. */
  rawId: string;
}

/** Where reading goes on. Plain data; only the source that made it reads it. */
export const cursorSchema = z.object({
  /** Everything before it was read, or lies before the beginning. Unix milliseconds. */
  from: z.number(),
  /** Never read before this time: where the source began, or what had to be forgotten since. */
  begin: z.number(),
  /** Short ids of what was given out within the overlap, oldest first. */
  seen: z.array(z.tuple([z.number(), z.string()])),
  /** Read again from here at the latest when the head is reached: events there were still becoming visible. */
  recheck: z.number().optional(),
  /** A source's own place: a resume token, the last id of a page. */
  place: jsonSchema.optional(),
});
export type Cursor = z.infer<typeof cursorSchema>;

export interface Poll {
  /** Oldest first; never one that was given out before, as far as the cursor knows. */
  events: LogEvent[];
  /** To be stored after the events are, never before. */
  nextCursor: Cursor;
  /** How far reading is behind now, in milliseconds. */
  lagMs: number;
  /** There is more to read at once. */
  more: boolean;
  /** What the source could not give, for the operator. */
  note?: string;
}

export interface LogSource {
  readonly name: string;
  /**
   * One page. Reading twice with the same cursor gives the same events with the same ids.
   * Throws SourceError for what the source does wrong, and the signal's reason when aborted.
   */
  poll(cursor: Cursor, signal: AbortSignal): Promise<Poll>;
  close?(): Promise<void>;
}

/** Begins with events of this time, Unix milliseconds. */
export function startingAt(at: number): Cursor {
  return { from: at, begin: at, seen: [] };
}
