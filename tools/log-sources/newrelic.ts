// New Relic, through NerdGraph: NRQL over windows of time that are halved until they fit into one answer.
// https://docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-nrql-tutorial/
// https://docs.newrelic.com/docs/nrql/get-started/rate-limits-nrql-queries/
import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { withoutSecrets } from "../../domain/mask-secrets.ts";
import { type Ask, httpAsker } from "./ask-json.ts";
import { advance } from "./cursor.ts";
import { eventOfFields, type Fields } from "./fields.ts";
import { contentId, type RawEvent, toEvents } from "./log-event.ts";
import type { LogSource } from "./log-source.ts";
import { withWholeMessages } from "./newrelic-blobs.ts";
import { makeWindowReader, type WindowPart } from "./read-window.ts";
import { SourceError, type SourceErrorCode } from "./source-error.ts";

export interface NewRelicSettings {
  name: string;
  account: number;
  /** A user key: NRAK-… */
  apiKey: string;
  region?: "us" | "eu";
  /** A condition of NRQL: "service = 'checkout'". */
  where?: string | undefined;
  /** Another address than the region's, for tests and proxies. */
  url?: string;
  clock: Clock;
  timeoutMs?: number;
  /** The account may ask 3,000 queries a minute; others want some of them. */
  perMinute?: number;
  /** Most events of one answer; 5,000 is what LIMIT MAX means. */
  pageSize?: number;
  largestAnswerBytes?: number;
}

/** Ingest takes seconds; younger events are waited for. */
const SETTLE_MS = 60_000;
const QUERY_SECONDS = 30;
const regions = { us: "https://api.newrelic.com", eu: "https://api.eu.newrelic.com" };

export type AskNrql = (nrql: string, signal: AbortSignal) => Promise<Fields[]>;

export function newRelicSource(settings: NewRelicSettings): LogSource {
  const { name, apiKey, region = "us", url = regions[region], clock } = settings;
  const { timeoutMs = 45_000, perMinute = 120, largestAnswerBytes } = settings;
  const ask = httpAsker({
    url,
    headers: { "api-key": apiKey },
    clock,
    timeoutMs,
    perMinute,
    largestAnswerBytes,
  });
  const nrql = nerdGraph(ask, settings.account);
  const read = makeWindowReader((from, until, signal) => readPart(nrql, settings, { from, until }, signal));
  return {
    name,
    async poll(cursor, signal) {
      const now = clock.now();
      const until = Math.max(now - SETTLE_MS, cursor.from);
      const { events, readTo, note } =
        until > cursor.from ? await read(cursor.from, until, signal) : { events: [], readTo: until };
      const made = await toEvents(events, { source: name, ingestTs: now });
      return advance(cursor, { events: made, readTo, head: readTo >= until, note }, { now });
    },
  };
}

async function readPart(
  nrql: AskNrql,
  { where, pageSize = 5_000 }: NewRelicSettings,
  { from, until }: { from: number; until: number },
  signal: AbortSignal,
): Promise<WindowPart> {
  const condition = where === undefined ? "" : ` WHERE (${oneCondition(where)})`;
  const limit = pageSize === 5_000 ? "MAX" : pageSize;
  const query = `SELECT * FROM Log${condition} SINCE ${from} UNTIL ${until} ORDER BY timestamp ASC LIMIT ${limit}`;
  const rows = await nrql(query, signal);
  if (rows.length >= pageSize && until - from > 1) return { events: [], readTo: undefined };
  const events = (await withWholeMessages(rows, nrql, signal)).map((row) => eventOf(row, from));
  return { events, readTo: rows.length >= pageSize ? undefined : until };
}

/** Not a way in for strangers (it stands in the configuration), but a slip there must not ask something else. */
function oneCondition(where: string): string {
  const outside = where.replace(/'(?:[^'\\]|\\.)*'/g, "''").replace(/`[^`]*`/g, "name");
  if (!/\b(?:since|until|limit|facet|timeseries|from|order\s+by)\b|;|'(?!')(?<!'')/i.test(outside))
    return where;
  throw new SourceError(`"where" of this log source holds more than a condition: ${withoutSecrets(where)}`, {
    code: "source-question",
    hint: "Write only what would follow WHERE, such as: service = 'checkout' AND level = 'error'",
  });
}

function eventOf(row: Fields, ts: number): RawEvent {
  const { messageId, newrelic: _, ...fields } = row;
  const rawId = typeof messageId === "string" ? messageId : contentId(JSON.stringify(row));
  return eventOfFields(fields, { rawId, ts });
}

const answerSchema = z.object({
  data: z
    .object({
      actor: z.object({
        account: z.object({
          nrql: z.object({ results: z.array(z.record(z.string(), z.unknown())) }).nullable(),
        }),
      }),
    })
    .nullish(),
  errors: z
    .array(
      z.object({
        message: z.string(),
        extensions: z.object({ errorClass: z.string().optional(), code: z.string().optional() }).optional(),
      }),
    )
    .optional(),
});

function nerdGraph(ask: Ask, account: number): AskNrql {
  const query = `query($account: Int!, $nrql: Nrql!) { actor { account(id: $account) { nrql(query: $nrql, timeout: ${QUERY_SECONDS}) { results } } } }`;
  return async (nrql, signal) => {
    const body = { query, variables: { account, nrql } };
    const answer = await ask({ method: "POST", path: "/graphql", body, answer: answerSchema, signal });
    const results = answer.data?.actor.account.nrql?.results;
    // Errors come with status 200; results beside them would be a part of the truth.
    if (answer.errors === undefined && results !== undefined) return results;
    throw errorOf(answer.errors?.[0]);
  };
}

type GraphError = NonNullable<z.infer<typeof answerSchema>["errors"]>[number];

function errorOf(error: GraphError | undefined): SourceError {
  const message = error?.message ?? "the answer holds neither results nor errors";
  const code =
    error === undefined
      ? "source-answer"
      : codeOf(error.extensions?.errorClass ?? error.extensions?.code ?? "", message);
  return new SourceError(`New Relic: ${withoutSecrets(message)}`, {
    code,
    retryable: !["source-refused", "source-question"].includes(code),
    ...(code === "source-question" ? { hint: "Check account and where of this log source." } : {}),
    ...(code === "source-refused"
      ? { hint: "Check the user key (NRAK-…), its region, and its account." }
      : {}),
  });
}

function codeOf(kind: string, message: string): SourceErrorCode {
  const said = `${kind} ${message}`;
  if (/TOO_MANY_REQUESTS|RATE_LIMIT|limit exceeded|concurren/i.test(said)) return "source-rate-limited";
  if (/TIMEOUT|timed out/i.test(said)) return "source-timed-out";
  if (/ACCESS_DENIED|UNAUTHORIZED|FORBIDDEN|API key|Not authorized/i.test(said)) return "source-refused";
  if (/SYNTAX|BAD_USER_INPUT|INVALID_INPUT|NRQL:/i.test(said)) return "source-question";
  return "source-failed";
}
