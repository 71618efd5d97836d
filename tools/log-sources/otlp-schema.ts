// The messages of OTLP logs, as bytes and as JSON. Numbers of fields are those of
// https://github.com/open-telemetry/opentelemetry-proto, logs/v1/logs.proto and common/v1/common.proto.
import protobuf from "protobufjs";
import { z } from "zod";

/** What signals of every kind are made of; each kind adds its own. `rejected_log_records` is number 1 of each kind. */
export const commonMessages = `
  message Resource { repeated KeyValue attributes = 1; }
  message Scope { string name = 1; string version = 2; }
  message KeyValue { string key = 1; AnyValue value = 2; }
  message AnyValue {
    oneof value {
      string string_value = 1;
      bool bool_value = 2;
      int64 int_value = 3;
      double double_value = 4;
      ArrayValue array_value = 5;
      KeyValueList kvlist_value = 6;
      bytes bytes_value = 7;
    }
  }
  message ArrayValue { repeated AnyValue values = 1; }
  message KeyValueList { repeated KeyValue values = 1; }
  message Response { PartialSuccess partial_success = 1; }
  message PartialSuccess { int64 rejected_log_records = 1; string error_message = 2; }
  message Status { int32 code = 1; string message = 2; }
`;

const { root } = protobuf.parse(`
  syntax = "proto3";
  message Request { repeated ResourceLogs resource_logs = 1; }
  message ResourceLogs { Resource resource = 1; repeated ScopeLogs scope_logs = 2; }
  message ScopeLogs { Scope scope = 1; repeated LogRecord log_records = 2; }
  message LogRecord {
    fixed64 time_unix_nano = 1;
    int32 severity_number = 2;
    string severity_text = 3;
    AnyValue body = 5;
    repeated KeyValue attributes = 6;
    bytes trace_id = 9;
    bytes span_id = 10;
    fixed64 observed_time_unix_nano = 11;
    string event_name = 12;
  }
  ${commonMessages}
`);
const requestType = root.lookupType("Request");
const responseType = root.lookupType("Response");
const statusType = root.lookupType("Status");

/** 64-bit numbers are text in JSON, and yet the exporter of JavaScript sends numbers. */
export const big = z.union([z.string().regex(/^-?\d+$/), z.number()]).optional();
export const bytes = z.union([z.string(), z.instanceof(Uint8Array)]).optional();

export interface AnyValue {
  stringValue?: string | undefined;
  boolValue?: boolean | undefined;
  intValue?: string | number | undefined;
  doubleValue?: number | string | undefined;
  arrayValue?: { values?: AnyValue[] | undefined } | undefined;
  kvlistValue?: { values?: KeyValue[] | undefined } | undefined;
  bytesValue?: string | Uint8Array | undefined;
}
export interface KeyValue {
  key: string;
  value?: AnyValue | null | undefined;
}

const anyValue: z.ZodType<AnyValue> = z.object({
  stringValue: z.string().optional(),
  boolValue: z.boolean().optional(),
  intValue: big,
  doubleValue: z.union([z.number(), z.string()]).optional(),
  get arrayValue() {
    return z.object({ values: z.array(anyValue).optional() }).optional();
  },
  get kvlistValue() {
    return z.object({ values: z.array(keyValue).optional() }).optional();
  },
  bytesValue: bytes,
});
export const keyValue: z.ZodType<KeyValue> = z.object({ key: z.string(), value: anyValue.nullish() });

const recordSchema = z.object({
  timeUnixNano: big,
  observedTimeUnixNano: big,
  severityNumber: z.union([z.number(), z.string()]).optional(),
  severityText: z.string().optional(),
  body: anyValue.nullish(),
  attributes: z.array(keyValue).optional(),
  traceId: bytes,
  spanId: bytes,
  eventName: z.string().optional(),
});

export const requestSchema = z.object({
  resourceLogs: z
    .array(
      z.object({
        resource: z.object({ attributes: z.array(keyValue).optional() }).nullish(),
        scopeLogs: z
          .array(
            z.object({
              scope: z.object({ name: z.string().optional() }).nullish(),
              logRecords: z.array(recordSchema).optional(),
            }),
          )
          .optional(),
      }),
    )
    .optional(),
});
export type OtlpRequest = z.infer<typeof requestSchema>;
export type OtlpRecord = z.infer<typeof recordSchema>;

/** Throws what protobufjs throws for bytes that are no request. */
export function requestOfBytes(body: Buffer): unknown {
  return requestType.toObject(requestType.decode(body), { longs: String });
}

/** `rejected`: how many records were left out, and why. */
export function bytesOfResponse(rejected?: { count: number; reason: string }): Buffer {
  const partialSuccess = rejected && { rejectedLogRecords: rejected.count, errorMessage: rejected.reason };
  return Buffer.from(responseType.encode(partialSuccess ? { partialSuccess } : {}).finish());
}

/** google.rpc.Status, as the specification wants errors. */
export function bytesOfStatus(message: string): Buffer {
  return Buffer.from(statusType.encode({ message }).finish());
}
