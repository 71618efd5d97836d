// Asks Redis what it knows of itself. Only commands of a list can be sent, none of which changes anything; one
// connection, kept, since a full server has no place for a new one.
import { Redis } from "ioredis";
import { HealError, messageOf } from "../domain/errors.ts";
import { OWN_NAME } from "./redis-clients.ts";
import { withinLimit } from "./time-limit.ts";

/** Each with its subcommand, where there are others that write. */
const allowed = [
  "INFO",
  "CONFIG GET",
  "CLIENT LIST",
  "SLOWLOG GET",
  "MEMORY STATS",
  "MEMORY USAGE",
  "OBJECT FREQ",
  "LATENCY LATEST",
  "SCAN",
  "SELECT",
  "DBSIZE",
  "ACL WHOAMI",
  "ACL DRYRUN",
] as const;
export type RedisQuestion = (typeof allowed)[number];

export interface RedisReader {
  /** HealError "database-not-reached" (retryable), "database-refused" (no right to it), "database-answer". */
  ask(question: RedisQuestion, args?: readonly string[], signal?: AbortSignal): Promise<unknown>;
  close(): void;
}

/** The connections that readers keep, by address. A full server has no other place for us. */
const kept = new Map<string, Redis>();

/** The connection that a reader of this process has to this address just now. */
export function keptConnection(url: string): Redis | undefined {
  const redis = kept.get(url);
  return redis?.status === "ready" ? redis : undefined;
}

const WHOLE_MS = 2_000;
const IDLE_MS = 10 * 60_000;

export function makeRedisReader(url: string): RedisReader {
  let redis: Redis | undefined;
  let idle: NodeJS.Timeout | undefined;

  function close(): void {
    clearTimeout(idle);
    redis?.disconnect();
    if (redis !== undefined && kept.get(url) === redis) kept.delete(url);
    redis = undefined;
  }

  async function connected(): Promise<Redis> {
    if (redis?.status === "ready") return redis;
    close();
    let reason: unknown;
    const made = new Redis(url, {
      lazyConnect: true,
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
      connectionName: OWN_NAME,
      maxRetriesPerRequest: 0,
      retryStrategy: () => null,
      connectTimeout: WHOLE_MS,
      disconnectTimeout: 100,
    });
    made.on("error", (error: unknown) => {
      reason ??= error;
    });
    redis = made;
    await made.connect().catch((error: unknown) => {
      throw reason ?? error;
    });
    made.stream.unref();
    kept.set(url, made);
    return made;
  }

  async function send(question: RedisQuestion, args: readonly string[]): Promise<unknown> {
    if (!allowed.includes(question)) {
      throw new HealError(`Redis is not asked ${question}: it is not on the list.`, { code: "not-allowed" });
    }
    const [command = "", ...sub] = question.split(" ");
    const client = await connected();
    client.stream.ref();
    try {
      return await client.call(command, ...sub, ...args);
    } finally {
      client.stream.unref();
    }
  }

  return {
    close,
    async ask(question, args = [], signal) {
      clearTimeout(idle);
      idle = setTimeout(close, IDLE_MS).unref();
      try {
        return await withinLimit(WHOLE_MS, signal, () => send(question, args));
      } catch (error) {
        if (!isAnswer(error)) close();
        signal?.throwIfAborted();
        throw inWords(error);
      }
    },
  };
}

function isAnswer(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

function inWords(error: unknown): HealError {
  if (error instanceof HealError && error.code === "not-allowed") return error;
  const refused = isAnswer(error) && /^(?:NOPERM|NOAUTH|WRONGPASS)\b/.test(error.message);
  if (refused) {
    return new HealError(`Redis does not show it to this user: ${error.message}`, {
      code: "database-refused",
      hint: "opsmedic doctor prints the ACL rule that is missing.",
      cause: error,
    });
  }
  return new HealError(`Redis could not be asked: ${messageOf(error)}`, {
    code: isAnswer(error) ? "database-answer" : "database-not-reached",
    retryable: true,
    cause: error,
  });
}
