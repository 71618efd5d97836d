// A server that ended for want of room recovers before it answers, and may not answer at all until there is some.
import { HealError } from "../../domain/errors.ts";
import { systemClock } from "../../domain/system-clock.ts";

/** For an action that waits so: recovery after a crash reads the log since the last checkpoint. */
export const RECOVERY_LIMIT_MS = 180_000;
const PATIENCE_MS = 150_000;
const POLL_MS = 250;

/**
 * Connects and does its work once; while nobody is reached it tries again. `connect` calls `answered` as soon as it is in:
 * what fails from then on is told at once.
 */
export async function onceItAnswers(
  connect: (answered: () => void) => Promise<string>,
  signal: AbortSignal,
): Promise<string> {
  const deadline = Date.now() + PATIENCE_MS;
  let isIn = false;
  for (;;) {
    try {
      return await connect(() => {
        isIn = true;
      });
    } catch (error) {
      const mayCome = error instanceof HealError && error.code === "database-not-reached";
      if (isIn || !mayCome || Date.now() > deadline) throw error;
    }
    await systemClock.sleep(POLL_MS, signal);
  }
}

/** For a catch: without room it may not answer, or take no session. A refusal, or what is no answer of a server, is told. */
export async function silent(error: unknown): Promise<undefined> {
  const told = error instanceof HealError && ["database-refused", "no-database"].includes(error.code);
  if (told || !(error instanceof HealError)) throw error;
}
