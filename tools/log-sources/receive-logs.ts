// What a posted request of logs is answered with: decoded, masked, and stored before it is said to be accepted. The
// routes hand over bytes and send what comes back.
import type { Clock } from "../../domain/clock.ts";
import { type Decoded, decodePostedLogs, type PostedBody } from "./http-logs.ts";
import type { Intake } from "./intake.ts";
import { type RawEvent, toEvents } from "./log-event.ts";

export interface Received {
  http: 202 | 400 | 413 | 415 | 429 | 503;
  /** Seconds for the header Retry-After. */
  retryAfter?: number;
  body: { accepted: number } | { error: string };
}

/** Understanding keeps others waiting: one request after the other. Storing is for all that are understood. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

export interface ReceiveSettings {
  /** Name of the source: "http". */
  source: string;
  intake: Intake;
  clock: Pick<Clock, "now">;
  /** Absent: at once. */
  inTurn?: InTurn;
}

/** POST /api/logs: NDJSON or a JSON array. */
export async function receiveLogs(posted: PostedBody, settings: ReceiveSettings): Promise<Received> {
  return receive(posted, decodePostedLogs, settings);
}

type Decode = (posted: PostedBody, about: { now: number }) => Promise<Decoded<{ events: RawEvent[] }>>;

export async function receive(
  posted: PostedBody,
  decode: Decode,
  { source, intake, clock, inTurn = (work) => work() }: ReceiveSettings,
): Promise<Received> {
  const understood = await inTurn(async () => {
    // Before unpacking and masking: a flood should cost little.
    if (intake.load() >= 1) return busy(1_000);
    const now = clock.now();
    const decoded = await decode(posted, { now });
    return decoded.status === "refused" ? decoded : toEvents(decoded.events, { source, ingestTs: now });
  });
  if ("body" in understood) return understood;
  if ("status" in understood) return { http: understood.http, body: { error: understood.reason } };
  const events = understood;
  const admission = await intake.take(events);
  switch (admission.status) {
    case "stored":
      return { http: 202, body: { accepted: events.length } };
    case "full":
      return busy(admission.retryAfterMs);
    case "unavailable":
      return {
        http: 503,
        retryAfter: 5,
        body: { error: `the events could not be stored: ${admission.reason}` },
      };
  }
}

function busy(retryAfterMs: number): Received {
  const retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return {
    http: 429,
    retryAfter,
    body: { error: "too many events are waiting; nothing of this request was taken" },
  };
}
