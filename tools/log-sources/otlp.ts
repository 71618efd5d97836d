// Logs that OpenTelemetry exporters and collectors send: POST /v1/logs, JSON or protobuf, gzip or not.
// https://opentelemetry.io/docs/specs/otlp/#otlphttp
import { levelOfSeverityNumber } from "../../domain/log-level.ts";
import { type Decoded, idsByContent, type PostedBody } from "./http-logs.ts";
import type { RawEvent } from "./log-event.ts";
import {
  type AnyValue,
  bytesOfResponse,
  bytesOfStatus,
  type KeyValue,
  type OtlpRecord,
  type OtlpRequest,
  requestOfBytes,
  requestSchema,
} from "./otlp-schema.ts";
import { receive, type ReceiveSettings } from "./receive-logs.ts";
import { unzipped } from "./unzipped.ts";

export interface OtlpAnswer {
  http: 200 | 400 | 413 | 415 | 429 | 503;
  /** Seconds for the header Retry-After; exporters obey it for 429 and 503. */
  retryAfter?: number;
  /** That of the request; JSON where we do not speak it. */
  contentType: string;
  body: Buffer;
}

export const PROTOBUF = "application/x-protobuf";
const JSON_TYPE = "application/json";
const LARGEST_BODY_BYTES = 4 * 1024 * 1024;
const DEEPEST = 8;

/** POST /v1/logs */
export async function receiveOtlp(posted: PostedBody, settings: ReceiveSettings): Promise<OtlpAnswer> {
  const received = await receive(posted, decodeOtlp, settings);
  if (received.http === 202) return takenOtlp(posted);
  const { http, retryAfter, body } = received;
  return refusedOtlp(posted, { http, retryAfter, reason: "error" in body ? body.error : "" });
}

/** The answer that all was taken. */
export function takenOtlp(posted: PostedBody): OtlpAnswer {
  const contentType = answeredAs(posted);
  const body = contentType === PROTOBUF ? bytesOfResponse() : Buffer.from('{"partialSuccess":{}}');
  return { http: 200, contentType, body };
}

export function refusedOtlp(
  posted: PostedBody,
  {
    http,
    reason,
    retryAfter,
  }: Pick<OtlpAnswer, "http"> & { reason: string; retryAfter?: number | undefined },
): OtlpAnswer {
  const contentType = answeredAs(posted);
  const body =
    contentType === PROTOBUF ? bytesOfStatus(reason) : Buffer.from(JSON.stringify({ message: reason }));
  return { http, contentType, body, ...(retryAfter === undefined ? {} : { retryAfter }) };
}

export function answeredAs({ contentType }: PostedBody): typeof PROTOBUF | typeof JSON_TYPE {
  return mediaType(contentType) === PROTOBUF ? PROTOBUF : JSON_TYPE;
}

export async function decodeOtlp(
  posted: PostedBody,
  { now }: { now: number },
): Promise<Decoded<{ events: RawEvent[] }>> {
  const read = await readOtlp(posted, "ExportLogsServiceRequest", (body, type) =>
    requestSchema.parse(type === PROTOBUF ? requestOfBytes(body) : JSON.parse(body.toString("utf8"))),
  );
  return read.status === "refused" ? read : { status: "ok", events: eventsOf(read.request, now) };
}

/** The posted request, unpacked within its limit; `parse` throws where it is none. */
export async function readOtlp<Request>(
  { body, contentType, contentEncoding }: PostedBody,
  name: string,
  parse: (body: Buffer, type: string) => Request,
): Promise<Decoded<{ request: Request }>> {
  const type = mediaType(contentType);
  if (type !== PROTOBUF && type !== JSON_TYPE) {
    return {
      status: "refused",
      http: 415,
      reason: `content type ${type}: only ${JSON_TYPE} and ${PROTOBUF}`,
    };
  }
  const unpacked = await unzipped(body, contentEncoding, LARGEST_BODY_BYTES);
  if (unpacked.status === "refused") return unpacked;
  try {
    return { status: "ok", request: parse(unpacked.body, type) };
  } catch {
    return { status: "refused", http: 400, reason: `the body is no ${name} in ${type}` };
  }
}

