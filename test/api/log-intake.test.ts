// Logs that are sent to a real server, by any program or by an OpenTelemetry exporter, end where one's own logs end.
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { makeIntake } from "../../tools/log-sources/intake.ts";
import type { LogEvent } from "../../tools/log-sources/log-source.ts";
import { serveWorld } from "./serve-world.ts";

function sink() {
  const events: LogEvent[] = [];
  const intake = makeIntake({ onEvents: async (some) => void events.push(...some), mostEvents: 100 });
  return { events, intake };
}

const record = (n: number) => JSON.stringify({ service: "shop", level: "error", message: `lost order ${n}` });
const ndjson = (count: number) => Array.from({ length: count }, (_, n) => record(n)).join("\n");

it("takes NDJSON, an array, and gzip, and says how many", async () => {
  const { events, intake } = sink();
  await using served = await serveWorld({ intake });
  const send = (body: string | Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}) =>
    served.ask("operator", "/api/logs", { method: "POST", body, headers });
  const plain = await send(ndjson(3));
  expect([plain.status, await plain.json()]).toEqual([202, { accepted: 3 }]);
  expect((await send(`[${record(7)}]`, { "content-type": "application/json" })).status).toBe(202);
  expect((await send(gzipSync(ndjson(2)), { "content-encoding": "gzip" })).status).toBe(202);
  expect(events.map(({ message }) => message)).toContain("lost order 7");
  expect(events).toHaveLength(6);
});

it("takes OTLP as JSON and answers in its own words", async () => {
  const { events, intake } = sink();
  await using served = await serveWorld({ intake });
  const body = {
    resourceLogs: [
      {
        resource: { attributes: [{ key: "service.name", value: { stringValue: "shop" } }] },
        scopeLogs: [
          {
            logRecords: [
              { timeUnixNano: "1800000000000000000", severityNumber: 17, body: { stringValue: "boom" } },
            ],
          },
        ],
      },
    ],
  };
  const answer = await served.send("operator", "POST", "/v1/logs", body);
  expect([answer.status, await answer.json()]).toEqual([200, { partialSuccess: {} }]);
  expect(events).toMatchObject([{ service: "shop", level: "error", message: "boom", ts: 1_800_000_000_000 }]);
});

it("turns away who may not, what is too much, and what cannot be read, and takes nothing of it", async () => {
  const { events, intake } = sink();
  await using served = await serveWorld({ intake });
  const post = (role: "nobody" | "viewer" | "operator", body: string | Uint8Array<ArrayBuffer>) =>
    served.ask(role, "/api/logs", { method: "POST", body });
  expect((await post("nobody", ndjson(1))).status).toBe(401);
  expect((await post("viewer", ndjson(1))).status).toBe(403);
  expect((await post("operator", "{no json")).status).toBe(400);
  expect((await post("operator", "x".repeat(5 * 1024 * 1024))).status).toBe(413);
  const flood = await post("operator", ndjson(101));
  expect([flood.status, Number(flood.headers.get("retry-after"))]).toEqual([429, expect.any(Number)]);
  expect(events).toEqual([]);
});
