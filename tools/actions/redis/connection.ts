// An action's own connection to Redis: opened for one step, bounded in time, closed after it. A server whose places are
// all taken has none for it; then the connection that the reader keeps is borrowed.
import type { Redis } from "ioredis";
import { HealError, messageOf } from "../../../domain/errors.ts";
import type { RedisDatabase } from "../../../domain/service.ts";
import { OWN_NAME } from "../../redis-clients.ts";
import { infoOf } from "../../redis-look.ts";
import { withinLimit } from "../../time-limit.ts";
import type { ActionContext } from "../../action.ts";

const CONNECT_MS = 3_000;
const COMMAND_MS = 5_000;

export interface RedisDoor {
  /** HealError "database-refused" (no right to it), "database-answer" (it said no), "database-not-reached" (retryable). */
  ask(command: string, ...words: readonly string[]): Promise<unknown>;
  info(section: string): Promise<Record<string, string>>;
}

/** HealError "no-database" for a service that is no Redis. */
export function redisOf({ service }: ActionContext): RedisDatabase {
  if (service.database?.kind === "redis") return service.database;
  throw new HealError(`${service.name} is no Redis of the configuration`, {
    code: "no-database",
    hint: "give the service a redis.url in the configuration",
  });
}

export async function withRedis<T>(
  context: ActionContext,
  work: (door: RedisDoor) => Promise<T>,
): Promise<T> {
  const { url } = redisOf(context);
  const { Redis } = await import("ioredis");
  const own = new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    connectionName: OWN_NAME,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: CONNECT_MS,
    disconnectTimeout: 100,
  });
  try {
    return await work(doorTo(await connected(own, url), context.signal));
  } finally {
    own.disconnect();
  }
}

async function connected(own: Redis, url: string): Promise<Redis> {
  let reason: unknown;
  own.on("error", (error: unknown) => {
    reason ??= error;
  });
  try {
    await own.connect();
    // A full server closes the connection at the first word; a busy one answers that it is busy.
    await own.call("PING").catch((error: unknown) => {
      if (!isAnswer(error) || /max number of clients/.test(error.message)) throw error;
    });
    return own;
  } catch (error) {
    const { keptConnection } = await import("../../redis-reader.ts");
    const borrowed = keptConnection(url);
    if (borrowed !== undefined) return borrowed;
    throw inWords(reason ?? error);
  }
}

function doorTo(redis: Redis, signal: AbortSignal): RedisDoor {
  async function ask(command: string, ...words: readonly string[]): Promise<unknown> {
    try {
      const [name = "", ...sub] = command.split(" ");
      return await withinLimit(COMMAND_MS, signal, () => redis.call(name, ...sub, ...words));
    } catch (error) {
      signal.throwIfAborted();
      throw inWords(error);
    }
  }
  return { ask, info: async (section) => infoOf(await ask("INFO", section)) };
}

function isAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

function inWords(error: unknown): HealError {
  if (isAnswer(error) && /^(?:NOPERM|NOAUTH|WRONGPASS)\b/.test(error.message)) {
    return new HealError(`Redis does not let this user do it: ${error.message}`, {
      code: "database-refused",
      hint: "opsmedic doctor prints the ACL rule that is missing.",
      cause: error,
    });
  }
  return new HealError(
    isAnswer(error) ? `Redis said no: ${error.message}` : `Redis could not be reached: ${messageOf(error)}`,
    { code: isAnswer(error) ? "database-answer" : "database-not-reached", retryable: true, cause: error },
  );
}
