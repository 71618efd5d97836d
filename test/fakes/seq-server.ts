// Imitates the events of Seq's HTTP API: links to follow, newest first, a search that stops after a while and says
// "Partial", and what it refuses: a missing key (401), dates it cannot read (400), unknown paths (404).
// https://docs.datalust.co/docs/server-http-api; github.com/datalust/seq-api, EventsResourceGroup.cs
import { type FakeAnswer, type FakeHttpServer, startHttpServer } from "./http-server.ts";

export interface SeqEvent {
  Id: string;
  Timestamp: string;
  Level?: string;
  RenderedMessage: string;
  Properties: { Name: string; Value: unknown }[];
  Exception?: string;
  TraceId?: string;
}

/** A search stops after so many events, however few of them it found; the next one goes on behind them. */
const SCANNED_AT_ONCE = 700;

export async function startSeq({
  apiKey,
}: {
  apiKey: string;
}): Promise<FakeHttpServer & { ingest(events: SeqEvent[]): void }> {
  let stored: SeqEvent[] = [];

  function search(query: URLSearchParams): FakeAnswer {
    const [from, to] = [query.get("fromDateUtc"), query.get("toDateUtc")].map((date) =>
      Date.parse(date ?? ""),
    );
    if (Number.isNaN(from) || Number.isNaN(to))
      return { status: 400, body: { Error: "The date is not valid." } };
    const wanted = /^@Level = '(\w+)'$/.exec(query.get("filter") ?? "")?.[1];
    const after = query.get("afterId");
    const start = after === null ? 0 : stored.findIndex(({ Id }) => Id === after) + 1;
    const events: SeqEvent[] = [];
    let last: string | undefined;
    let scanned = 0;
    for (const event of stored.slice(start)) {
      const at = Date.parse(event.Timestamp);
      if (at < (from ?? 0) || at >= (to ?? 0)) continue;
      last = event.Id;
      if (wanted === undefined || event.Level === wanted) events.push(event);
      scanned += 1;
      if (events.length >= Number(query.get("count") ?? 30)) break;
      if (scanned >= SCANNED_AT_ONCE) return answer(events, "Partial", last);
    }
    return answer(events, "Complete", last);
  }

  const server = await startHttpServer(({ path, query, headers }) => {
    if (headers["x-seq-apikey"] !== apiKey)
      return { status: 401, body: { Error: "Authentication is required." } };
    if (path === "/api") return { body: { Links: { EventsResources: "api/events/resources" } } };
    if (path === "/api/events/resources") {
      return { body: { Links: { InSignal: "api/events/signal{?signal,filter,count,afterId,render}" } } };
    }
    return path === "/api/events/signal" ? search(query) : { status: 404, body: { Error: "Not found." } };
  });
  return {
    ...server,
    ingest(events) {
      stored = [...stored, ...events].sort((a, b) => Date.parse(b.Timestamp) - Date.parse(a.Timestamp));
    },
  };
}

function answer(events: SeqEvent[], status: string, last: string | undefined): FakeAnswer {
  return { body: { Events: events, Statistics: { Status: status, LastReadEventId: last ?? null } } };
}
