// Putting jobs in: one BullMQ queue a job name, made when first used, every call limited in time.
import type { JobsOptions } from "bullmq";
import { withinLimit } from "../tools/time-limit.ts";
import type { EnqueueOptions, Queue, QueueTiming, Repeat } from "./queue.ts";
import { type Jobs, type QueueStore, unreachable } from "./queue-store.ts";

/** What a name needs to be waited for: nothing of a job that ended well, a bounded trail of the ones that failed. */
const kept = (timing: QueueTiming) => ({
  attempts: 3,
  backoff: { type: "exponential", delay: timing.retryAfterMs },
  removeOnComplete: true,
  removeOnFail: { age: 86_400, count: 500 },
});

/** BullMQ reads ":" as a separator. */
const safe = (id: string): string => encodeURIComponent(id);

export function makeProducers(
  store: QueueStore,
  timing: QueueTiming,
  onError: (error: unknown, where: string) => void,
): Pick<Queue, "every" | "stopEvery" | "enqueue" | "waiting"> & { close(): Promise<void> } {
  const queues = new Map<string, Jobs>();

  function queueOf(name: string): Jobs {
    const known = queues.get(name);
    if (known) return known;
    const queue = store.queue(name);
    queue.on("error", (error) => onError(error, `queue ${name}`));
    queues.set(name, queue);
    return queue;
  }

  /** A store that is away must not hang whoever asks. */
  async function limited<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await withinLimit(timing.sendWithinMs, undefined, async () => {
        await store.ready();
        return work();
      });
    } catch (error) {
      throw unreachable(store.kind, error);
    }
  }

  return {
    async every(id, repeat, name, data) {
      await limited(() =>
        queueOf(name).upsertJobScheduler(safe(id), repeatOf(repeat), { name, data, opts: kept(timing) }),
      );
    },
    async stopEvery(id, name) {
      await limited(() => queueOf(name).removeJobScheduler(safe(id)));
    },
    async enqueue(name, data, options = {}) {
      await limited(() => queueOf(name).add(name, data, { ...kept(timing), ...jobOptions(options) }));
    },
    async waiting() {
      const counts = await limited(() =>
        Promise.all([...queues.values()].map((one) => one.getWaitingCount())),
      );
      return counts.reduce((sum, one) => sum + one, 0);
    },
    async close() {
      await Promise.all(
        [...queues.values()].map((one) =>
          withinLimit(2_000, undefined, () => one.close()).catch(onErrorOf("close")),
        ),
      );
    },
  };

  function onErrorOf(where: string): (error: unknown) => void {
    return (error) => onError(error, where);
  }
}

function repeatOf(repeat: Repeat): { every: number } | { pattern: string; tz: string } {
  return "everyMs" in repeat ? { every: repeat.everyMs } : { pattern: repeat.cron, tz: repeat.timezone };
}

function jobOptions({ id, dedupe, delayMs }: EnqueueOptions): JobsOptions {
  return {
    ...(id === undefined ? {} : { jobId: `job-${safe(id)}` }),
    ...(dedupe === undefined ? {} : { deduplication: { id: safe(dedupe), keepLastIfActive: true } }),
    ...(delayMs === undefined ? {} : { delay: delayMs }),
  };
}
