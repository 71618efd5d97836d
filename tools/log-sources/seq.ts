// Seq: a window of time is read whole, page after page, before anything of it is given out, since Seq answers with the
// newest first. Addresses are discovered as the official client does (github.com/datalust/seq-api, SeqConnection).
// https://docs.datalust.co/docs/using-the-http-api
import { z } from "zod";
import { type Ask, httpAsker, type HttpSourceSettings } from "./ask-json.ts";
import { serviceIn } from "./fields.ts";
import type { RawEvent } from "./log-event.ts";
import type { LogSource } from "./log-source.ts";
import type { WindowPart } from "./read-window.ts";
import { SourceError } from "./source-error.ts";
import { windowSource } from "./window-source.ts";

export interface SeqSettings extends HttpSourceSettings {
  apiKey?: string | undefined;
  /** A strict filter expression: "@Level = 'Error'". */
  filter?: string | undefined;
  /** Id of a saved signal. */
  signal?: string | undefined;
}

/** Clients send batches every few seconds. */
const SETTLE_MS = 5_000;
/** More in one window is read in narrower ones: nothing is given out before the window is whole. */
const MOST_PAGES = 5;

const linksSchema = z.object({ Links: z.record(z.string(), z.string()) });
const pageSchema = z.object({
  Events: z.array(
    z.object({
      Id: z.string(),
      Timestamp: z.string(),
      Level: z.string().nullish(),
      RenderedMessage: z.string().nullish(),
      MessageTemplateTokens: z
        .array(z.object({ Text: z.string().nullish(), RawText: z.string().nullish() }))
        .nullish(),
      Properties: z.array(z.object({ Name: z.string(), Value: z.unknown() })).nullish(),
      Exception: z.string().nullish(),
      TraceId: z.string().nullish(),
      SpanId: z.string().nullish(),
    }),
  ),
  Statistics: z.object({ Status: z.string(), LastReadEventId: z.string().nullish() }),
});
type SeqEvent = z.infer<typeof pageSchema>["Events"][number];

export function seqSource(settings: SeqSettings): LogSource {
  const { name, clock, apiKey, timeoutMs = 30_000, perMinute = 240 } = settings;
  const headers = apiKey === undefined ? {} : { "x-seq-apikey": apiKey };
  const ask = httpAsker({ ...settings, headers, timeoutMs, perMinute });
  let address: string | undefined;
  return windowSource({
    name,
    clock,
    settleMs: SETTLE_MS,
    async read(from, until, signal) {
      address ??= await eventsAddress(ask, signal);
      return await readPart(ask, address, settings, { from, until }, signal);
    },
  });
}

/** /api names the resource groups, a group names its links; both are templates like "api/events/signal{?count}". */
async function eventsAddress(ask: Ask, signal: AbortSignal): Promise<string> {
  const root = await ask({ path: "/api", answer: linksSchema, signal });
  const group = pathOf(root.Links["EventsResources"]);
  const events = await ask({ path: group, answer: linksSchema, signal });
  return pathOf(events.Links["InSignal"]);
}

function pathOf(template: string | undefined): string {
  if (template !== undefined) return `/${template.replace(/\{.*$/, "").replace(/^\//, "")}`;
  throw new SourceError("Seq does not say where its events are", {
    code: "source-answer",
    retryable: true,
    hint: "Is the address of this log source that of a Seq server (5.0 or later)?",
  });
}

async function readPart(
  ask: Ask,
  address: string,
  { filter, signal: saved, serviceField, pageSize = 1_000 }: SeqSettings,
  { from, until }: { from: number; until: number },
  signal: AbortSignal,
): Promise<WindowPart> {
  const names = serviceField === undefined ? usualNames : [serviceField];
  const events: RawEvent[] = [];
  let after: string | undefined;
  for (;;) {
    const query = new URLSearchParams({
      count: String(pageSize),
      render: "true",
      fromDateUtc: new Date(from).toISOString(),
      toDateUtc: new Date(until).toISOString(),
      ...(filter === undefined ? {} : { filter }),
      ...(saved === undefined ? {} : { signal: saved }),
      ...(after === undefined ? {} : { afterId: after }),
    });
    const path = `${address}?${query.toString()}`;
    const { Events: page, Statistics: said } = await ask({ path, answer: pageSchema, signal });
    events.push(...page.map((one) => eventOf(one, names)));
    const next = page.length >= pageSize ? page.at(-1)?.Id : (said.LastReadEventId ?? page.at(-1)?.Id);
    // "Partial" may come with few events or none: the server stopped to look, there may be more.
    const ended = page.length < pageSize && said.Status !== "Partial";
    if (ended || next === undefined || next === after) return { events, readTo: until };
    if (events.length >= MOST_PAGES * pageSize && until - from > 1) return { events: [], readTo: undefined };
    after = next;
  }
}

const usualNames = [
  "service.name",
  "Application",
  "ServiceName",
  "Service",
  "service",
  "AppName",
  "SourceContext",
];

function eventOf(event: SeqEvent, serviceNames: readonly string[]): RawEvent {
  const properties = event.Properties ?? [];
  const attrs = Object.fromEntries(properties.map(({ Name, Value }) => [Name, Value]));
  const message = event.RenderedMessage ?? textOf(event.MessageTemplateTokens ?? []);
  return {
    ts: Date.parse(event.Timestamp),
    service: serviceIn(attrs, serviceNames),
    level: event.Level ?? "Information",
    message: event.Exception ? `${message}\n${event.Exception}` : message,
    attrs: event.SpanId ? { ...attrs, SpanId: event.SpanId } : attrs,
    traceId: event.TraceId ?? undefined,
    rawId: event.Id,
  };
}

function textOf(tokens: NonNullable<SeqEvent["MessageTemplateTokens"]>): string {
  return tokens.map(({ Text, RawText }) => Text ?? RawText ?? "").join("");
}
