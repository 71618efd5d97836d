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
type Part = keyof typeof names;

interface Place {
  part: Part;
  /** Of several names for one part the first counts. */
  rank: number;
}

const places = new Map<string, Place>(
  Object.entries(names).flatMap(([part, list]) =>
    list.map((name, rank) => [name, { part: part as Part, rank }] as const),
  ),
);
/** "log.level" is one field, or a field in an object, as the shipper likes: by the object's name. */
const nested = Map.groupBy(
  [...places]
    .filter(([name]) => name.includes("."))
    .map(([name, place]) => ({ path: name.split("."), place })),
  ({ path }) => path[0] ?? "",
);

export interface AboutFields {
  /** The source's own id of the record, or made of whether the record has a readable time of its own. */
  rawId: string | ((hasTime: boolean) => string);
  /** Used when the record has no readable time. */
  ts: number;
  /** The field that names the service, where it is none of the usual ones. */
  serviceField?: string | undefined;
}

export function eventOfFields(fields: Fields, { rawId, ts, serviceField }: AboutFields): RawEvent {
  const { found, attrs } = sorted(fields);
  const time = timeOf(found.time);
  const { level } = found;
  return {
    ts: time ?? ts,
    service: serviceField === undefined ? text(nameOf(found.service)) : serviceIn(fields, [serviceField]),
    level: typeof level === "number" ? level : text(level),
    message: messageWith(text(found.message), text(found.stack)) ?? JSON.stringify(fields),
    attrs,
    traceId: text(found.trace),
    rawId: typeof rawId === "string" ? rawId : rawId(time !== undefined),
  };
}

/** One look at each field: there are fewer of them than names that one could have. */
function sorted(fields: Fields): { found: Partial<Record<Part, unknown>>; attrs: Record<string, unknown> } {
  const found: Partial<Record<Part, unknown>> = {};
  const ranks: Partial<Record<Part, number>> = {};
  const others: [string, unknown][] = [];
  const take = ({ part, rank }: Place, value: unknown): void => {
    if (value === undefined || value === null || value === "" || rank >= (ranks[part] ?? Infinity)) return;
    found[part] = value;
    ranks[part] = rank;
  };
  for (const key of Object.keys(fields)) {
    const value = fields[key];
    const place = places.get(key);
    if (place === undefined) others.push([key, value]);
    else take(place, value);
    if (typeof value !== "object") continue;
    for (const one of nested.get(key) ?? []) {
      const direct = fields[one.path.join(".")];
      if (direct === undefined || direct === null) take(one.place, valueAt(value, one.path));
    }
  }
  return { found, attrs: Object.fromEntries(others) };
}

/** `path`: the first name is that of the object itself. */
function valueAt(value: unknown, path: readonly string[]): unknown {
  return path
    .slice(1)
    .reduce<unknown>(
      (inner, part) => (typeof inner === "object" && inner !== null ? (inner as Fields)[part] : undefined),
      value,
    );
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
  for (const key of keys) {
    const [object = key, ...inner] = key.split(".");
    const value = fields[key] ?? (inner.length > 0 ? valueAt(fields[object], [object, ...inner]) : undefined);
    if (value !== undefined && value !== null && value !== "") return text(nameOf(value));
  }
  return undefined;
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
