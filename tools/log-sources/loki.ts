// Grafana Loki, read forward: query_range from a nanosecond on, a page at a time.
// https://grafana.com/docs/loki/latest/reference/loki-http-api/#query-logs-within-a-range-of-time
import { z } from "zod";
import { type Ask, httpAsker, type HttpSourceSettings } from "./ask-json.ts";
import { serviceIn } from "./fields.ts";
import { contentId, type RawEvent } from "./log-event.ts";
import type { LogSource } from "./log-source.ts";
import type { WindowPart } from "./read-window.ts";
import { windowSource } from "./window-source.ts";

export interface LokiSettings extends HttpSourceSettings {
  /** LogQL: '{app="checkout"}'. */
  query: string;
  /** X-Scope-OrgID of a server with several tenants. */
  tenant?: string | undefined;
  /** For a proxy in front; user and password may also stand in the address. */
  token?: string | undefined;
}

/** Promtail and the agents send batches; a line of this moment may arrive a little later. */
const SETTLE_MS = 5_000;
/** max_entries_limit_per_query, unless someone changed it; the server refuses to be asked for more. */
const PAGE_SIZE = 5_000;
/** One answer may end in the middle of a millisecond; the rest of it is read by nanoseconds. */
const MOST_PAGES = 20;

const answerSchema = z.object({
  status: z.literal("success"),
  data: z.object({
    resultType: z.literal("streams"),
    result: z.array(
      z.object({
        stream: z.record(z.string(), z.string()),
        values: z.array(z.tuple([z.string().regex(/^\d+$/), z.string()]).rest(z.unknown())),
      }),
    ),
  }),
});
type Answer = z.infer<typeof answerSchema>;

export function lokiSource(settings: LokiSettings): LogSource {
  const { name, clock, tenant, token, timeoutMs = 30_000, perMinute = 120 } = settings;
  const headers = {
    ...(tenant === undefined ? {} : { "x-scope-orgid": tenant }),
    ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
  };
  const ask = httpAsker({ ...settings, headers, timeoutMs, perMinute });
  return windowSource({
    name,
    clock,
    settleMs: SETTLE_MS,
    read: (from, until, signal) => readPart(ask, settings, { from, until }, signal),
  });
}

/** Reads by nanoseconds until the page ends in a later millisecond than it began: that much is complete. */
async function readPart(
  ask: Ask,
  { query, serviceField, pageSize = PAGE_SIZE }: LokiSettings,
  { from, until }: { from: number; until: number },
  signal: AbortSignal,
): Promise<WindowPart> {
  const events = new Map<string, RawEvent>();
  let start = BigInt(from) * NANOS;
  const labels = serviceField === undefined ? usualLabels : [serviceField];
  let note: string | undefined;
  for (let page = 0; page < MOST_PAGES; page += 1) {
    const asked = new URLSearchParams({
      query,
      start: String(start),
      end: String(BigInt(until) * NANOS),
      limit: String(pageSize),
      direction: "forward",
    });
    const path = `/loki/api/v1/query_range?${asked.toString()}`;
    const lines = linesOf(await ask({ path, answer: answerSchema, signal }), labels);
    for (const { event } of lines) events.set(event.rawId, event);
    if (lines.length < pageSize) return { events: [...events.values()], readTo: until, note };
    const last = lines.reduce((most, { at }) => (at > most ? at : most), start);
    const readTo = Number(last / NANOS);
    if (readTo > from) return { events: [...events.values()].filter(({ ts }) => ts < readTo), readTo, note };
    if (lines.every(({ at }) => at === last)) {
      note = `more events within one nanosecond (${last}) than the server gives out`;
      start = last + 1n;
    } else start = last;
  }
  return { events: [...events.values()], readTo: undefined };
}

const NANOS = 1_000_000n;

function linesOf({ data }: Answer, serviceLabels: readonly string[]): { at: bigint; event: RawEvent }[] {
  return data.result.flatMap(({ stream, values }) =>
    values.map(([time, line]) => {
      const at = BigInt(time);
      return { at, event: eventOf(stream, at, line, serviceLabels) };
    }),
  );
}

const usualLabels = ["service_name", "service", "app", "container", "job"];

/** Loki keeps a line of a stream and a nanosecond once: together they are its id. */
function eventOf(
  stream: Answer["data"]["result"][number]["stream"],
  at: bigint,
  line: string,
  serviceLabels: readonly string[],
): RawEvent {
  return {
    ts: Number(at / NANOS),
    service: serviceIn(stream, serviceLabels),
    level: stream["detected_level"] ?? stream["level"],
    message: line,
    attrs: stream,
    traceId: stream["trace_id"],
    rawId: contentId(stream, String(at), line),
  };
}
