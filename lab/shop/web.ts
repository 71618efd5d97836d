// The shop front of the demo: a small, honest HTTP service. It refuses to start on a wrong configuration, serves
// pages, counts its requests, and logs each one.
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { makeControl } from "./control.ts";
import { logJson } from "./json-lines.ts";
import { makePlaces } from "./places.ts";
import { makePrices, products } from "./prices.ts";
import { readWebConfig, type WebConfig } from "./web-config.ts";
import { crash, hang, makeSessions } from "./web-faults.ts";

const port = Number(process.env["SHOP_WEB_PORT"] ?? 18_081);
const upstreamPort = Number(process.env["SHOP_UPSTREAM_PORT"] ?? 18_082);
const memoryLimit = Number(process.env["SHOP_MEMORY_LIMIT"] ?? 192 * 1024 * 1024);
const configPath = process.env["SHOP_CONFIG"] ?? "config/web.json";
/** sysexits.h: configuration error. */
const EX_CONFIG = 78;
/** 128 + SIGTERM, as the shell tells it: somebody asked for this end. */
const EX_TERMINATED = 143;

let config = configOrEnd();
const counts = new Map<number, number>();
const places = makePlaces();
const sessions = makeSessions();
const prices = makePrices({
  url: `http://127.0.0.1:${upstreamPort}`,
  timeoutMs: () => config.upstreamTimeoutMs,
  ttlMs: () => config.cacheTtlMs,
  onTrouble: (why) => logJson("warn", `${why}; the last known price is used`),
});

const control = makeControl(process.env["SHOP_CONTROL_TOKEN_FILE"], {
  crash,
  hang,
  "error-spike": () => prices.poison(3),
  "latency-spike": () => places.lose(),
  "memory-leak": (overMs) => sessions.grow(memoryLimit, overMs > 0 ? overMs : undefined),
  mend: () => {
    prices.forget();
    places.free();
    sessions.drop();
  },
});

const pages: Record<string, () => Promise<object>> = {
  "/healthz": async () => ({ status: "ok" }),
  "/": async () => ({ shop: "corner shop", currency: config.currency, products }),
  "/checkout": async () => {
    const product = products[Math.floor(Math.random() * products.length)] ?? "bread";
    const price = (await prices.of(product)) as { cents: number };
    return { product, cents: price.cents, currency: config.currency };
  },
};

const server = createServer((request, response) => {
  if (control(request, response)) return;
  const path = new URL(request.url ?? "/", "http://shop").pathname;
  if (path === "/metrics")
    response.writeHead(200, { "content-type": "text/plain; version=0.0.4" }).end(metrics());
  else void serve(request, response, path);
});

async function serve(request: IncomingMessage, response: ServerResponse, path: string): Promise<void> {
  const began = performance.now();
  await places.take();
  const [status, body] = await answerOf(path);
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
  counts.set(status, (counts.get(status) ?? 0) + 1);
  const ms = Math.round(performance.now() - began);
  const method = request.method ?? "GET";
  logJson("info", `${method} ${path} ${status} ${ms}ms`, { method, path, status, ms });
}

async function answerOf(path: string): Promise<[number, object]> {
  const page = pages[path];
  if (page === undefined) return [404, { error: "no such page" }];
  try {
    return [200, await page()];
  } catch (error) {
    logJson("error", `${path} failed: ${String(error)}`);
    return [500, { error: "internal error" }];
  }
}

function metrics(): string {
  const cpu = process.cpuUsage();
  return [
    "# TYPE http_requests_total counter",
    ...[...counts].map(([status, count]) => `http_requests_total{code="${status}"} ${count}`),
    "# TYPE process_resident_memory_bytes gauge",
    `process_resident_memory_bytes ${process.memoryUsage.rss()}`,
    "# TYPE process_cpu_seconds_total counter",
    `process_cpu_seconds_total ${(cpu.user + cpu.system) / 1_000_000}`,
    "",
  ].join("\n");
}

function configOrEnd(): WebConfig {
  try {
    return readWebConfig(configPath);
  } catch (error) {
    logJson("fatal", error instanceof Error ? error.message : String(error));
    process.exit(EX_CONFIG);
  }
}

process.on("SIGHUP", () => {
  config = configOrEnd();
  logJson("info", `read ${configPath} again`);
});
process.once("SIGTERM", () => {
  logJson("info", "stopping");
  server.close(() => process.exit(EX_TERMINATED));
  server.closeAllConnections();
});

logJson("info", "error handler registered");
logJson(
  "info",
  `read ${configPath}: ${config.workers} workers, upstream timeout ${config.upstreamTimeoutMs} ms`,
);
server.listen(port, "127.0.0.1", () =>
  logJson("info", `shop front listens on http://127.0.0.1:${port}, 0 errors`),
);
