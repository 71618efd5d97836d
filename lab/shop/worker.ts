// The order worker of the demo: fetches orders from the partner, checks out at the shop front now and then, and sends
// customers to the stock, so that there is always a little traffic.
import { createServer } from "node:http";
import { availableParallelism } from "node:os";
import { Worker } from "node:worker_threads";
import { makeControl } from "./control.ts";
import { sendCustomers } from "./customers.ts";
import { logPlain } from "./plain-lines.ts";
import { readWorkerConfig, type WorkerConfig } from "./worker-config.ts";

const port = Number(process.env["SHOP_WORKER_PORT"] ?? 18_083);
const upstream = `http://127.0.0.1:${process.env["SHOP_UPSTREAM_PORT"] ?? 18_082}`;
const web = `http://127.0.0.1:${process.env["SHOP_WEB_PORT"] ?? 18_081}`;
const stock = `http://127.0.0.1:${process.env["SHOP_STOCK_PORT"] ?? 18_084}`;
const configPath = process.env["SHOP_CONFIG"] ?? "config/worker.yaml";
const EX_CONFIG = 78;
/** 128 + SIGTERM, as the shell tells it: somebody asked for this end. */
const EX_TERMINATED = 143;

let config = configOrEnd();
let fetched = 0;
const runaways: Worker[] = [];

async function pollOrders(): Promise<void> {
  const url = `${upstream}/orders?limit=${config.batchSize}`;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(config.timeoutMs) });
    await response.arrayBuffer();
    if (response.status === 429) {
      logPlain(
        "ERROR",
        `GET ${upstream}/orders answered 429 Too Many Requests; polling every ${config.delayMs} ms (delayMs)`,
      );
    } else if (!response.ok) {
      logPlain("WARN", `GET ${upstream}/orders answered ${response.status}, trying again`);
    } else {
      fetched += config.batchSize;
      logPlain("INFO", `fetched ${config.batchSize} orders, 0 errors, ${fetched} in all`);
    }
  } catch (error) {
    logPlain("WARN", `GET ${upstream}/orders: ${reasonOf(error)}, trying again`);
  }
}

async function checkOut(): Promise<void> {
  try {
    const response = await fetch(`${web}/checkout`, { signal: AbortSignal.timeout(config.timeoutMs) });
    await response.arrayBuffer();
    if (!response.ok) logPlain("WARN", `checkout at ${web} answered ${response.status}, trying again later`);
  } catch (error) {
    logPlain("WARN", `checkout at ${web}: ${reasonOf(error)}, trying again later`);
  }
}

/** Again and again, the pause read anew each time so that a reload counts at once. */
function repeat(job: () => Promise<void>, pause: () => number): void {
  const next = (): void => {
    setTimeout(() => void job().then(next), pause());
  };
  next();
}

/** The fault: loops that never end, one for each processor that this process may use. */
function spin(): void {
  logPlain("INFO", "rebuilding the search index");
  for (let count = runaways.length; count < availableParallelism(); count += 1) {
    runaways.push(new Worker("for (;;) {}", { eval: true }));
  }
}

function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function configOrEnd(): WorkerConfig {
  try {
    return readWorkerConfig(configPath);
  } catch (error) {
    logPlain("ERROR", error instanceof Error ? error.message : String(error));
    process.exit(EX_CONFIG);
  }
}

const control = makeControl(process.env["SHOP_CONTROL_TOKEN_FILE"], {
  "cpu-spike": spin,
  mend: () => {
    for (const one of runaways.splice(0)) void one.terminate();
  },
});

const customers = sendCustomers(stock, reasonOf);

const server = createServer((request, response) => {
  if (control(request, response)) return;
  const known = request.url === "/healthz";
  response
    .writeHead(known ? 200 : 404, { "content-type": "application/json" })
    .end(JSON.stringify({ fetched, customers }));
});

process.on("SIGHUP", () => {
  config = configOrEnd();
  logPlain("INFO", `read ${configPath} again: delayMs ${config.delayMs}`);
});
process.once("SIGTERM", () => process.exit(EX_TERMINATED));

logPlain("INFO", "error queue is empty");
server.listen(port, "127.0.0.1", () =>
  logPlain("INFO", `worker listens on http://127.0.0.1:${port}, polls every ${config.delayMs} ms`),
);
repeat(pollOrders, () => config.delayMs);
repeat(checkOut, () => config.checkoutEveryMs);
