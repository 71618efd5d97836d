// Imitates NerdGraph for NRQL over logs, with what it refuses: a wrong key (401), another method or path, queries that
// are no NRQL (200 with errors[]), more than LIMIT MAX rows, more than 20 rows with blobs, accounts one may not see;
// long messages are stored in two pieces. https://docs.newrelic.com/docs/apis/nerdgraph/get-started/introduction-new-relic-nerdgraph/
import { type FakeAnswer, type FakeHttpServer, startHttpServer } from "./http-server.ts";

export interface LogRow {
  timestamp: number;
  messageId: string;
  message: string;
  [attribute: string]: unknown;
}

const MAX = 5_000;
const MOST_BLOB_ROWS = 20;
const LONGEST_TEXT = 4_094;
const LONGEST_BLOB = 128_000;
const select =
  /^SELECT \* FROM Log(?: WHERE \((.+)\))? SINCE (\d+) UNTIL (\d+) ORDER BY timestamp ASC LIMIT (MAX|\d+)$/;
const blobs =
  /^SELECT messageId, blob\(`newrelic\.ext\.message`\) AS 'rest' FROM Log WHERE messageId IN \((.+)\) SINCE (\d+) UNTIL (\d+) LIMIT (\d+)$/;

export interface FakeNewRelic extends FakeHttpServer {
  ingest(rows: LogRow[]): void;
  /** The next answers have status 200 and these errors. */
  sayErrors(message: string, errorClass: string, times?: number): void;
}

export async function startNewRelic({
  apiKey,
  account,
}: {
  apiKey: string;
  account: number;
}): Promise<FakeNewRelic> {
  const rows: LogRow[] = [];
  const errors: { message: string; extensions: { errorClass: string } }[] = [];

  function run(nrql: string): FakeAnswer {
    const asked = select.exec(nrql);
    if (asked) return results(selected(asked));
    const wanted = blobs.exec(nrql);
    if (wanted === null) return wrong(`NRQL Syntax Error: ${nrql}`, "BAD_USER_INPUT");
    if (Number(wanted[4]) > MOST_BLOB_ROWS)
      return wrong("Blob queries are limited to 20 results", "BAD_USER_INPUT");
    const ids = new Set([...(wanted[1] ?? "").matchAll(/'([^']+)'/g)].map(([, id]) => id));
    const found = within(Number(wanted[2]), Number(wanted[3])).filter(({ messageId }) => ids.has(messageId));
    return results(found.map(({ messageId, message }) => ({ messageId, rest: blobOf(message) })));
  }

  function selected([, where, since, until, limit]: RegExpExecArray): Record<string, unknown>[] {
    const service = /^service = '(.+)'$/.exec(where ?? "")?.[1];
    const most = Math.min(limit === "MAX" ? MAX : Number(limit), MAX);
    return within(Number(since), Number(until))
      .filter((row) => service === undefined || row["service"] === service)
      .sort((a, b) => a.timestamp - b.timestamp)
      .slice(0, most)
      .map((row) => ({ ...row, message: row.message.slice(0, LONGEST_TEXT) }));
  }

  const within = (since: number, until: number) =>
    rows.filter(({ timestamp }) => timestamp >= since && timestamp < until);

  const server = await startHttpServer(({ method, path, headers, body }) => {
    if (method !== "POST" || path !== "/graphql") return { status: 404, body: {} };
    if (headers["api-key"] !== apiKey)
      return { status: 401, body: { errors: [{ message: "Invalid API key" }] } };
    const { variables } = JSON.parse(body) as { variables: { account: number; nrql: string } };
    const error = errors.shift();
    if (error !== undefined)
      return { body: { data: { actor: { account: { nrql: null } } }, errors: [error] } };
    if (variables.account !== account) return wrong("Not authorized for account", "ACCESS_DENIED");
    return run(variables.nrql);
  });
  return {
    ...server,
    ingest: (more) => void rows.push(...more),
    sayErrors: (message, errorClass, times = 1) =>
      void errors.push(...Array.from({ length: times }, () => ({ message, extensions: { errorClass } }))),
  };
}

function blobOf(message: string): string {
  return Buffer.from(message.slice(LONGEST_TEXT)).subarray(0, LONGEST_BLOB).toString("base64");
}

function results(found: readonly object[]): FakeAnswer {
  return { body: { data: { actor: { account: { nrql: { results: found } } } } } };
}

function wrong(message: string, errorClass: string): FakeAnswer {
  return {
    body: { data: { actor: { account: { nrql: null } } }, errors: [{ message, extensions: { errorClass } }] },
  };
}
