// Logs that are sent to a real server, by any program or by an OpenTelemetry exporter, end where one's own logs end.
import { gzipSync } from "node:zlib";
import { expect, it } from "vitest";
import { makeTakeLogs } from "../../api/take-logs.ts";
import type { Signal } from "../../domain/signal.ts";
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

function event(service: string, rawId: string, more: Partial<LogEvent> = {}): LogEvent {
  const about = { ts: 5, ingestTs: 6, source: "http", attrs: {}, traceId: undefined };
  return { ...about, service, rawId, level: "info", message: "up", ...more };
}

it("gives a service its lines once, bounds the names of others, and reads the level where none was named", () => {
  const noted: Signal[] = [];
  const observed: Signal[] = [];
  const take = makeTakeLogs({
    services: () => new Set(["shop"]),
    note: (signal) => void noted.push(signal),
    observe: (signal) => void observed.push(signal),
  });
  take([
    event("shop", "1"),
    event("shop", "1"),
    event("shop", "2", { level: "unknown", message: "ERROR no" }),
  ]);
  take(Array.from({ length: 500 }, (_, n) => event(`other-${n}`, `o${n}`)));
  expect(noted).toMatchObject([
    { service: "shop", at: 5, level: "info", source: "http" },
    { service: "shop", level: "error" },
  ]);
  expect(observed).toHaveLength(500);
  expect(new Set(observed.map(({ service }) => service)).size).toBe(201);
});
