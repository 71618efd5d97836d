// Logs and traces that are sent to us: POST /api/logs (NDJSON or a JSON array), POST /v1/logs and /v1/traces (OTLP). Bytes
// go on as they came; what they say, and whether there is room, is decided behind this door.
import readBody from "raw-body";
import type { Express, Request, RequestHandler, Response } from "express";
import type { Clock } from "../../domain/clock.ts";
import type { PostedBody } from "../../tools/log-sources/http-logs.ts";
import type { Intake } from "../../tools/log-sources/intake.ts";
import type { InTurn } from "../../tools/log-sources/receive-logs.ts";
import type { TraceSettings } from "../../tools/traces/receive-traces.ts";
import { makeIntakeRoom } from "./intake-room.ts";
import { admit, type Door } from "./register.ts";

export interface IntakeParts {
  intake: Intake;
  /** Absent: no traces are taken. */
  takeSpans?: TraceSettings["take"] | undefined;
  door: Door;
  clock: Pick<Clock, "now">;
}

/** Packed; what it may become unpacked is limited behind. */
const BODY_LIMIT = 4 * 1024 * 1024;

/** To be used before anything reads bodies. */
export function serveIntake(app: Express, { intake, takeSpans, door, clock }: IntakeParts): void {
  const room = makeIntakeRoom();
  const take = <Answer>(
    request: Request,
    handOn: (posted: PostedBody, inTurn: InTurn) => Promise<Answer>,
  ): Promise<Answer> => room.take(bytesOf(request), () => postedBy(request), handOn);

  app.post("/api/logs", operatorOnly(door, "/api/logs"), async (request, response) => {
    const { receiveLogs } = await import("../../tools/log-sources/receive-logs.ts");
    const { http, retryAfter, body } = await take(request, (posted, inTurn) =>
      receiveLogs(posted, { source: "http", intake, clock, inTurn }),
    );
    answer(response, http, retryAfter).json(body);
  });
  app.post("/v1/logs", operatorOnly(door, "/v1/logs"), async (request, response) => {
    const { receiveOtlp } = await import("../../tools/log-sources/otlp.ts");
    const { http, retryAfter, contentType, body } = await take(request, (posted, inTurn) =>
      receiveOtlp(posted, { source: "otlp", intake, clock, inTurn }),
    );
    answer(response, http, retryAfter).type(contentType).send(body);
  });
  if (takeSpans === undefined) return;
  app.post("/v1/traces", operatorOnly(door, "/v1/traces"), async (request, response) => {
    const { receiveTraces } = await import("../../tools/traces/receive-traces.ts");
    const { http, retryAfter, contentType, body } = await take(request, (posted, inTurn) =>
      receiveTraces(posted, { take: takeSpans, inTurn }),
    );
    answer(response, http, retryAfter).type(contentType).send(body);
  });
}

/** What its header says, which Node holds it to; without the header, the most that a body may have. */
function bytesOf(request: Request): number {
  return Math.min(Number(request.headers["content-length"] ?? BODY_LIMIT), BODY_LIMIT);
}

/** Who may send them may make services look sick. */
function operatorOnly(door: Door, path: string): RequestHandler {
  return async (request, response, next) => {
    await admit(request, response, { role: "operator", method: "post", path }, door);
    next();
  };
}

/** As it came, packed or not: express would unpack it, and knows other limits. */
async function postedBy(request: Request): Promise<PostedBody> {
  return {
    body: await readBody(request, { limit: BODY_LIMIT }),
    contentType: request.headers["content-type"],
    contentEncoding: request.headers["content-encoding"],
  };
}

function answer(response: Response, status: number, retryAfter: number | undefined): Response {
  if (retryAfter !== undefined) response.set("retry-after", String(retryAfter));
  return response.status(status);
}
