// Traces that OpenTelemetry exporters and collectors send: POST /v1/traces, JSON or protobuf, gzip or not.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
import type { CallSpan } from "../../domain/call-span.ts";
import { messageOf } from "../../domain/errors.ts";
import type { PostedBody } from "../log-sources/http-logs.ts";
import {
  answeredAs,
  type OtlpAnswer,
  PROTOBUF,
  readOtlp,
  refusedOtlp,
  takenOtlp,
} from "../log-sources/otlp.ts";
import { bytesOfResponse } from "../log-sources/otlp-schema.ts";
import type { InTurn } from "../log-sources/receive-logs.ts";
import { spansOf } from "./otlp-spans.ts";
import { traceRequestOfBytes, traceRequestSchema } from "./otlp-trace-schema.ts";

export interface TraceSettings {
  /** Counts them. Throws where nothing can be taken now: answered with 503. */
  take: (spans: readonly CallSpan[]) => void;
  /** Understanding keeps others waiting: one request after the other. */
  inTurn: InTurn;
}

const RETRY_AFTER_S = 5;

export async function receiveTraces(
  posted: PostedBody,
  { take, inTurn }: TraceSettings,
): Promise<OtlpAnswer> {
  return inTurn(async () => {
    const read = await readOtlp(posted, "ExportTraceServiceRequest", (body, type) =>
      spansOf(
        traceRequestSchema.parse(
          type === PROTOBUF ? traceRequestOfBytes(body) : JSON.parse(body.toString("utf8")),
        ),
      ),
    );
    if (read.status === "refused") return refusedOtlp(posted, read);
    const { spans, rejected } = read.request;
    try {
      take(spans);
    } catch (error) {
      const reason = `the spans could not be taken: ${messageOf(error)}`;
      return refusedOtlp(posted, { http: 503, retryAfter: RETRY_AFTER_S, reason });
    }
    return rejected === 0 ? takenOtlp(posted) : partlyTaken(posted, rejected);
  });
}

function partlyTaken(posted: PostedBody, count: number): OtlpAnswer {
  const reason = `${count} spans without service.name, ids or times were left out`;
  const contentType = answeredAs(posted);
  const body =
    contentType === PROTOBUF
      ? bytesOfResponse({ count, reason })
      : Buffer.from(
          JSON.stringify({ partialSuccess: { rejectedSpans: String(count), errorMessage: reason } }),
        );
  return { http: 200, contentType, body };
}
