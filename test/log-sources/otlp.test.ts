// OTLP logs, sent by OpenTelemetry's own exporters over HTTP.
import { once } from "node:events";
import http from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gzipSync } from "node:zlib";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { OTLPLogExporter as JsonExporter } from "@opentelemetry/exporter-logs-otlp-http";
import { OTLPLogExporter as ProtobufExporter } from "@opentelemetry/exporter-logs-otlp-proto";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchLogRecordProcessor, LoggerProvider } from "@opentelemetry/sdk-logs";
import { describe, expect, it } from "vitest";
import { type Intake, makeIntake } from "../../tools/log-sources/intake.ts";
import type { LogEvent } from "../../tools/log-sources/log-source.ts";
import { decodeOtlp, receiveOtlp } from "../../tools/log-sources/otlp.ts";

const now = Date.parse("2026-03-01T12:00:00Z");
const clock = { now: () => now };

/** The route that api/ will have, as small as it can be. */
async function startDoor({ busy = 0 } = {}) {
  const stored: LogEvent[] = [];
  const answers: number[] = [];
  const intake = makeIntake({
    onEvents: async (events) => {
      stored.push(...events);
    },
  });
  const full: Intake = { ...intake, load: () => 1 };
  const server = http.createServer((request, response) => {
    void buffer(request).then(async (body) => {
      const posted = {
        body,
        contentType: request.headers["content-type"],
        contentEncoding: request.headers["content-encoding"],
      };
      const taking = answers.length < busy ? full : intake;
      const answer = await receiveOtlp(posted, { source: "otlp", intake: taking, clock });
      answers.push(answer.http);
      const retry = answer.retryAfter === undefined ? {} : { "retry-after": String(answer.retryAfter) };
      response.writeHead(answer.http, { "content-type": answer.contentType, ...retry }).end(answer.body);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/logs`;
  return {
    url,
    stored,
    answers,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

async function send(exporter: JsonExporter | ProtobufExporter): Promise<void> {
  const provider = new LoggerProvider({
    resource: resourceFromAttributes({ "service.name": "checkout", "host.name": "shop-1" }),
    processors: [new BatchLogRecordProcessor({ exporter })],
  });
  const logger = provider.getLogger("pay");
  logger.emit({
    timestamp: now - 60_000,
    severityNumber: 17,
    severityText: "ERROR",
    body: "payment failed, password=hunter2",
    attributes: {
      orderId: 4_711,
      ratio: 0.5,
      paid: false,
      tags: ["a", "b"],
      apiKey: "abc",
      "exception.stacktrace": "Error: payment failed\n    at pay (pay.js:1)",
    },
  });
  logger.emit({ timestamp: now, severityNumber: 9, body: { order: { id: 1 } } });
  await provider.forceFlush();
  await provider.shutdown();
}

const exporters = {
  JSON: (url: string) => new JsonExporter({ url }),
  "JSON, gzip": (url: string) => new JsonExporter({ url, compression: CompressionAlgorithm.GZIP }),
  protobuf: (url: string) => new ProtobufExporter({ url }),
  "protobuf, gzip": (url: string) => new ProtobufExporter({ url, compression: CompressionAlgorithm.GZIP }),
};

describe.each(Object.entries(exporters))("OTLP over HTTP, the official exporter of %s", (_, exporter) => {
  it("is understood", async () => {
    await using door = await startDoor();
    await send(exporter(door.url));
    expect(door.answers).toEqual([200]);
    expect(door.stored).toMatchObject([
      {
        ts: now - 60_000,
        ingestTs: now,
        source: "otlp",
        service: "checkout",
        level: "error",
        message: "payment failed, password=«secret»\nError: payment failed\n    at pay (pay.js:1)",
        attrs: {
          orderId: 4_711,
          ratio: 0.5,
          paid: false,
          tags: ["a", "b"],
          apiKey: "«secret»",
          "host.name": "shop-1",
          scope: "pay",
        },
      },
      { ts: now, level: "info", message: '{"order":{"id":1}}' },
    ]);
  });

  it("comes again when there is no room, and its events are stored once", async () => {
    await using door = await startDoor({ busy: 1 });
    await send(exporter(door.url));
    expect(door.answers).toEqual([429, 200]);
    expect(door.stored.length).toBe(2);
  });
});

const json = (value: unknown, parts: { contentType?: string; contentEncoding?: string } = {}) =>
  decodeOtlp(
    {
      body: Buffer.from(typeof value === "string" ? value : JSON.stringify(value)),
      contentType: "application/json",
      ...parts,
    },
    { now },
  );
const logs = (...logRecords: unknown[]) => ({ resourceLogs: [{ scopeLogs: [{ logRecords }] }] });

describe("decodeOtlp", () => {
  it.each([
    ["text, as the specification says", `${now}000000`],
    ["a number, as some exporters send it", now * 1e6],
  ])("reads a time that is %s", async (_, timeUnixNano) => {
    expect(await json(logs({ timeUnixNano, body: { stringValue: "x" } }))).toMatchObject({
      events: [{ ts: now }],
    });
  });

  it("takes the time of observation, or its own, where there is none", async () => {
    expect(
      await json(
        logs({ timeUnixNano: "0", observedTimeUnixNano: `${now - 5}000000` }, { body: { intValue: "7" } }),
      ),
    ).toMatchObject({ events: [{ ts: now - 5 }, { ts: now, message: "7" }] });
  });

  it("keeps ids as hex, and names of severities", async () => {
    const record = {
      timeUnixNano: "1",
      traceId: "0AF7651916CD43DD8448EB211C80319C",
      spanId: "b7ad6b7169203331",
      severityNumber: "SEVERITY_NUMBER_ERROR2",
    };
    expect(await json(logs(record))).toMatchObject({
      events: [
        {
          traceId: "0af7651916cd43dd8448eb211c80319c",
          level: "ERROR",
          attrs: { spanId: "b7ad6b7169203331" },
        },
      ],
    });
  });

  it("gives equal records of one request different ids, and a repeated request the same", async () => {
    const request = logs(
      { timeUnixNano: "1", body: { stringValue: "x" } },
      { timeUnixNano: "1", body: { stringValue: "x" } },
    );
    const [once, again] = [await json(request), await json(request)];
    expect(once).toEqual(again);
    const ids = once.status === "ok" ? once.events.map(({ rawId }) => rawId) : [];
    expect(new Set(ids).size).toBe(2);
  });

  it.each([
    ["text", "hello", {}, 400],
    ["another JSON", '{"resourceLogs":{}}', {}, 400],
    ["JSON said to be protobuf", "{}{}{}", { contentType: "application/x-protobuf" }, 400],
    ["another type", "{}", { contentType: "text/plain" }, 415],
    ["no gzip", "{}", { contentEncoding: "gzip" }, 400],
    ["values nested without end", `{"resourceLogs":${"[".repeat(100_000)}`, {}, 400],
  ])("refuses %s", async (_, text, parts, code) => {
    expect(await json(text, parts)).toMatchObject({ status: "refused", http: code });
  });

  it("refuses what unpacks to more than 4 MB", async () => {
    const body = gzipSync(Buffer.alloc(20_000_000));
    const posted = { body, contentType: "application/x-protobuf", contentEncoding: "gzip" };
    expect(await decodeOtlp(posted, { now })).toMatchObject({ status: "refused", http: 413 });
  });

  it("does not follow values into the deep", async () => {
    let value: unknown = { stringValue: "bottom" };
    for (let depth = 0; depth < 50; depth += 1) value = { arrayValue: { values: [value] } };
    expect(await json(logs({ timeUnixNano: "1", body: value }))).toMatchObject({
      events: [{ message: '[[[[[[[[["…"]]]]]]]]]' }],
    });
  });
});
