// One save for all who wait for one: whoever asks while a save goes on waits for the next one, which begins after a pause
// that is long where saving is slow, so that most of the time belongs to others.
import type { Clock } from "../domain/clock.ts";

/** Of the last save's duration. */
const PAUSE = 4;
const LONGEST_PAUSE_MS = 300;

export interface SaveTogether {
  /** Resolves when all that was there when it was asked for is saved; rejects where the store did not take it. */
  saved(): Promise<void>;
  /** The store took nothing the last time: it should be asked before more is taken in. */
  isBehind(): boolean;
}

export function makeSaveTogether({ save, clock }: { save: () => Promise<void>; clock: Clock }): SaveTogether {
  let last: Promise<void> = Promise.resolve();
  let next: Promise<void> | undefined;
  let freeAt = Number.NEGATIVE_INFINITY;
  let behind = false;

  async function saveAfter(before: Promise<void>): Promise<void> {
    await before.catch(() => undefined);
    const pause = freeAt - clock.now();
    if (pause > 0) await clock.sleep(Math.min(pause, LONGEST_PAUSE_MS));
    next = undefined;
    const begun = clock.now();
    try {
      await save();
      behind = false;
    } catch (error) {
      behind = true;
      throw error;
    } finally {
      const ended = clock.now();
      freeAt = ended + Math.min(PAUSE * (ended - begun), LONGEST_PAUSE_MS);
    }
  }

  return {
    saved() {
      next ??= last = saveAfter(last);
      return next;
    },
    isBehind: () => behind,
  };
}
