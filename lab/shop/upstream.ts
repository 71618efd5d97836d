// The partner's API of the demo: prices without limit, orders at a limited rate (token bucket). The rate is read from
// its control file, as a partner changes its mind.
import { readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { logPlain } from "./plain-lines.ts";

const port = Number(process.env["SHOP_UPSTREAM_PORT"] ?? 18_082);
const limitFile = process.env["SHOP_UPSTREAM_LIMIT_FILE"] ?? "config/upstream.json";
/** 128 + SIGTERM, as the shell tells it: somebody asked for this end. */
const EX_TERMINATED = 143;

interface Limit {
  ordersPerSecond: number;
  burst: number;
}

let limit: Limit = { ordersPerSecond: 20, burst: 2 };
let limitReadAt = -1;
let tokens = limit.burst;
let filledAt = performance.now();

function currentLimit(): Limit {
  try {
    const { mtimeMs } = statSync(limitFile);
    if (mtimeMs !== limitReadAt) {
      limit = JSON.parse(readFileSync(limitFile, "utf8")) as Limit;
      limitReadAt = mtimeMs;
      tokens = Math.min(tokens, limit.burst);
      logPlain("INFO", `allowing ${limit.ordersPerSecond} calls of /orders a second`);
    }
  } catch {
    // Just being written, or not there: the last known limit holds.
  }
  return limit;
}

function takeToken(): boolean {
  const { ordersPerSecond, burst } = currentLimit();
  const now = performance.now();
  tokens = Math.min(burst, tokens + ((now - filledAt) / 1_000) * ordersPerSecond);
  filledAt = now;
  if (tokens < 1) return false;
  tokens -= 1;
  return true;
}

function answerOf(url: URL): [number, object] {
  switch (url.pathname) {
    case "/status":
      return [200, { status: "ok" }];
    case "/price":
      return [200, { cents: 100 + (url.searchParams.get("product") ?? "").length * 37 }];
    case "/orders":
      return takeToken()
        ? [200, { orders: ordersOf(Number(url.searchParams.get("limit") ?? 10)) }]
        : [429, { error: "slow down" }];
    default:
      return [404, { error: "unknown" }];
  }
}

function ordersOf(count: number): object[] {
  return Array.from({ length: Math.min(count, 100) }, (_, index) => ({ id: index, items: 1 + (index % 3) }));
}

const server = createServer((request, response) => {
  const url = new URL(request.url ?? "/", "http://partner");
  const [status, body] = answerOf(url);
  const text = JSON.stringify(body);
  const wait = status === 429 ? { "retry-after": "1" } : {};
  response.writeHead(status, { "content-type": "application/json", ...wait }).end(text);
  // Common log format.
  logPlain("INFO", `127.0.0.1 - - "${request.method} ${request.url} HTTP/1.1" ${status} ${text.length}`);
});

process.once("SIGTERM", () => {
  server.close(() => process.exit(EX_TERMINATED));
  server.closeAllConnections();
});

logPlain("INFO", "error pages loaded");
server.listen(port, "127.0.0.1", () => logPlain("INFO", `partner API listens on http://127.0.0.1:${port}`));
