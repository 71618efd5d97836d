// A queue on a named store, opened the same way by tests and by the processes that tests kill.
import { Pool } from "pg";
import { makeQueue, type Queue, type QueueTiming } from "../../api/queue.ts";
import { openPglite } from "../../knowledge/pglite-db.ts";

export type QueueWhere =
  | { kind: "redis"; url: string; prefix: string }
  | { kind: "postgres"; url: string }
  | { kind: "embedded"; dataDir: string };

export interface OpenQueue extends AsyncDisposable {
  queue: Queue;
  errors: string[];
}

/** Short, so that a killed worker's job is taken over within a test. */
export const quickTiming: QueueTiming = {
  sendWithinMs: 5_000,
  lockMs: 2_000,
  orphansEveryMs: 500,
  retryAfterMs: 20,
};

export async function openQueue(
  where: QueueWhere,
  timing: Partial<QueueTiming> = quickTiming,
): Promise<OpenQueue> {
  const errors: string[] = [];
  const store = await openPool(where);
  const queue = await makeQueue({
    ...(where.kind === "redis" ? { redisUrl: where.url, prefix: where.prefix } : {}),
    ...(where.kind === "redis" ? {} : { pool: store.pool, poolKind: where.kind }),
    timing,
    onError: (error, place) => errors.push(`${place}: ${String(error)}`),
  });
  return {
    queue,
    errors,
    async [Symbol.asyncDispose]() {
      await queue.close({ withinMs: 100 });
      await store.close();
    },
  };
}

async function openPool(where: QueueWhere): Promise<{ pool?: Pool; close(): Promise<void> }> {
  if (where.kind === "redis") return { close: () => Promise.resolve() };
  if (where.kind === "embedded") return openPglite({ dataDir: where.dataDir });
  const pool = new Pool({ connectionString: where.url, max: 10, options: "-c search_path=bullmq,public" });
  pool.on("error", () => undefined);
  return { pool, close: () => pool.end() };
}
