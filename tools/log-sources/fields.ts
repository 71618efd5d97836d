// Log records as plain fields, under the names that loggers and shippers give them: ECS, OpenTelemetry, Serilog, pino,
// winston, bunyan, New Relic, MongoDB applications. What has no name here stays an attribute.
import type { RawEvent } from "./log-event.ts";

export type Fields = Readonly<Record<string, unknown>>;

const names = {
  time: ["@timestamp", "timestamp", "ts", "time", "@t", "datetime", "date", "createdAt", "created_at"],
  level: [
    "level",
    "log.level",
    "severity",
    "levelname",
    "severity_text",
    "severityText",
    "lvl",
    "@l",
    "loglevel",
  ],
  message: ["message", "msg", "@m", "@mt", "body", "log", "text", "event.original"],
  service: [
    "service.name",
    "service",
    "service_name",
    "serviceName",
    "entity.name",
    "app",
    "application",
    "container",
    "container_name",
    "logger",
  ],
  trace: ["trace.id", "traceId", "trace_id", "traceID", "@tr", "requestId", "request_id"],
  stack: [
    "stackTrace",
    "stack_trace",
    "error.stack_trace",
    "error.stack",
    "stack",
    "exception",
    "@x",
    "err.stack",
  ],
} as const;
const taken = new Set<string>(Object.values(names).flat());
/** "log.level" as a field in an object. */
const paths = new Map([...taken].filter((name) => name.includes(".")).map((name) => [name, name.split(".")]));

export interface AboutFields {
  /** The source's own id of the record. */
  rawId: string;
  /** Used when the record has no readable time. */
  ts: number;
  /** The field that names the service, where it is none of the usual ones. */
  serviceField?: string | undefined;
}

export function eventOfFields(fields: Fields, { rawId, ts, serviceField }: AboutFields): RawEvent {
  const message = text(first(fields, names.message));
  const stack = text(first(fields, names.stack));
  const level = first(fields, names.level);
  return {
    ts: timeOf(first(fields, names.time)) ?? ts,
    service: serviceIn(fields, serviceField === undefined ? names.service : [serviceField]),
    level: typeof level === "number" ? level : text(level),
    message: messageWith(message, stack) ?? JSON.stringify(fields),
    attrs: Object.fromEntries(Object.entries(fields).filter(([key]) => !taken.has(key))),
    traceId: text(first(fields, names.trace)),
    rawId,
  };
}

export function hasOwnTime(fields: Fields): boolean {
  return timeOf(first(fields, names.time)) !== undefined;
}

/** ISO 8601, a Date, or a number of seconds, milliseconds, microseconds or nanoseconds since 1970. Milliseconds. */
export function timeOf(value: unknown): number | undefined {
  if (value instanceof Date) return validTime(value.getTime());
  if (typeof value === "string" && !/^\d{9,19}(?:\.\d+)?$/.test(value)) return validTime(Date.parse(value));
  const number = typeof value === "string" ? Number(value) : value;
  if (typeof number !== "number" || !Number.isFinite(number) || number <= 0) return undefined;
  const scale = [1e11, 1e14, 1e17].findIndex((most) => number < most);
  return validTime(Math.floor(number * (scale === -1 ? 1e-6 : ([1_000, 1, 1e-3][scale] ?? 1))));
}

function validTime(ms: number): number | undefined {
  return Number.isNaN(ms) || Math.abs(ms) > 8.64e15 ? undefined : ms;
}

function messageWith(message: string | undefined, stack: string | undefined): string | undefined {
  if (message === undefined || stack === undefined) return message ?? stack;
  return message.includes(stack) ? message : `${message}\n${stack}`;
}

/** The first of these fields that names a service; "kubernetes.labels.app" is looked for as written and within. */
export function serviceIn(fields: Fields, keys: readonly string[]): string | undefined {
  return text(nameOf(first(fields, keys)));
}

function first(fields: Fields, keys: readonly string[]): unknown {
  for (const key of keys) {
    const value = fields[key] ?? (paths.has(key) ? nested(fields, key) : undefined);
    if (value !== undefined && value !== null && value !== "") return value;
  }
  return undefined;
}

/** "log.level" is one field, or a field in an object, as the shipper likes. */
function nested(fields: Fields, key: string): unknown {
  let inner: unknown = fields;
  for (const part of paths.get(key) ?? [key]) {
    if (typeof inner !== "object" || inner === null) return undefined;
    inner = (inner as Fields)[part];
  }
  return inner;
}

/** ECS has service: {name}. */
function nameOf(value: unknown): unknown {
  return typeof value === "object" && value !== null ? (value as Fields)["name"] : value;
}

function text(value: unknown): string | undefined {
  if (typeof value === "string") return value;
  if (value === undefined || value === null) return undefined;
  return typeof value === "object" ? JSON.stringify(value) : `${value as number | boolean | bigint}`;
}
