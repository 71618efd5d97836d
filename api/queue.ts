// The one queue of work, on whichever store is configured: Redis, a PostgreSQL server, or the embedded store.
// At least once: a job whose process was killed runs again, so a handler must be harmless to repeat. A job
// carries a name and a reason, never the state of the world: the handler looks for itself.
import type { JsonObject } from "../domain/json.ts";
import type { PgPoolLike } from "../knowledge/pool-db.ts";
import { makeProducers } from "./queue-producers.ts";
import { openQueueStore } from "./queue-store.ts";
import { makeWorkers } from "./queue-workers.ts";

export type Repeat = { everyMs: number } | { cron: string; timezone: string };

export interface EnqueueOptions {
  /** While a job of this name with this id is kept (waiting, delayed or running), the same id again does nothing. */
  id?: string;
  /**
   * While a job with this key waits, another enqueue does nothing. While it runs, the latest enqueue is kept and
   * leads to exactly one more run when it ends, since what it saw may be old by then.
   */
  dedupe?: string;
  delayMs?: number;
}

/** `signal` aborts when the queue is closed and the job did not end in the time it was given, or when its lock was lost. */
export type JobHandler = (data: JsonObject, job: { signal: AbortSignal; jobId: string }) => Promise<void>;

export interface Queue {
  readonly kind: "embedded" | "postgres" | "redis";
  /** Makes or changes a standing schedule; the same id again replaces it. Cron has five or six fields. */
  every(id: string, repeat: Repeat, name: string, data: JsonObject): Promise<void>;
  /** Ends a standing schedule; nothing happens where there is none. */
  stopEvery(id: string, name: string): Promise<void>;
  /** HealError "queue-unreachable" within seconds when the store does not take it. */
  enqueue(name: string, data: JsonObject, options?: EnqueueOptions): Promise<void>;
  /** Begins to take jobs of this name; up to `concurrency` of them at a time in this process. */
  process(name: string, handler: JobHandler, options: { concurrency: number }): Promise<void>;
  /** Jobs that are ready and that nobody has taken yet, of all names that this process used. */
  waiting(): Promise<number>;
  /**
   * Takes no more jobs, waits for the running ones up to `withinMs` (10 s by default), then aborts their signals
   * and lets go: what did not end runs again elsewhere. Leaves the pool open. Again: the same promise.
   */
  close(options?: { withinMs?: number }): Promise<void>;
}

export interface QueueTiming {
  /** What a producer waits for the store before it throws. */
  sendWithinMs: number;
  /** A killed worker's job is free for others after this; renewed at half of it. */
  lockMs: number;
  /** How often orphaned jobs are looked for. */
  orphansEveryMs: number;
  /** How long a failed job waits for its next attempt, doubled each time; three attempts in all. */
  retryAfterMs: number;
}

// lockMs must outlive the longest freeze of the event loop that the embedded store causes (seconds).
const usualTiming: QueueTiming = {
  sendWithinMs: 5_000,
  lockMs: 20_000,
  orphansEveryMs: 5_000,
  retryAfterMs: 1_000,
};

export interface QueueParts {
  /** Empty or absent: on `pool`. */
  redisUrl?: string | undefined;
  /** Of the store: a pg.Pool with "bullmq" in its search path (one connection a processed name is kept), or the embedded one. */
  pool?: PgPoolLike | undefined;
  /** Which store stands behind `pool`. */
  poolKind?: "embedded" | "postgres";
  /** Told what went wrong behind the scenes: a lost connection, a handler that threw. Must not throw. */
  onError: (error: unknown, where: string) => void;
  /** Separates several opsmedic on one Redis. */
  prefix?: string;
  timing?: Partial<QueueTiming>;
}

/** Opens the queue and makes sure that its store answers. HealError "queue-unreachable", "queue-no-store". */
export async function makeQueue(parts: QueueParts): Promise<Queue> {
  const timing = { ...usualTiming, ...parts.timing };
  const store = await openQueueStore(parts, timing);
  const producers = makeProducers(store, timing, parts.onError);
  const workers = makeWorkers(store, timing, parts.onError);
  let closing: Promise<void> | undefined;
  return {
    kind: store.kind,
    every: producers.every,
    stopEvery: producers.stopEvery,
    enqueue: producers.enqueue,
    waiting: producers.waiting,
    process: workers.process,
    close({ withinMs = 10_000 } = {}) {
      closing ??= (async () => {
        await workers.close(withinMs);
        await producers.close();
        store.close();
      })();
      return closing;
    },
  };
}
