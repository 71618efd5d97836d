// What access logs tell: how many requests failed, how long they took. A line counts only when it reports a request
// that this service answered; calls that it made itself (an absolute address) are something else.

export interface Access {
  method: string;
  /** Without the query. */
  path: string;
  status: number;
  durationMs?: number;
}

/** A line longer than this is no access log. */
const LINE_LIMIT = 8_000;

const METHODS = "GET|HEAD|POST|PUT|PATCH|DELETE|OPTIONS";
/** Common and combined log format (httpd.apache.org/docs/2.4/logs.html), nginx's default. */
const common = new RegExp(`"(${METHODS}) (/[^\\s"]{0,2000}) HTTP/[0-9.]{1,4}" (\\d{3})(?!\\d)`);
/** "GET /path 200 12ms", morgan's and most own formats. */
const plain = new RegExp(
  `\\b(${METHODS}) (/[^\\s"]{0,2000})"?[ :=>-]{1,6}(?:status[= ])?(\\d{3})(?!\\d)(?:[^\\d\\n]{1,12}(\\d{1,9}(?:\\.\\d{1,6})?) ?(ms|µs|us|s)\\b)?`,
);
const logfmtField =
  /\b(method|path|uri|url|status|status_code|duration|duration_ms|took|elapsed)=("?)([^\s"]{1,300})\2/g;

/** undefined for a line that is no access log. */
export function accessOf(text: string): Access | undefined {
  if (text.length > LINE_LIMIT) return undefined;
  const start = text.trimStart();
  return (start.startsWith("{") ? fromJson(start) : undefined) ?? fromWords(text);
}

function fromWords(text: string): Access | undefined {
  const match = common.exec(text) ?? plain.exec(text);
  const [, method, path, status, amount, unit] = match ?? [];
  if (method === undefined || path === undefined || status === undefined) return fromLogfmt(text);
  return access(method, path, Number(status), amount === undefined ? undefined : inMs(Number(amount), unit));
}

function fromLogfmt(text: string): Access | undefined {
  if (!text.includes("status")) return undefined;
  const fields: Record<string, string> = {};
  for (const [, key = "", , value = ""] of text.matchAll(logfmtField)) fields[key] ??= value;
  const path = fields["path"] ?? fields["uri"] ?? fields["url"];
  const status = Number(fields["status"] ?? fields["status_code"]);
  if (fields["method"] === undefined || path === undefined) return undefined;
  const took = fields["duration"] ?? fields["took"] ?? fields["elapsed"] ?? fields["duration_ms"];
  const [, amount, unit] = /^(\d{1,9}(?:\.\d{1,9})?)(ms|µs|us|s)?$/.exec(took ?? "") ?? [];
  return access(
    fields["method"],
    path,
    status,
    amount === undefined ? undefined : inMs(Number(amount), unit ?? "ms"),
  );
}

function fromJson(text: string): Access | undefined {
  const outer = parsed(text);
  if (outer === undefined) return undefined;
  // pino-http, Fastify, Bunyan nest request and response.
  const fields = { ...record(outer["http"]), ...record(outer["req"]), ...record(outer["res"]), ...outer };
  const path = first(fields, ["path", "url", "uri", "request_uri", "route", "target"]);
  const status = Number(
    first(fields, ["status", "statusCode", "status_code", "http_status", "response_code"]),
  );
  const method = first(fields, ["method", "request_method", "verb"]);
  if (typeof path === "string" && typeof method === "string" && status > 0) {
    return access(method, path, status, durationIn(fields));
  }
  const message = first(outer, ["msg", "message"]);
  return typeof message === "string" ? fromWords(message) : undefined;
}

function durationIn(fields: Record<string, unknown>): number | undefined {
  const ms = first(fields, [
    "durationMs",
    "duration_ms",
    "responseTime",
    "response_time_ms",
    "ms",
    "latencyMs",
    "elapsedMs",
  ]);
  if (typeof ms === "number") return ms;
  const seconds = first(fields, ["request_time", "duration_s", "durationSeconds"]); // nginx writes seconds
  return seconds === undefined ? undefined : inMs(Number(seconds), "s");
}

function access(
  method: string,
  path: string,
  status: number,
  durationMs: number | undefined,
): Access | undefined {
  if (!path.startsWith("/") || !(status >= 100 && status <= 599)) return undefined;
  const known = durationMs !== undefined && Number.isFinite(durationMs);
  const bare = path.split("?", 1)[0] ?? path;
  return { method: method.toUpperCase(), path: bare, status, ...(known ? { durationMs } : {}) };
}

function inMs(amount: number, unit: string | undefined): number {
  if (unit === "s") return amount * 1_000;
  return unit === "us" || unit === "µs" ? amount / 1_000 : amount;
}

function parsed(text: string): Record<string, unknown> | undefined {
  try {
    return record(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function record(value: unknown): Record<string, unknown> | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

function first(fields: Record<string, unknown>, names: readonly string[]): unknown {
  const name = names.find((one) => Object.hasOwn(fields, one));
  return name === undefined ? undefined : fields[name];
}

/** The value below which `share` of the values lie (nearest rank); undefined without values. */
export function percentile(values: readonly number[], share: number): number | undefined {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)];
}