function mediaType(header: string | undefined): string {
  return (header ?? "").split(";", 1)[0]?.trim().toLowerCase() ?? "";
}

function eventsOf({ resourceLogs = [] }: OtlpRequest, now: number): RawEvent[] {
  const ids = idsByContent();
  return resourceLogs.flatMap(({ resource, scopeLogs = [] }) => {
    const about = fieldsOf(resource?.attributes ?? []);
    return scopeLogs.flatMap(({ scope, logRecords = [] }) =>
      logRecords.map((record) =>
        eventOf(record, { ...about, ...(scope?.name ? { scope: scope.name } : {}) }, ids, now),
      ),
    );
  });
}

function eventOf(
  record: OtlpRecord,
  about: Record<string, unknown>,
  ids: ReturnType<typeof idsByContent>,
  now: number,
): RawEvent {
  const own = fieldsOf(record.attributes ?? []);
  const ts = millisOf(record.timeUnixNano) ?? millisOf(record.observedTimeUnixNano);
  const traceId = hexOf(record.traceId);
  const attrs = {
    ...about,
    ...own,
    ...(record.spanId === undefined ? {} : { spanId: hexOf(record.spanId) }),
  };
  const written = record.timeUnixNano ?? record.observedTimeUnixNano ?? now;
  const message = messageOf(record, own);
  return {
    ts: ts ?? now,
    service: typeof about["service.name"] === "string" ? about["service.name"] : undefined,
    level: levelOf(record),
    message,
    attrs,
    traceId,
    rawId: ids(
      JSON.stringify({
        written,
        message,
        attrs,
        traceId: traceId ?? "",
        severity: record.severityNumber ?? 0,
      }),
    ),
  };
}

function levelOf({ severityNumber, severityText }: OtlpRecord): string | undefined {
  // JSON may hold the number or the name of the enum: SEVERITY_NUMBER_ERROR2.
  const named =
    typeof severityNumber === "string" ? severityNumber.replace(/^SEVERITY_NUMBER_|\d$/g, "") : "";
  const level = levelOfSeverityNumber(Number(severityNumber ?? 0));
  return level ?? (named || severityText);
}

function messageOf({ body, eventName }: OtlpRecord, own: Record<string, unknown>): string {
  const value = body ? plain(body, 0) : undefined;
  const said =
    typeof value === "string" ? value : value === undefined ? (eventName ?? "") : JSON.stringify(value);
  // How recorded exceptions are attached: opentelemetry.io/docs/specs/semconv/exceptions/exceptions-logs
  const stack = own["exception.stacktrace"] ?? own["exception.message"];
  return typeof stack !== "string" || said.includes(stack) ? said : `${said}\n${stack}`.trim();
}

function fieldsOf(attributes: readonly KeyValue[], depth = 0): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value ? plain(value, depth) : null]));
}

export function plain(value: AnyValue, depth: number): unknown {
  if (depth > DEEPEST) return "…";
  if (value.arrayValue !== undefined)
    return (value.arrayValue.values ?? []).map((one) => plain(one, depth + 1));
  if (value.kvlistValue !== undefined) return fieldsOf(value.kvlistValue.values ?? [], depth + 1);
  if (value.intValue !== undefined) return Number(value.intValue);
  if (value.bytesValue !== undefined) {
    return typeof value.bytesValue === "string"
      ? value.bytesValue
      : Buffer.from(value.bytesValue).toString("base64");
  }
  return value.stringValue ?? value.boolValue ?? value.doubleValue ?? null;
}

function millisOf(nanos: string | number | undefined): number | undefined {
  if (nanos === undefined || Number(nanos) <= 0 || !Number.isFinite(Number(nanos))) return undefined;
  return typeof nanos === "number" ? Math.trunc(nanos / 1e6) : Number(BigInt(nanos) / 1_000_000n);
}

/** Hex in JSON (not base64, unlike other bytes there), bytes in protobuf. */
export function hexOf(id: string | Uint8Array | undefined): string | undefined {
  const hex = typeof id === "string" ? id.toLowerCase() : Buffer.from(id ?? []).toString("hex");
  return hex === "" ? undefined : hex;
}
