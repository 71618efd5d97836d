// Elasticsearch and OpenSearch, read through a point in time: what is indexed while paging neither shifts nor hides a
// page. The point in time is part of the cursor; when it has expired, reading goes on by time and known ids.
// https://www.elastic.co/docs/reference/elasticsearch/rest-apis/paginate-search-results#search-after
// https://docs.opensearch.org/latest/search-plugins/searching-data/point-in-time/
import { z } from "zod";
import { jsonSchema } from "../../domain/json.ts";
import { type Ask, httpAsker, type HttpSourceSettings } from "./ask-json.ts";
import { advance } from "./cursor.ts";
import { eventOfFields } from "./fields.ts";
import { type RawEvent, toEvents } from "./log-event.ts";
import type { Cursor, LogSource } from "./log-source.ts";
import { isSourceError, SourceError } from "./source-error.ts";

/** Of `pageSize` 10,000 is the most: the server's index.max_result_window. */
export interface ElasticSettings extends HttpSourceSettings {
  flavour: "elasticsearch" | "opensearch";
  /** "logs-*", several with commas. */
  index: string;
  apiKey?: string | undefined;
  /** Lucene query string: "log.level:error AND service.name:checkout". */
  query?: string | undefined;
  timeField?: string | undefined;
}

/** Documents are searchable after the next refresh, by default every second. */
const SETTLE_MS = 5_000;
const KEEP_ALIVE = "1m";

const placeSchema = z.object({ pit: z.string(), after: z.array(jsonSchema), until: z.number() });
type Place = { pit: string; after: z.infer<typeof placeSchema>["after"] | undefined; until: number };

const answerSchema = z.object({
  pit_id: z.string(),
  timed_out: z.boolean(),
  _shards: z.object({ failed: z.number() }),
  hits: z.object({
    hits: z.array(
      z.object({
        _index: z.string(),
        _id: z.string(),
        _source: z.record(z.string(), z.unknown()),
        sort: z.array(jsonSchema).min(2),
      }),
    ),
  }),
});
type Answer = z.infer<typeof answerSchema>;

export function elasticSource(settings: ElasticSettings): LogSource {
  const { name, apiKey, clock, timeoutMs = 30_000, perMinute = 120 } = settings;
  const headers = apiKey === undefined ? {} : { authorization: `ApiKey ${apiKey}` };
  const ask = httpAsker({ ...settings, headers, timeoutMs, perMinute });
  const pits = pointsInTime(ask, settings);
  const sized = fittingPages(settings.pageSize ?? 1_000);
  return {
    name,
    async poll(cursor, signal) {
      const now = clock.now();
      const head = Math.max(now - SETTLE_MS, cursor.from);
      if (head === cursor.from) return advance(cursor, { events: [], readTo: head, head: true }, { now });
      const { place, answer, size } = await sized((size) => goOn(cursor, size));
      const shownAt = place.until + SETTLE_MS;
      const hits = answer.hits.hits;
      const done = hits.length < size;
      const last = hits.at(-1);
      if (done) await pits.close(answer.pit_id, signal);
      const events = await toEvents(
        hits.map((hit) => eventOf(hit, settings)),
        { source: name, ingestTs: now },
      );
      const readTo = done || last === undefined ? place.until : Math.max(cursor.from, Number(last.sort[0]));
      const next =
        done || last === undefined ? null : { pit: answer.pit_id, after: last.sort, until: place.until };
      const poll = advance(
        cursor,
        { events, readTo, head: done, shownAt, place: next ?? undefined },
        { now },
      );
      // A picture that was kept over a pause is old when its last page is read: there is more.
      return { ...poll, more: poll.more || place.until < head };

      async function goOn(
        { place: stored }: Cursor,
        size: number,
      ): Promise<{ place: Place; answer: Answer }> {
        const place = placeSchema.safeParse(stored);
        if (place.success) {
          const answer = await search(ask, settings, { cursor, place: place.data, size }, signal).catch(
            unlessPlaceLost,
          );
          if (answer !== undefined) return { place: place.data, answer };
        }
        // The answer that was too large held the newest id, unread: each smaller question has a picture of its own.
        const fresh = { pit: await pits.open(signal), after: undefined, until: head };
        return { place: fresh, answer: await search(ask, settings, { cursor, place: fresh, size }, signal) };
      }
    },
  };
}

