// Can Redis be reached, and does it answer PING with PONG? Redis also says by this answer what is wrong with the
// server: still loading, cannot save, busy with a script. These are told apart. One connection, closed again.
import { Redis } from "ioredis";
import { askOnce, type ProbeAnswer, type ProbeFailureWord, WrongAnswer } from "./probe-answer.ts";

/** First word of an error reply, see redis.io/docs "Error replies" and the server's shared objects. */
const byPrefix: Record<string, ProbeFailureWord> = {
  LOADING: "loading",
  MASTERDOWN: "loading",
  MISCONF: "misconf",
  NOAUTH: "auth",
  WRONGPASS: "auth",
  NOPERM: "auth",
  DENIED: "auth",
  BUSY: "busy",
};

/** Never throws. */
export function probeRedis(url: string, timeoutMs: number, signal?: AbortSignal): Promise<ProbeAnswer> {
  return askOnce({ timeoutMs }, signal, (stop) => ping(url, timeoutMs, stop));
}

async function ping(url: string, timeoutMs: number, stop: AbortSignal): Promise<void> {
  const redis = open(url, timeoutMs);
  const close = () => redis.disconnect();
  stop.addEventListener("abort", close, { once: true });
  // The calls below fail with "Connection is closed"; why it closed comes as an event.
  let reason: unknown;
  redis.on("error", (error: unknown) => {
    reason ??= error;
  });
  try {
    await redis.connect();
    const answer: string = await redis.ping();
    if (answer !== "PONG") throw new WrongAnswer("other", `answered ${answer} to PING`);
  } catch (error) {
    throw inWords(reason ?? error);
  } finally {
    close();
  }
}

/** No retries, no queue, no ready check, RESP2: one question on one connection, as plain as it can be. */
function open(url: string, timeoutMs: number): Redis {
  return new Redis(url, {
    lazyConnect: true,
    protocol: 2,
    enableReadyCheck: false,
    disableClientInfo: true,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    connectTimeout: timeoutMs,
    disconnectTimeout: 100,
  });
}

function inWords(error: unknown): unknown {
  if (!(error instanceof Error)) return error;
  if (/max number of clients/i.test(error.message)) {
    return new WrongAnswer("too-many-connections", error.message);
  }
  const failure = byPrefix[error.message.split(" ", 1)[0] ?? ""];
  return failure === undefined ? error : new WrongAnswer(failure, error.message);
}
