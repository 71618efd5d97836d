// Servers on one store need not watch the same services: each has its own container engine and its own processes. A job for a
// service of another one is handed on, until that one takes it; where nobody does for long, nobody watches it any more.
import type { Logger } from "pino";
import type { JsonObject } from "../domain/json.ts";
import type { Queue } from "./queue.ts";

export interface HandOnParts {
  isService: (name: string) => boolean;
  queue: Pick<Queue, "enqueue">;
  logger: Pick<Logger, "warn">;
  /** From one try to the next at first, and at most. */
  wait?: { firstMs: number; mostMs: number };
}

/** With the usual waits some 20 minutes: a server that is started anew is back by then. */
const MOST_TRIES = 60;
const GROWS = 1.3;

/** Whether the job was handed on, and nothing is left to do here. */
export type HandOn = (job: JsonObject & { service: string; handedOn: number }) => Promise<boolean>;

export function makeHandOn({
  isService,
  queue,
  logger,
  wait = { firstMs: 200, mostMs: 30_000 },
}: HandOnParts): HandOn {
  return async function handOn(job) {
    const { service, handedOn: tries } = job;
    if (isService(service)) return false;
    if (tries >= MOST_TRIES) {
      logger.warn({ service }, "no server on this store watches it");
      return false;
    }
    // A key of its own: the same one would come back at once to whoever has just let go of it.
    await queue.enqueue(
      "heal",
      { ...job, handedOn: tries + 1 },
      {
        dedupe: `${service} handed on ${tries + 1}`,
        delayMs: Math.round(Math.min(wait.firstMs * GROWS ** tries, wait.mostMs)),
      },
    );
    return true;
  };
}
