// The messages of OTLP traces, as bytes and as JSON; of a span only what is read. Numbers of fields are those of
// https://github.com/open-telemetry/opentelemetry-proto, trace/v1/trace.proto.
import protobuf from "protobufjs";
import { z } from "zod";
import { big, bytes, commonMessages, keyValue } from "../log-sources/otlp-schema.ts";

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceSpans resource_spans = 1; }
  message ResourceSpans { Resource resource = 1; repeated ScopeSpans scope_spans = 2; }
  message ScopeSpans { repeated Span spans = 2; }
  message Span {
    bytes trace_id = 1;
    bytes span_id = 2;
    bytes parent_span_id = 4;
    string name = 5;
    int32 kind = 6;
    fixed64 start_time_unix_nano = 7;
    fixed64 end_time_unix_nano = 8;
    repeated KeyValue attributes = 9;
    SpanStatus status = 15;
  }
  message SpanStatus { int32 code = 3; }
  ${commonMessages}
`);
const requestType = root.lookupType("Request");

/** Enums may come as numbers or, in JSON, as names. */
const enumeration = z.union([z.number(), z.string()]).optional();

const spanSchema = z.object({
  traceId: bytes,
  spanId: bytes,
  parentSpanId: bytes.nullable(),
  name: z.string().optional(),
  kind: enumeration,
  startTimeUnixNano: big,
  endTimeUnixNano: big,
  attributes: z.array(keyValue).optional(),
  status: z.object({ code: enumeration }).nullish(),
});

export const traceRequestSchema = z.object({
  resourceSpans: z
    .array(
      z.object({
        resource: z.object({ attributes: z.array(keyValue).optional() }).nullish(),
        scopeSpans: z.array(z.object({ spans: z.array(spanSchema).optional() })).optional(),
      }),
    )
    .optional(),
});
export type TraceRequest = z.infer<typeof traceRequestSchema>;
export type OtlpSpan = z.infer<typeof spanSchema>;

/** Throws what protobufjs throws for bytes that are no request. */
export function traceRequestOfBytes(body: Buffer): unknown {
  return requestType.toObject(requestType.decode(body), { longs: String });
}
