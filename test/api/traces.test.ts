// Traces that services send with OpenTelemetry's own exporter to a real server: only the callers look slow, and the
// one that they wait for is named. And what someone sends who means harm.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { type Context, ROOT_CONTEXT, SpanKind, trace, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, TracerProvider } from "@opentelemetry/sdk-trace";
import { afterAll, beforeAll, expect, it } from "vitest";
import { makeHealthView } from "../../api/health-view.ts";
import { renderDependencies } from "../../api/cli/render/dependencies.ts";
import { makeHttpOperations } from "../../api/http-operations.ts";
import type { Operations } from "../../api/operations.ts";
import { makeLocalOperations } from "../../api/local-operations.ts";
import { systemClock } from "../../domain/system-clock.ts";
import { makeIntake } from "../../tools/log-sources/intake.ts";
import { hex } from "../diagnosis/traced-shop.ts";
import { untilTrue } from "../scenarios/site.ts";
import { openServer, type OwnServer } from "./own-server.ts";
import { type Served, serveWorld } from "./serve-world.ts";

const MINUTE = 60_000;
const SLOW_MS = 120;

/** web → api → db; web and api answer late, as they wait for db, which only its callers see. */
const late = createServer((_request, response) => {
  void sleep(SLOW_MS).then(() => response.end("ok"));
});

let server: OwnServer;
let served: Served;
let operations: Operations;
let ahead = 0;

