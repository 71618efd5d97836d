// Follows one pulled source for ever: poll, hand over, remember the place. A source that is down, slow or asks to be
// left alone is reported and waited for; an event is never lost by it, and given twice only after a crash, with the
// same id.
import type { Clock } from "../../domain/clock.ts";
import { HealError, messageOf } from "../../domain/errors.ts";
import { type Cursor, cursorSchema, type LogEvent, type LogSource, startingAt } from "./log-source.ts";
import { makeSourceBreaker } from "./source-breaker.ts";
import { FOLLOWING, type Report, type SourceStatus, statusReporter } from "./source-status.ts";
import { isSourceError, SourceError } from "./source-error.ts";

export interface CursorStore {
  /** What `save` was given last for this source. */
  load(source: string): Promise<unknown>;
  save(source: string, cursor: Cursor): Promise<void>;
}

export interface FollowSourceSettings {
  source: LogSource;
  cursors: CursorStore;
  /**
   * Resolves when the events are stored. After a crash between storing and `cursors.save` they are given again: a
   * store that leaves out a (source, rawId) it has, or that keeps `next` in the same transaction, has each event once.
   */
  onEvents(events: LogEvent[], next: Cursor): Promise<void>;
  /** Called when the source goes down, comes back, or has something else to say. */
  onStatus?: (status: SourceStatus) => void;
  /** Called after each poll: how far behind now the source is read. */
  onLag?: (lagMs: number) => void;
  clock: Clock;
  /** Between two looks at the head. */
  pollEveryMs?: number;
  /** How far back a source is read that was never read before. */
  lookBackMs?: number;
}

/** Resolves when aborted; never rejects. */
export async function followSource(settings: FollowSourceSettings, signal: AbortSignal): Promise<void> {
  const { source, clock, pollEveryMs = 5_000 } = settings;
  const report = statusReporter({ ...settings, source: source.name });
  const breaker = makeSourceBreaker();
  const saver = cursorSaver(settings);
  let cursor: Cursor | undefined;
  while (!signal.aborted) {
    let waitMs: number;
    try {
      cursor ??= await firstCursor(settings);
      const { next, more } = await step(settings, cursor, { report, saver }, signal);
      cursor = next;
      breaker.worked();
      waitMs = more ? 0 : pollEveryMs;
    } catch (error) {
      if (signal.aborted) break;
      waitMs = afterFailure(error, breaker, report);
    }
    await clock.sleep(waitMs, signal).catch(() => {});
  }
  await source.close?.().catch(() => {});
}

async function step(
  { source, onEvents, onLag }: FollowSourceSettings,
  cursor: Cursor,
  { report, saver }: { report: Report; saver: CursorSaver },
  signal: AbortSignal,
): Promise<{ next: Cursor; more: boolean }> {
  const { events, nextCursor, lagMs, more, note } = await source.poll(cursor, signal);
  try {
    if (events.length > 0) await onEvents(events, nextCursor);
    await saver(nextCursor, events.length > 0 || more);
  } catch (cause) {
    throw new StoreError(cause);
  }
  onLag?.(lagMs);
  report(true, note ?? FOLLOWING);
  return { next: nextCursor, more };
}

type CursorSaver = (cursor: Cursor, progress: boolean) => Promise<void>;

/** A quiet source moves on as well, but that is worth a write only now and then. */
const QUIET_SAVE_MS = 60_000;

function cursorSaver({ source, cursors, clock }: FollowSourceSettings): CursorSaver {
  let savedAt = Number.NEGATIVE_INFINITY;
  return async (cursor, progress) => {
    if (!progress && clock.now() - savedAt < QUIET_SAVE_MS) return;
    await cursors.save(source.name, cursor);
    savedAt = clock.now();
  };
}

/** Storing failed, which says nothing about the source. */
class StoreError extends HealError {
  constructor(cause: unknown) {
    super(`its events could not be stored: ${messageOf(cause)}`, {
      code: "events-not-stored",
      retryable: true,
      cause,
    });
  }
}

/** A beginning is stored before anything is read: a source that is down at first is read from there all the same. */
async function firstCursor({
  source,
  cursors,
  clock,
  lookBackMs = 0,
}: FollowSourceSettings): Promise<Cursor> {
  try {
    const stored = cursorSchema.safeParse(await cursors.load(source.name));
    if (stored.success) return stored.data;
    const begin = startingAt(clock.now() - lookBackMs);
    await cursors.save(source.name, begin);
    return begin;
  } catch (cause) {
    throw new StoreError(cause);
  }
}

function afterFailure(error: unknown, breaker: ReturnType<typeof makeSourceBreaker>, report: Report): number {
  const wait = breaker.failed(error instanceof SourceError ? error : undefined);
  // Being asked to wait is how a healthy source defends itself; only when it goes on is something wrong.
  const busy = isSourceError(error, "source-rate-limited") && !wait.open;
  const text = messageOf(error) + (wait.open ? `; next try in ${Math.round(wait.ms / 1_000)} s` : "");
  report(busy, text, error instanceof HealError ? error.hint : undefined);
  return wait.ms;
}
