// GET /api/stream: what happens, as server-sent events (WHATWG HTML, section 9.2). Events are numbered; a client that
// was away for minutes gets what it missed by Last-Event-ID, and after that a "resync": read everything again.
import type { RequestHandler, Response } from "express";
import type { Clock } from "../../domain/clock.ts";
import type { JsonObject } from "../../domain/json.ts";
import type { LiveEvent, LiveEvents } from "../operations.ts";
import { HttpProblem } from "./problem.ts";

export interface Envelope {
  v: 1;
  seq: number;
  /** ISO 8601 */
  ts: string;
  topic: LiveEvent["topic"] | "stream";
  type: string;
  data: JsonObject;
}

export interface StreamLimits {
  keptMs: number;
  keptEvents: number;
  clients: number;
  heartbeatMs: number;
  /** A slow client gets no more metrics above the first, and is let go above the second; bytes. */
  slowAt: number;
  letGoAt: number;
}

const usual: StreamLimits = {
  keptMs: 5 * 60_000,
  keptEvents: 5_000,
  clients: 200,
  heartbeatMs: 15_000,
  slowAt: 1_000_000,
  letGoAt: 8_000_000,
};

export function makeEventStream({
  live,
  clock,
  limits = {},
}: {
  live: LiveEvents;
  clock: Clock;
  limits?: Partial<StreamLimits>;
}): RequestHandler {
  const { keptMs, keptEvents, clients, heartbeatMs, slowAt, letGoAt } = { ...usual, ...limits };
  const kept: { at: number; envelope: Envelope }[] = [];
  const listening = new Set<Response>();
  // Begins above everything that an earlier process gave out, so that an old number is never taken for a new one.
  const first = clock.now() * 1_000;
  let seq = first;

  live.subscribe((event) => {
    seq += 1;
    const envelope = enveloped(seq, event.at, event.topic, typeOf(event), event.data);
    kept.push({ at: clock.now(), envelope });
    forget();
    for (const response of listening) tell(response, envelope);
  });

  function forget(): void {
    const oldest = clock.now() - keptMs;
    let gone = Math.max(0, kept.length - keptEvents);
    while ((kept[gone]?.at ?? Infinity) < oldest) gone += 1;
    kept.splice(0, gone);
  }

  function tell(response: Response, envelope: Envelope): void {
    if (response.writableLength > letGoAt) response.destroy();
    else if (envelope.topic !== "metrics" || response.writableLength <= slowAt)
      response.write(frame(envelope));
  }

  /** undefined: too long ago, or not a number of this process. */
  function missedSince(last: number): Envelope[] | undefined {
    forget();
    const oldest = kept[0]?.envelope.seq ?? seq + 1;
    if (last > seq || last < oldest - 1) return undefined;
    return kept.filter((one) => one.envelope.seq > last).map((one) => one.envelope);
  }

  function greet(response: Response, lastEventId: string | undefined): void {
    const now = clock.now();
    const hello = { seq, serverTime: new Date(now).toISOString(), heartbeatMs };
    response.write(frame(enveloped(seq, now, "stream", "hello", hello), false));
    if (lastEventId === undefined) return;
    const missed = /^\d{1,16}$/.test(lastEventId) ? missedSince(Number(lastEventId)) : undefined;
    if (missed) for (const one of missed) response.write(frame(one));
    else response.write(frame(enveloped(seq, now, "stream", "resync", {})));
  }

  return (request, response) => {
    if (listening.size >= clients) throw new HttpProblem(503, "too_many_streams", "Too many listen already.");
    response.writeHead(200, {
      "content-type": "text/event-stream",
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    });
    if (request.method === "HEAD") {
      response.end();
      return;
    }
    greet(response, request.headers["last-event-id"]?.toString());
    listening.add(response);
    const heartbeat = setInterval(() => response.write(": still here\n\n"), heartbeatMs);
    response.on("close", () => {
      clearInterval(heartbeat);
      listening.delete(response);
    });
  };
}

function enveloped(
  seq: number,
  at: number,
  topic: Envelope["topic"],
  type: string,
  data: JsonObject,
): Envelope {
  return { v: 1, seq, ts: new Date(at).toISOString(), topic, type, data };
}

/** What happened within the topic; where the event does not say, it changed. */
function typeOf({ data }: LiveEvent): string {
  return typeof data["type"] === "string" ? data["type"] : "changed";
}

/** A greeting has no number: it must not move the client's place. */
function frame(envelope: Envelope, numbered = true): string {
  return `${numbered ? `id: ${envelope.seq}\n` : ""}event: ${envelope.topic}\ndata: ${JSON.stringify(envelope)}\n\n`;
}
