// Imitates Grafana Loki's query_range, with what it refuses: more than max_entries_limit_per_query lines (400), a
// range beyond max_query_length (400), a missing tenant (401 "no org id"), an end that is not after the start.
// https://grafana.com/docs/loki/latest/configure/#limits_config
import { type FakeHttpServer, startHttpServer } from "./http-server.ts";

export interface LokiLine {
  /** Nanoseconds. */
  at: bigint;
  stream: Record<string, string>;
  line: string;
}

const MOST_LINES = 5_000;
const LONGEST_RANGE = 721n * 3_600n * 1_000_000_000n;

const refuse = (status: number, message: string) => ({ status, body: { status: "error", message } });

export async function startLoki({
  tenant,
}: {
  tenant?: string;
} = {}): Promise<FakeHttpServer & { write(lines: LokiLine[]): void }> {
  const stored = new Map<string, LokiLine>();

  const server = await startHttpServer(({ path, query, headers }) => {
    if (tenant !== undefined && headers["x-scope-orgid"] !== tenant) return refuse(401, "no org id");
    if (path !== "/loki/api/v1/query_range") return refuse(404, "not found");
    const limit = Number(query.get("limit") ?? 100);
    const [start, end] = [BigInt(query.get("start") ?? 0), BigInt(query.get("end") ?? 0)];
    if (limit > MOST_LINES) {
      return refuse(
        400,
        `max entries limit per query exceeded, limit > max_entries_limit (${limit} > ${MOST_LINES})`,
      );
    }
    if (end <= start) return refuse(400, "end timestamp must not be before or equal to start time");
    if (end - start > LONGEST_RANGE) return refuse(400, "the query time range exceeds the limit");
    if (!/^\{.+\}/.test(query.get("query") ?? "")) return refuse(400, "parse error : syntax error");
    const forward = query.get("direction") === "forward";
    const found = [...stored.values()]
      .filter(({ at }) => at >= start && at < end)
      .sort((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : 0) * (forward ? 1 : -1))
      .slice(0, limit);
    return {
      body: { status: "success", data: { resultType: "streams", result: byStream(found), stats: {} } },
    };
  });

  return Object.assign(server, {
    // The same line of a stream at the same nanosecond is kept once.
    write(lines: LokiLine[]) {
      for (const one of lines) stored.set(`${JSON.stringify(one.stream)} ${one.at} ${one.line}`, one);
    },
  });
}

function byStream(lines: readonly LokiLine[]) {
  const streams = new Map<string, { stream: Record<string, string>; values: [string, string][] }>();
  for (const { at, stream, line } of lines) {
    const key = JSON.stringify(stream);
    const entry = streams.get(key) ?? { stream, values: [] };
    streams.set(key, entry);
    entry.values.push([String(at), line]);
  }
  return [...streams.values()];
}
