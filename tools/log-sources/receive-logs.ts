// What a posted request of logs is answered with: decoded, masked, and stored before it is said to be accepted. The
// routes hand over bytes and send what comes back.
import type { Clock } from "../../domain/clock.ts";
import { decodePostedLogs, type PostedBody } from "./http-logs.ts";
import type { Intake } from "./intake.ts";
import { type RawEvent, toEvents } from "./log-event.ts";

export interface Received {
  http: 202 | 400 | 413 | 415 | 429 | 503;
  /** Seconds for the header Retry-After. */
  retryAfter?: number;
  body: { accepted: number } | { error: string };
}

export interface ReceiveSettings {
  /** Name of the source: "http". */
  source: string;
  intake: Intake;
  clock: Pick<Clock, "now">;
}

/** POST /api/logs: NDJSON or a JSON array. */
export async function receiveLogs(posted: PostedBody, settings: ReceiveSettings): Promise<Received> {
  // Before unpacking and masking: a flood should cost little.
  const early = turnedAway(settings.intake);
  if (early !== undefined) return early;
  const decoded = await decodePostedLogs(posted, { now: settings.clock.now() });
  if (decoded.status === "refused") return { http: decoded.http, body: { error: decoded.reason } };
  return admit(decoded.events, settings);
}

export async function admit(raws: readonly RawEvent[], settings: ReceiveSettings): Promise<Received> {
  const { source, intake, clock } = settings;
  const events = await toEvents(raws, { source, ingestTs: clock.now() });
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

export function turnedAway(intake: Intake): Received | undefined {
  return intake.load() >= 1 ? busy(1_000) : undefined;
}

function busy(retryAfterMs: number): Received {
  const retryAfter = Math.max(1, Math.ceil(retryAfterMs / 1_000));
  return {
    http: 429,
    retryAfter,
    body: { error: "too many events are waiting; nothing of this request was taken" },
  };
}
