// New Relic, through NerdGraph: NRQL over windows of time that are halved until they fit into one answer.
// https://docs.newrelic.com/docs/apis/nerdgraph/examples/nerdgraph-nrql-tutorial/
// https://docs.newrelic.com/docs/nrql/get-started/rate-limits-nrql-queries/
import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { withoutSecrets } from "../../domain/mask-secrets.ts";
import { type Ask, httpAsker, type HttpSourceSettings } from "./ask-json.ts";
import { type AboutFields, eventOfFields, type Fields } from "./fields.ts";
import { contentId, type RawEvent } from "./log-event.ts";
import type { LogSource } from "./log-source.ts";
import { withWholeMessages } from "./newrelic-blobs.ts";
import { CONDITION_HINT, isOneCondition } from "./nrql-condition.ts";
import type { WindowPart } from "./read-window.ts";
import { SourceError, type SourceErrorCode } from "./source-error.ts";
import { windowSource } from "./window-source.ts";

/** `url`: another address than the region's, for tests and proxies. */
export interface NewRelicSettings extends Partial<HttpSourceSettings> {
  name: string;
  clock: Clock;
  account: number;
  /** A user key: NRAK-… */
  apiKey: string;
  region?: "us" | "eu";
  /** A condition of NRQL: "service = 'checkout'". */
  where?: string | undefined;
}

/** Ingest takes seconds; younger events are waited for. */
const SETTLE_MS = 60_000;
const QUERY_SECONDS = 30;
/** The account may ask 3,000 queries a minute; others want some of them. */
const PER_MINUTE = 120;
/** What LIMIT MAX means. */
const MOST_ROWS = 5_000;
const regions = { us: "https://api.newrelic.com", eu: "https://api.eu.newrelic.com" };

export type AskNrql = (nrql: string, signal: AbortSignal) => Promise<Fields[]>;

export function newRelicSource(settings: NewRelicSettings): LogSource {
  const { name, apiKey, region = "us", url = regions[region], clock } = settings;
  const { timeoutMs = 45_000, perMinute = PER_MINUTE } = settings;
  const headers = { "api-key": apiKey };
  const ask = httpAsker({ ...settings, url, headers, timeoutMs, perMinute });
  const nrql = nerdGraph(ask, settings.account);
  return windowSource({
    name,
    clock,
    settleMs: SETTLE_MS,
    read: (from, until, signal) => readPart(nrql, settings, { from, until }, signal),
  });
}

async function readPart(
  nrql: AskNrql,
  { where, serviceField, pageSize = MOST_ROWS }: NewRelicSettings,
  { from, until }: { from: number; until: number },
  signal: AbortSignal,
): Promise<WindowPart> {
  const condition = where === undefined ? "" : ` WHERE (${oneCondition(where)})`;
  const limit = pageSize === MOST_ROWS ? "MAX" : pageSize;
  const query = `SELECT * FROM Log${condition} SINCE ${from} UNTIL ${until} ORDER BY timestamp ASC LIMIT ${limit}`;
  const rows = await nrql(query, signal);
  if (rows.length >= pageSize && until - from > 1) return { events: [], readTo: undefined };
  const events = (await withWholeMessages(rows, nrql, signal)).map((row) =>
    eventOf(row, { ts: from, serviceField }),
  );
  return { events, readTo: rows.length >= pageSize ? undefined : until };
}

function oneCondition(where: string): string {
  if (isOneCondition(where)) return where;
  throw new SourceError(`"where" of this log source holds more than a condition: ${withoutSecrets(where)}`, {
    code: "source-question",
    hint: CONDITION_HINT,
  });
}

function eventOf(row: Fields, about: Omit<AboutFields, "rawId">): RawEvent {
  const { messageId, newrelic: _, ...fields } = row;
  const rawId = typeof messageId === "string" ? messageId : contentId(JSON.stringify(row));
  return eventOfFields(fields, { ...about, rawId });
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
