// Imitates the search of Elasticsearch and OpenSearch, with what they refuse: a missing key (401), pages beyond
// index.max_result_window (400), an expired or outdated point in time (404), an index beside a point in time (400),
// more than 500 open contexts (429); a point in time does not see what was indexed later.
// https://www.elastic.co/docs/api/doc/elasticsearch/operation/operation-open-point-in-time
import type { Clock } from "../../domain/clock.ts";
import { type FakeAnswer, type FakeHttpServer, startHttpServer } from "./http-server.ts";

export interface Document {
  _index: string;
  _id: string;
  _source: Record<string, unknown> & { "@timestamp": string };
}

interface Context {
  documents: Document[];
  expires: number;
  /** Each answer brings another id; only the newest is promised to work. */
  id: string;
}

interface Search {
  size: number;
  pit?: { id: string; keep_alive: string };
  query: { bool: { filter: [{ range: Record<string, { gte: number; lt: number }> }] } };
  sort: Record<string, unknown>[];
  search_after?: [number, number | string];
}

const MOST_HITS = 10_000;
const MOST_CONTEXTS = 500;
const KEEP_MS = 60_000;

export interface FakeElastic extends FakeHttpServer {
  index(documents: Document[]): void;
  openContexts(): number;
}

export async function startElastic(
  flavour: "elasticsearch" | "opensearch",
  { apiKey, clock }: { apiKey: string; clock: Pick<Clock, "now"> },
): Promise<FakeElastic> {
  const documents: Document[] = [];
  const contexts = new Map<string, Context>();
  const elastic = flavour === "elasticsearch";
  let ids = 0;

  const live = () => [...contexts.values()].filter(({ expires }) => expires > clock.now());
  const renew = (context: Context): string => {
    contexts.delete(context.id);
    context.id = `${flavour}-pit-${(ids += 1)}`;
    context.expires = clock.now() + KEEP_MS;
    contexts.set(context.id, context);
    return context.id;
  };

  function open(): FakeAnswer {
    if (live().length >= MOST_CONTEXTS) return refuse(429, "Trying to create too many contexts");
    const id = renew({ documents: [...documents], expires: 0, id: "" });
    return { body: elastic ? { id } : { pit_id: id, creation_time: clock.now() } };
  }

  function close(body: { id?: string; pit_id?: string[] }): FakeAnswer {
    for (const id of body.pit_id ?? [body.id ?? ""]) contexts.delete(id);
    return { body: elastic ? { succeeded: true, num_freed: 1 } : { pits: [] } };
  }

  function search(request: Search): FakeAnswer {
    const context = contexts.get(request.pit?.id ?? "");
    if (request.size > MOST_HITS)
      return refuse(400, `Result window is too large, must be less than: [${MOST_HITS}]`);
    if (context === undefined || context.expires <= clock.now()) {
      return refuse(404, "No search context found for id [1]", "search_context_missing_exception");
    }
    const [byTime, byTie] = request.sort.map((one) => Object.keys(one)[0] ?? "");
    if (byTime !== "@timestamp" || byTie !== (elastic ? "_shard_doc" : "_id")) {
      return refuse(400, `No mapping found for [${byTie}] in order to sort on`);
    }
    if (request.search_after !== undefined && request.search_after.length !== request.sort.length) {
      return refuse(400, "search_after has a wrong number of values");
    }
    const pit = renew(context);
    return {
      body: { pit_id: pit, timed_out: false, _shards: { failed: 0 }, hits: { hits: page(context, request) } },
    };
  }

  function page({ documents: seen }: Context, { query, size, search_after: after }: Search) {
    const { gte, lt } = query.bool.filter[0].range["@timestamp"] ?? { gte: 0, lt: 0 };
    return seen
      .map((document, place) => ({ ...document, sort: sortOf(document, elastic ? place : undefined) }))
      .filter(({ sort: [at] }) => at >= gte && at < lt)
      .sort((a, b) => compare(a.sort, b.sort))
      .filter(({ sort }) => after === undefined || compare(sort, after) > 0)
      .slice(0, size);
  }

  const server = await startHttpServer(({ method, path, headers, body }) => {
    if (headers.authorization !== `ApiKey ${apiKey}`) return refuse(401, "unable to authenticate");
    const pitPath = elastic ? "_pit" : "_search/point_in_time";
    if (method === "POST" && path.endsWith(`/${pitPath}`) && path !== `/${pitPath}`) return open();
    const asked = JSON.parse(body) as Search & { id?: string; pit_id?: string[] };
    if (method === "DELETE" && path === `/${pitPath}`) return close(asked);
    if (method === "POST" && path === "/_search") return search(asked);
    if (asked.pit !== undefined) return refuse(400, "[indices] cannot be used with point in time");
    return refuse(404, "no such index");
  });
  return { ...server, index: (more) => void documents.push(...more), openContexts: () => live().length };
}

function sortOf(
  { _source: source, _id: id }: Document,
  place: number | undefined,
): [number, number | string] {
  return [Date.parse(source["@timestamp"]), place ?? id];
}

function compare([a, x]: [number, number | string], [b, y]: [number, number | string]): number {
  if (a !== b) return a - b;
  return x < y ? -1 : x > y ? 1 : 0;
}

function refuse(status: number, reason: string, type = "illegal_argument_exception"): FakeAnswer {
  return { status, body: { error: { root_cause: [{ type, reason }], type, reason }, status } };
}
