// The spans of an OTLP request as calls. What has no ids, no service or no times cannot be placed, and is counted.
import type { CallSpan, Peer } from "../../domain/call-span.ts";
import { hexOf, plain } from "../log-sources/otlp.ts";
import type { KeyValue } from "../log-sources/otlp-schema.ts";
import type { OtlpSpan, TraceRequest } from "./otlp-trace-schema.ts";

const LONGEST_NAME = 200;
const CLIENT = 3;
const PRODUCER = 4;
const ERROR = 2;
const kinds: Readonly<Record<string, number>> = { SPAN_KIND_CLIENT: CLIENT, SPAN_KIND_PRODUCER: PRODUCER };

export interface DecodedSpans {
  spans: CallSpan[];
  /** How many could not be placed. */
  rejected: number;
}

export function spansOf({ resourceSpans = [] }: TraceRequest): DecodedSpans {
  const spans: CallSpan[] = [];
  let rejected = 0;
  for (const { resource, scopeSpans = [] } of resourceSpans) {
    const service = textOf(resource?.attributes, ["service.name"]);
    for (const one of scopeSpans.flatMap((scope) => scope.spans ?? [])) {
      const span = service === undefined ? undefined : spanOf(one, service);
      if (span) spans.push(span);
      else rejected += 1;
    }
  }
  return { spans, rejected };
}

function spanOf(given: OtlpSpan, service: string): CallSpan | undefined {
  const trace = hexOf(given.traceId) ?? "";
  const id = hexOf(given.spanId) ?? "";
  const parent = hexOf(given.parentSpanId ?? undefined) ?? "";
  const start = millisOf(given.startTimeUnixNano);
  const end = millisOf(given.endTimeUnixNano);
  if (!isId(trace, 32) || !isId(id, 16) || start === undefined || end === undefined) return undefined;
  const asks = peerOf(given);
  return {
    trace,
    id,
    parent: isId(parent, 16) ? parent : "",
    service,
    operation: nameOf(given.name ?? "") || "unnamed",
    start,
    duration: Math.max(0, end - start),
    failed: given.status?.code === ERROR || given.status?.code === "STATUS_CODE_ERROR",
    ...(asks && { asks }),
  };
}

/** All zeros are the sign of no id. */
function isId(text: string, digits: number): boolean {
  return text.length === digits && /^[0-9a-f]+$/.test(text) && !/^0+$/.test(text);
}

/** Attributes of today's semantic conventions first, then those of instrumentations that are older. */
function peerOf({ kind, attributes }: OtlpSpan): Peer | undefined {
  const number = typeof kind === "string" ? kinds[kind] : kind;
  if (number !== CLIENT && number !== PRODUCER) return undefined;
  const name = textOf(attributes, ["service.peer.name", "peer.service"]);
  const host = textOf(attributes, ["server.address", "net.peer.name", "network.peer.address", "http.host"]);
  const port = Number(textOf(attributes, ["server.port", "net.peer.port", "network.peer.port"]));
  if (name === undefined && host === undefined) return undefined;
  return {
    ...(name !== undefined && { name }),
    ...(host !== undefined && { host: host.toLowerCase() }),
    ...(Number.isInteger(port) && port > 0 && { port }),
    refused: isRefusal(attributes),
  };
}

/** An HTTP status of 4xx, or a database's own code: it is there, and found the question wrong. 408 and 429 are its own. */
function isRefusal(attributes: OtlpSpan["attributes"]): boolean {
  const status = Number(textOf(attributes, ["http.response.status_code", "http.status_code"]));
  if (status > 0) return status >= 400 && status < 500 && status !== 408 && status !== 429;
  return textOf(attributes, ["db.response.status_code"]) !== undefined;
}

/** The first of these that has a value. */
function textOf(attributes: readonly KeyValue[] = [], keys: readonly string[]): string | undefined {
  for (const key of keys) {
    const value = attributes.find((one) => one.key === key)?.value;
    const said = value ? plain(value, 0) : undefined;
    if (typeof said === "number" || (typeof said === "string" && said !== ""))
      return nameOf(String(said)) || undefined;
  }
  return undefined;
}

/** Printable, and a copy of its own: a slice would keep a text of megabytes in memory. */
function nameOf(text: string): string {
  const short = text
    .slice(0, LONGEST_NAME)
    .replace(/[\p{Cc}\p{Cf}]+/gu, " ")
    .trim();
  return text.length > LONGEST_NAME ? Buffer.from(short).toString() : short;
}

/** Keeps fractions of a millisecond, which numbers of nanoseconds would lose. */
function millisOf(nanos: string | number | undefined): number | undefined {
  if (nanos === undefined || !(Number(nanos) > 0) || !Number.isFinite(Number(nanos))) return undefined;
  return typeof nanos === "number" ? nanos / 1e6 : Number(BigInt(nanos) / 1_000n) / 1_000;
}
