// Taking jobs out, and stopping gracefully: what runs may end, what does not end in time is left for others.
import type { Job } from "bullmq";
import { HealError } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import { withinLimit } from "../tools/time-limit.ts";
import type { JobHandler, Queue, QueueTiming } from "./queue.ts";
import type { JobTaker, QueueStore } from "./queue-store.ts";

/** What a handler gets to listen to its aborted signal before it is left behind. */
const LAST_WORDS_MS = 1_000;

export function makeWorkers(
  store: QueueStore,
  timing: QueueTiming,
  onError: (error: unknown, where: string) => void,
): Pick<Queue, "process"> & { close(withinMs: number): Promise<void> } {
  const workers = new Map<string, JobTaker>();
  const running = new Set<Promise<void>>();
  const stop = new AbortController();

  function tracked(handler: JobHandler) {
    // Three declared parameters: BullMQ makes a signal only for a function that takes one.
    return async (job: Job, _token: string | undefined, signal: AbortSignal | undefined): Promise<void> => {
      const either = signal ? AbortSignal.any([signal, stop.signal]) : stop.signal;
      const work = handler(job.data as JsonObject, { signal: either, jobId: job.id ?? "" });
      const ended = work.then(
        () => undefined,
        () => undefined,
      );
      running.add(ended);
      try {
        await work;
      } finally {
        running.delete(ended);
      }
    };
  }

  return {
    async process(name, handler, { concurrency }) {
      if (workers.has(name)) {
        throw new HealError(`Jobs named "${name}" are processed here already.`, { code: "queue-doubled" });
      }
      const worker = store.worker(name, tracked(handler), concurrency);
      workers.set(name, worker);
      worker.on("error", (error) => onError(error, `worker ${name}`));
      worker.on("failed", (job, error) => onError(error, `job ${name} ${job?.id ?? ""}`));
      await withinLimit(timing.sendWithinMs, undefined, () => worker.waitUntilReady());
    },
    async close(withinMs) {
      const all = [...workers.values()];
      // Nothing new is taken; what was fetched meanwhile is in `running` before this resolves.
      await Promise.all(
        all.map((worker) =>
          withinLimit(withinMs, undefined, () => worker.pause(true)).catch(() => undefined),
        ),
      );
      await endWithin(running, withinMs);
      stop.abort(new HealError("The queue is closing.", { code: "queue-closing", retryable: true }));
      await endWithin(running, LAST_WORDS_MS);
      await Promise.all(all.map((worker) => letGo(worker, running.size > 0)));
    },
  };

  async function letGo(worker: JobTaker, force: boolean): Promise<void> {
    await withinLimit(2_000, undefined, () => worker.close(force)).catch((error: unknown) =>
      onError(error, "closing a worker"),
    );
  }
}

async function endWithin(running: ReadonlySet<Promise<void>>, ms: number): Promise<void> {
  if (running.size === 0) return;
  await withinLimit(ms, undefined, () => Promise.all(running)).catch(() => undefined);
}
