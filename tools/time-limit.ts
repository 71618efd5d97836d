// A limit in time for anything that can hang: the work is told to stop, and the caller gets an answer at once
// even when the work does not listen.
import type { Clock } from "../domain/clock.ts";
import { HealError } from "../domain/errors.ts";

/** The code of the HealError that is thrown when the time is over. */
export const TIMED_OUT = "timed-out";

/**
 * Runs `work` for at most `ms` milliseconds. Rejects with HealError "timed-out" when the time is over, and with
 * the outer signal's reason when that is aborted first. Timer and listener are removed in every case: outer
 * signals live as long as the program, and a listener left behind for every probe would be a leak. With a clock, its
 * sleep measures the time.
 */
export async function withinLimit<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
  clock?: Pick<Clock, "sleep">,
): Promise<T> {
  outer?.throwIfAborted();
  const stop = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    stop.abort(reason);
    ended.reject(reason);
  };
  const cancelled = () => end(outer?.reason);
  const late = () => end(new HealError(`no answer within ${ms} ms`, { code: TIMED_OUT, retryable: true }));
  const timing = new AbortController();
  const timer = clock ? undefined : setTimeout(late, ms);
  clock?.sleep(ms, timing.signal).then(late, () => undefined);
  outer?.addEventListener("abort", cancelled, { once: true });
  try {
    return await Promise.race([work(stop.signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    timing.abort();
    outer?.removeEventListener("abort", cancelled);
  }
}
