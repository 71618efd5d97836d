// A limit in time for anything that can hang: the work is told to stop, and the caller gets an answer at once
// even when the work does not listen.
import { HealError } from "../domain/errors.ts";

/** The code of the HealError that is thrown when the time is over. */
export const TIMED_OUT = "timed-out";

/**
 * Runs `work` for at most `ms` milliseconds. Rejects with HealError "timed-out" when the time is over, and with
 * the outer signal's reason when that is aborted first. Timer and listener are removed in every case: outer
 * signals live as long as the program, and a listener left behind for every probe would be a leak.
 */
export async function withinLimit<T>(
  ms: number,
  outer: AbortSignal | undefined,
  work: (stop: AbortSignal) => Promise<T>,
): Promise<T> {
  outer?.throwIfAborted();
  const stop = new AbortController();
  const ended = Promise.withResolvers<never>();
  const end = (reason: unknown) => {
    stop.abort(reason);
    ended.reject(reason);
  };
  const cancelled = () => end(outer?.reason);
  const timer = setTimeout(
    () => end(new HealError(`no answer within ${ms} ms`, { code: TIMED_OUT, retryable: true })),
    ms,
  );
  outer?.addEventListener("abort", cancelled, { once: true });
  try {
    return await Promise.race([work(stop.signal), ended.promise]);
  } finally {
    clearTimeout(timer);
    outer?.removeEventListener("abort", cancelled);
  }
}