beforeAll(async () => {
  await new Promise<void>((resolve) => late.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(late.address() as AddressInfo).port}`;
  server = await openServer({
    services: () => [
      { name: "web", health: [{ http: `${url}/web` }] },
      { name: "api", health: [{ http: `${url}/api` }] },
      { name: "db" },
    ],
    healing: { mode: "observe" },
    more: { thresholds: { latency: "50ms" } },
    clock: { ...systemClock, now: () => Date.now() + ahead },
  });
  const { opened, engine, observers, knowledge, body } = server;
  operations = makeLocalOperations({
    ...server,
    observations: opened.observations,
    observer: observers,
    recall: knowledge,
    outages: engine.outages,
    view: makeHealthView(server),
    healer: body.healer,
    checkEveryMs: MINUTE,
    info: {
      version: "0.1.0",
      node: process.version,
      store: opened.kind,
      queue: "embedded",
      model: "none",
      started_at: new Date().toISOString(),
      demo: false,
    },
  });
  const intake = makeIntake({ onEvents: body.takeLogs });
  served = await serveWorld({ operations, intake, takeSpans: server.calls.take });
}, 60_000);
afterAll(async () => {
  await served[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
  late.close();
});

/** A service with tracing, as it would set it up. */
function traced(name: string) {
  const exporter = new OTLPTraceExporter({
    url: `${served.url}/v1/traces`,
    headers: { authorization: `Bearer ${served.tokens.operator}` },
    compression: CompressionAlgorithm.GZIP,
  });
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": name }),
    spanProcessors: [new BatchSpanProcessor({ exporter, maxQueueSize: 10_000, maxExportBatchSize: 1_000 })],
  });
  return { provider, tracer: provider.getTracer(name) };
}

function record(
  tracer: Tracer,
  name: string,
  kind: SpanKind,
  [start, end]: [number, number],
  { above = ROOT_CONTEXT, host }: { above?: Context; host?: string } = {},
): Context {
  const attributes = host === undefined ? {} : { "server.address": host };
  const span = tracer.startSpan(name, { kind, startTime: new Date(start), attributes }, above);
  span.end(new Date(end));
  return trace.setSpan(above, span);
}

interface Suspected {
  outages: { suspects: { service: string; because: string[] }[]; next: unknown[] }[];
}
async function ask<Answer>(path: string): Promise<Answer> {
  const answer = await served.ask("viewer", path);
  expect(answer.status).toBe(200);
  return (await answer.json()) as Answer;
}

const slowCallers = (): number =>
  ["web", "api"].filter((name) => server.findingsOf(name).some((one) => one.kind === "latency")).length;

it("name the callee at fault, where only its callers show latency", async () => {
  const [web, api] = [traced("web"), traced("api")];
  const now = Date.now();
  for (let n = 0; n < 200; n += 1) {
    const at = now - 20 * MINUTE + n * 5_900;
    const db = at > now - 4 * MINUTE ? 900 : 10;
    const root = record(web.tracer, "GET /", SpanKind.SERVER, [at, at + db + 40]);
    const call = record(web.tracer, "POST", SpanKind.CLIENT, [at + 5, at + db + 35], {
      above: root,
      host: "api",
    });
    const answer = record(api.tracer, "POST /pay", SpanKind.SERVER, [at + 6, at + db + 34], { above: call });
    record(api.tracer, "SELECT", SpanKind.CLIENT, [at + 20, at + 20 + db], { above: answer, host: "db" });
  }
  await Promise.all([web.provider.shutdown(), api.provider.shutdown()]);
  ahead = 20_000;
  await untilTrue("both callers are slow", () => slowCallers() === 2);

  const { outages } = await ask<Suspected>("/api/predictions");
  expect(outages[0]?.suspects[0]?.service).toBe("db");
  expect(outages[0]?.suspects[0]?.because[0]).toMatch(/of the extra time is spent in it/);
  expect(await ask("/api/dependencies")).toMatchObject({
    dependencies: [
      { from: "api", to: "db", declared: false, learned: true, error_share: 0 },
      { from: "web", to: "api", declared: false, learned: true, error_share: 0 },
    ],
  });
  expect(await ask("/api/dependencies?service=web")).toMatchObject({ dependencies: [{ from: "web" }] });
  const overHttp = makeHttpOperations({ url: served.url, token: served.tokens.viewer });
  const seen = await overHttp.dependencies({});
  expect(seen).toEqual(await operations.dependencies({}));
  expect(renderDependencies(seen)).toMatch(/api +db +learned +\d+\.\d +0\.00 % +\d+ ms/);
}, 60_000);

const spansOf = (service: string, spans: object[]) => ({
  resource: { attributes: [{ key: "service.name", value: { stringValue: service } }] },
  scopeSpans: [{ spans }],
});

it("are no way to fill the memory, to hang the server or to displace what is known", async () => {
  const at = Date.now() + ahead;
  const times = { startTimeUnixNano: `${at}000000`, endTimeUnixNano: `${at + 5}000000` };
  const span = (n: number, parent: number) => ({
    traceId: hex(7, 32),
    spanId: hex(n, 16),
    parentSpanId: hex(parent, 16),
    name: "x",
    ...times,
  });
  const circle = spansOf("web", [span(1, 2), span(2, 1), span(3, 3)]);
  const many = Array.from({ length: 10_000 }, (_, n) =>
    spansOf(`service-${n}`, [
      {
        ...span(n + 10, 0),
        traceId: hex(n + 9, 32),
        kind: 3,
        attributes: [{ key: "peer.service", value: { stringValue: `peer-${n}` } }],
      },
    ]),
  );
  for (const resourceSpans of [[circle], many.slice(0, 5_000), many.slice(5_000)]) {
    const answer = await served.send("operator", "POST", "/v1/traces", { resourceSpans });
    expect([answer.status, await answer.json()]).toEqual([200, { partialSuccess: {} }]);
  }
  ahead += 20_000;
  const { dependencies } = await ask<{ dependencies: { from: string }[] }>("/api/dependencies");
  expect(dependencies.length).toBeLessThanOrEqual(1_000);
  expect(dependencies.slice(0, 2).map((one) => one.from)).toEqual(["api", "web"]);
  const { outages } = await ask<Suspected>("/api/predictions");
  expect(outages[0]?.suspects[0]?.service).toBe("db");
});

it("are taken from operators only, and only so much at once", async () => {
  const body = { resourceSpans: [] };
  expect((await served.send("nobody", "POST", "/v1/traces", body)).status).toBe(401);
  expect((await served.send("viewer", "POST", "/v1/traces", body)).status).toBe(403);
  expect((await served.send("operator", "POST", "/v1/traces", body)).status).toBe(200);
  const large = { resourceSpans: [spansOf("x".repeat(5 * 1024 * 1024), [])] };
  expect((await served.send("operator", "POST", "/v1/traces", large)).status).toBe(413);
});
