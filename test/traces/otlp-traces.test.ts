// OTLP traces, as OpenTelemetry's own serializers write them, and as somebody does who means harm.
import { gzipSync } from "node:zlib";
import { SpanKind, SpanStatusCode, trace, ROOT_CONTEXT } from "@opentelemetry/api";
// Comes with each exporter, which uses it the same way.
import { JsonTraceSerializer, ProtobufTraceSerializer } from "@opentelemetry/otlp-transformer";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { type ReadableSpan, SimpleSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { describe, expect, it } from "vitest";
import type { CallSpan } from "../../domain/call-span.ts";
import type { PostedBody } from "../../tools/log-sources/http-logs.ts";
import { receiveTraces } from "../../tools/traces/receive-traces.ts";

const now = Date.parse("2026-03-01T12:00:00Z");

async function taken(posted: PostedBody) {
  const spans: CallSpan[] = [];
  const answer = await receiveTraces(posted, {
    take: (some) => void spans.push(...some),
    inTurn: (work) => work(),
  });
  return { spans, answer };
}

async function recorded(): Promise<ReadableSpan[]> {
  const all: ReadableSpan[] = [];
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "shop" }),
    spanProcessors: [
      new SimpleSpanProcessor({
        exporter: {
          export(some, done) {
            all.push(...some);
            done({ code: 0 });
          },
          shutdown: () => Promise.resolve(),
        },
      }),
    ],
  });
  const tracer = provider.getTracer("pay");
  const root = tracer.startSpan("POST /pay", { startTime: new Date(now), kind: SpanKind.SERVER });
  const attributes = {
    "server.address": "DB.example",
    "server.port": 5432,
    "db.query.text": "select password",
  };
  const inside = trace.setSpan(ROOT_CONTEXT, root);
  const call = tracer.startSpan(
    "SELECT",
    { startTime: new Date(now + 5), kind: SpanKind.CLIENT, attributes },
    inside,
  );
  call.setStatus({ code: SpanStatusCode.ERROR, message: "password=hunter2" });
  call.end(new Date(now + 25));
  root.end(new Date(now + 30));
  await provider.forceFlush();
  return all;
}

const refused = async (posted: PostedBody): Promise<number> => (await taken(posted)).answer.http;
const ending = (): void => {
  throw new Error("ending");
};

describe("POST /v1/traces", () => {
  it.each([
    ["JSON", JsonTraceSerializer, "application/json; charset=utf-8"],
    ["protobuf", ProtobufTraceSerializer, "application/x-protobuf"],
  ])("reads %s, packed or not, and keeps no texts", async (_, serializer, contentType) => {
    const body = Buffer.from(serializer.serializeRequest(await recorded()) ?? []);
    const { spans, answer } = await taken({ body, contentType });
    expect([answer.http, answer.contentType]).toEqual([200, contentType.split(";")[0]]);
    expect(serializer.deserializeResponse(answer.body)?.partialSuccess?.errorMessage ?? "").toBe("");
    const [call, root] = spans;
    expect(root).toMatchObject({
      service: "shop",
      operation: "POST /pay",
      parent: "",
      start: now,
      duration: 30,
    });
    expect(call).toMatchObject({
      trace: root?.trace,
      parent: root?.id,
      operation: "SELECT",
      start: now + 5,
      duration: 20,
      failed: true,
      asks: { host: "db.example", port: 5432, refused: false },
    });
    expect(JSON.stringify(spans)).not.toContain("password");
    const packed = await taken({ body: gzipSync(body), contentType, contentEncoding: "gzip" });
    expect(packed.spans).toEqual(spans);
  });

  it("answers like /v1/logs what it cannot read, what is too large, and what it cannot take", async () => {
    const json = { contentType: "application/json" };
    expect(await refused({ body: Buffer.from("{"), ...json })).toBe(400);
    expect(await refused({ body: Buffer.from('{"resourceSpans":7}'), ...json })).toBe(400);
    expect(await refused({ body: Buffer.from([8, 255]), contentType: "application/x-protobuf" })).toBe(400);
    expect(await refused({ body: Buffer.from("<a/>"), contentType: "text/xml" })).toBe(415);
    const bomb = gzipSync(Buffer.alloc(5 * 1024 * 1024, 32));
    expect(await refused({ body: bomb, ...json, contentEncoding: "gzip" })).toBe(413);
    const posted = { body: Buffer.from("{}"), ...json };
    expect(await receiveTraces(posted, { take: ending, inTurn: (work) => work() })).toMatchObject({
      http: 503,
      retryAfter: 5,
    });
  });
});

const ID = { traceId: "0AF7651916CD43DD8448EB211C80319C", spanId: "b7ad6b7169203331" };
const TIMES = { startTimeUnixNano: `${now}000500`, endTimeUnixNano: `${now}001500` };
const request = (spans: unknown[], service: unknown = { stringValue: "shop" }): PostedBody => ({
  contentType: "application/json",
  body: Buffer.from(
    JSON.stringify({
      resourceSpans: [
        {
          resource: { attributes: [{ key: "service.name", value: service }] },
          scopeSpans: [{ spans }],
        },
      ],
    }),
  ),
});
const attribute = (key: string, stringValue: string) => ({ key, value: { stringValue } });

describe("a span", () => {
  it("is left out, and this is said, without ids, times or a service", async () => {
    const bad = [
      { ...ID, ...TIMES, traceId: "../../etc/passwd" },
      { ...ID, ...TIMES, traceId: "0".repeat(32) },
      { ...ID, ...TIMES, spanId: "b7ad" },
      { ...ID, startTimeUnixNano: "0", endTimeUnixNano: "1" },
      { ...ID },
      {},
    ];
    const { spans, answer } = await taken(request([...bad, { ...ID, ...TIMES }]));
    expect(spans).toHaveLength(1);
    expect(JSON.parse(answer.body.toString())).toMatchObject({ partialSuccess: { rejectedSpans: "6" } });
    expect((await taken(request([{ ...ID, ...TIMES }], null))).spans).toEqual([]);
  });

  it("has names of bounded length without control characters, and a duration that is no time travel", async () => {
    const span = {
      ...ID,
      ...TIMES,
      endTimeUnixNano: "1000000",
      parentSpanId: "x".repeat(1_000),
      name: `\u001b[31mGET ${"x".repeat(100_000)}`,
      attributes: [attribute("payload", "y".repeat(1_000_000)), attribute("peer.service", "db")],
      kind: "SPAN_KIND_CLIENT",
      status: { code: "STATUS_CODE_ERROR", message: "z".repeat(100_000) },
    };
    const [one] = (await taken(request([span]))).spans;
    expect(one).toMatchObject({ parent: "", duration: 0, failed: true, start: now, asks: { name: "db" } });
    expect(one?.operation.startsWith("[31mGET x")).toBe(true);
    expect(JSON.stringify(one).length).toBeLessThan(700);
  });

  it.each([
    ["http.response.status_code", "404", true],
    ["http.response.status_code", "503", false],
    ["http.status_code", "429", false],
    ["db.response.status_code", "42601", true],
    ["error.type", "ECONNREFUSED", false],
  ])("whose %s is %s was refused by the one that it asked: %s", async (key, value, refused) => {
    const attributes = [attribute("server.address", "db"), attribute(key, value)];
    const { spans } = await taken(request([{ ...ID, ...TIMES, kind: 3, attributes }]));
    expect(spans[0]?.asks).toEqual({ host: "db", refused });
  });
});
