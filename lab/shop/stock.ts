// A replica of the demo's stock: takes reservations. Several of them serve behind one proxy (lab/programs/proxy.ts), and
// each is as good as the other.
import { randomUUID } from "node:crypto";
import { createServer } from "node:http";
import { makeControl } from "./control.ts";
import { makePlaces } from "./places.ts";
import { logPlain } from "./plain-lines.ts";
import { readStockConfig, type StockConfig } from "./stock-config.ts";

const port = Number(process.env["SHOP_REPLICA_PORT"] ?? 18_086);
const configPath = process.env["SHOP_CONFIG"] ?? "config/stock.json";
/** sysexits.h: configuration error. */
const EX_CONFIG = 78;
/** 128 + SIGTERM, as the shell tells it: somebody asked for this end. */
const EX_TERMINATED = 143;
const { holdMinutes } = configOrEnd();
const places = makePlaces();

const control = makeControl(process.env["SHOP_CONTROL_TOKEN_FILE"], {
  "slow-replica": () => places.lose(),
  mend: () => places.free(),
});

function answerOf(asked: string): [number, object] {
  switch (asked) {
    case "GET /healthz":
      return [200, { status: "ok" }];
    case "POST /reserve":
      return [201, { reservation: randomUUID(), until: new Date(Date.now() + holdMinutes * 60_000) }];
    default:
      return [404, { error: "unknown" }];
  }
}

function configOrEnd(): StockConfig {
  try {
    return readStockConfig(configPath);
  } catch (error) {
    logPlain("ERROR", error instanceof Error ? error.message : String(error));
    process.exit(EX_CONFIG);
  }
}

const server = createServer((request, response) => {
  if (control(request, response)) return;
  void places.take().then(() => {
    const [status, body] = answerOf(`${request.method} ${request.url}`);
    const text = JSON.stringify(body);
    response.writeHead(status, { "content-type": "application/json" }).end(text);
    // Common log format.
    logPlain("INFO", `127.0.0.1 - - "${request.method} ${request.url} HTTP/1.1" ${status} ${text.length}`);
  });
});

/** It does not wait for what is under way: that is what it is taken out of rotation for. */
process.once("SIGTERM", () => {
  server.close(() => process.exit(EX_TERMINATED));
  server.closeAllConnections();
});

server.listen(port, "127.0.0.1", () => logPlain("INFO", `stock listens on http://127.0.0.1:${port}`));
