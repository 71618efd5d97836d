// Troubles of opsmedic's own, such as a store that does not answer: told when they begin and when they are over, not at each
// try, so that they hide nothing else in the log.
import type { Logger } from "pino";
import { messageOf } from "../domain/errors.ts";

export type LastingTroubles = ReturnType<typeof makeLastingTroubles>;

export function makeLastingTroubles(logger: Pick<Logger, "warn" | "debug">) {
  const lasting = new Map<string, string>();
  return {
    /** Never rejects. `what`: the same for each try of the same work, and of no other. */
    async around(what: string, work: () => Promise<void>): Promise<void> {
      try {
        await work();
      } catch (error) {
        const text = messageOf(error);
        const known = lasting.get(what) === text;
        lasting.set(what, text);
        logger[known ? "debug" : "warn"](
          { what, error: text },
          "cannot be done; it is tried again and again",
        );
        return;
      }
      if (lasting.delete(what)) logger.warn({ what }, "can be done again");
    },
  };
}
