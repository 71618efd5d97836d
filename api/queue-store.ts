// Where jobs are kept: which backend of BullMQ and which connection. The rest of the queue does not know.
import { once } from "node:events";
import {
  createPostgresBackend,
  type Job,
  type JobSchedulerTemplateOptions,
  type JobsOptions,
  type PostgresConnectionOptions,
  type Processor,
  Queue as BullQueue,
  runMigrations,
  Worker,
} from "bullmq";
import { Redis } from "ioredis";
import { HealError, messageOf } from "../domain/errors.ts";
import type { JsonObject } from "../domain/json.ts";
import type { PgPoolLike } from "../knowledge/pool-db.ts";
import type { QueueParts, QueueTiming } from "./queue.ts";

/** The slices of BullMQ that are used; its full types differ by backend. */
export interface Jobs {
  on(event: "error", listener: (error: Error) => void): unknown;
  add(name: string, data: JsonObject, options: JobsOptions): Promise<unknown>;
  upsertJobScheduler(
    id: string,
    repeat: { every: number } | { pattern: string; tz: string },
    template: { name: string; data: JsonObject; opts: JobSchedulerTemplateOptions },
  ): Promise<unknown>;
  removeJobScheduler(id: string): Promise<boolean>;
  getWaitingCount(): Promise<number>;
  close(): Promise<void>;
}
export interface JobTaker {
  on(event: "error", listener: (error: Error) => void): unknown;
  on(event: "failed", listener: (job: Job | undefined, error: Error) => void): unknown;
  waitUntilReady(): Promise<unknown>;
  pause(doNotWaitActive: boolean): Promise<void>;
  close(force: boolean): Promise<void>;
}

export interface QueueStore {
  kind: "embedded" | "postgres" | "redis";
  queue(name: string): Jobs;
  worker(name: string, run: Processor, concurrency: number): JobTaker;
  /** Waits while a lost connection is being made again. */
  ready(): Promise<void>;
  /** After all queues and workers. */
  close(): void;
}

/** BullMQ's own names: letters that no backend reads as a separator. */
const queueName = (name: string): string => `opsmedic-${name}`;

export async function openQueueStore(parts: QueueParts, timing: QueueTiming): Promise<QueueStore> {
  if (parts.redisUrl) return openRedis(parts.redisUrl, parts.prefix ?? "opsmedic", timing, parts.onError);
  if (parts.pool) return openPool(parts.pool, parts.poolKind ?? "embedded", timing);
  throw new HealError("The queue has neither a Redis address nor a store to live on.", {
    code: "queue-no-store",
    hint: "Set REDIS_URL, or leave the queue on the store.",
  });
}

const workerOptions = (timing: QueueTiming, concurrency: number) => ({
  concurrency,
  lockDuration: timing.lockMs,
  stalledInterval: timing.orphansEveryMs,
  // A worker that is killed says nothing about its job: it is started again however often that happens.
  maxStalledCount: 1_000,
  runRetryDelay: 1_000,
});

async function openPool(
  pool: PgPoolLike,
  kind: "embedded" | "postgres",
  timing: QueueTiming,
): Promise<QueueStore> {
  const client = await pool.connect().catch((error: unknown) => {
    throw unreachable("the store", error);
  });
  try {
    await runMigrations(client, "bullmq");
  } finally {
    client.release();
  }
  // Every queue and worker listens for the pool's errors.
  pool.setMaxListeners(0);
  const connection = pool as PostgresConnectionOptions;
  return {
    kind,
    queue: (name) => new BullQueue(queueName(name), { connection }, createPostgresBackend),
    worker: (name, run, concurrency) =>
      new Worker(
        queueName(name),
        run,
        { connection, ...workerOptions(timing, concurrency) },
        createPostgresBackend,
      ),
    ready: () => Promise.resolve(),
    close: () => undefined,
  };
}

async function openRedis(
  url: string,
  prefix: string,
  timing: QueueTiming,
  onError: QueueParts["onError"],
): Promise<QueueStore> {
  const shown = maskRedis(url);
  // One connection for all producers. It keeps nothing for later: what was not sent is refused, not delivered
  // when nobody expects it any more. Workers bring their own, which wait for Redis as long as it takes.
  const producer = new Redis(url, { maxRetriesPerRequest: 1, enableOfflineQueue: false });
  producer.on("error", (error: unknown) => onError(error, `Redis at ${shown}`));
  const ready = async (): Promise<void> => {
    if (producer.status !== "ready")
      await once(producer, "ready", { signal: AbortSignal.timeout(timing.sendWithinMs) });
  };
  await ready().catch((error: unknown) => {
    producer.disconnect();
    throw unreachable(`Redis at ${shown} (no answer within ${timing.sendWithinMs} ms)`, error);
  });
  const consumer = { url, maxRetriesPerRequest: null };
  return {
    kind: "redis",
    ready,
    queue: (name) =>
      new BullQueue(queueName(name), { connection: producer, prefix, skipWaitingForReady: true }),
    worker: (name, run, concurrency) =>
      new Worker(queueName(name), run, {
        connection: consumer,
        prefix,
        ...workerOptions(timing, concurrency),
      }),
    close: () => producer.disconnect(),
  };
}

export function unreachable(where: string, error: unknown): HealError {
  return new HealError(`The queue does not answer: ${where}: ${messageOf(error)}.`, {
    code: "queue-unreachable",
    retryable: true,
    hint: "Start the server that REDIS_URL or DATABASE_URL names, or unset REDIS_URL to keep jobs in the store.",
    cause: error,
  });
}

function maskRedis(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return "an address that does not parse";
  }
}