/** Pages get smaller while an answer is too large, and larger again when they fit. */
function fittingPages(mostHits: number) {
  let size = mostHits;
  return async <T>(read: (size: number) => Promise<T>): Promise<T & { size: number }> => {
    for (;;) {
      try {
        const asked = size;
        const result = await read(asked);
        size = Math.min(mostHits, asked * 2);
        return { ...result, size: asked };
      } catch (error) {
        if (size === 1 || !isSourceError(error, "source-answer-too-large")) throw error;
        size = Math.ceil(size / 2);
      }
    }
  };
}

async function search(
  ask: Ask,
  { query, timeField = "@timestamp", flavour }: ElasticSettings,
  { cursor, place: { pit, after, until }, size }: { cursor: Cursor; place: Place; size: number },
  signal: AbortSignal,
): Promise<Answer> {
  // OpenSearch before 3 has no _shard_doc; its _id is sortable unless someone forbade it.
  const tieBreaker = flavour === "elasticsearch" ? "_shard_doc" : "_id";
  const range = { [timeField]: { gte: cursor.from, lt: until, format: "epoch_millis" } };
  const body = {
    size,
    pit: { id: pit, keep_alive: KEEP_ALIVE },
    query: { bool: { filter: [{ range }, ...(query === undefined ? [] : [{ query_string: { query } }])] } },
    sort: [{ [timeField]: { order: "asc", numeric_type: "date" } }, { [tieBreaker]: "asc" }],
    track_total_hits: false,
    ...(after === undefined ? {} : { search_after: after }),
  };
  // Results of some shards only would look like all there is.
  const path = "/_search?allow_partial_search_results=false";
  const answer = await ask({ method: "POST", path, body, answer: answerSchema, signal });
  const { timed_out: cutShort, _shards: shards } = answer;
  if (!cutShort && shards.failed === 0) return answer;
  throw new SourceError("the search covered only a part of the shards", {
    code: "source-failed",
    retryable: true,
  });
}

function pointsInTime(ask: Ask, { flavour, index }: ElasticSettings) {
  const target = index.split(",").map(encodeURIComponent).join(",");
  const elastic = flavour === "elasticsearch";
  const openPath = `/${target}/${elastic ? "_pit" : "_search/point_in_time"}?keep_alive=${KEEP_ALIVE}`;
  const opened = z.union([z.object({ id: z.string() }), z.object({ pit_id: z.string() })]);
  return {
    async open(signal: AbortSignal): Promise<string> {
      const answer = await ask({ method: "POST", path: openPath, answer: opened, signal });
      return "id" in answer ? answer.id : answer.pit_id;
    },
    /** It would expire by itself; not to wait for that is kind to the server. */
    async close(pit: string, signal: AbortSignal): Promise<void> {
      const path = elastic ? "/_pit" : "/_search/point_in_time";
      const body = elastic ? { id: pit } : { pit_id: [pit] };
      await ask({ method: "DELETE", path, body, answer: z.unknown(), signal }).catch((error: unknown) => {
        signal.throwIfAborted();
        return error;
      });
    },
  };
}

function unlessPlaceLost(error: unknown): undefined {
  if (error instanceof SourceError && /search_context_missing|No search context/i.test(error.message)) return;
  throw error;
}

type Hit = Answer["hits"]["hits"][number];

function eventOf({ _index, _id, _source, sort }: Hit, { serviceField }: ElasticSettings): RawEvent {
  const ts = Number(sort[0]);
  return { ...eventOfFields(_source, { rawId: `${_index}/${_id}`, ts, serviceField }), ts };
}
