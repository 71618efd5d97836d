// Traces out: a real run on a real process, its record sent by the real exporter to a collector on loopback.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import pino from "pino";
import { expect, it } from "vitest";
import { z } from "zod";
import { makeLiveEvents } from "../../api/live-events.ts";
import { exportRuns } from "../../api/telemetry/follow-runs.ts";
import { traceIdOf } from "../../api/telemetry/otlp.ts";
import { spansOfRun } from "../../api/telemetry/run-spans.ts";
import { makeWorld } from "../api/operations-world.ts";

const anySpan = z.object({
  traceId: z.string(),
  spanId: z.string(),
  parentSpanId: z.string().optional(),
  name: z.string(),
  startTimeUnixNano: z.string(),
  endTimeUnixNano: z.string(),
  attributes: z.array(z.object({ key: z.string(), value: z.record(z.string(), z.unknown()) })),
});
const request = z.object({
  resourceSpans: z.array(z.object({ scopeSpans: z.array(z.object({ spans: z.array(anySpan) })) })),
});

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error("it is missing");
  return value;
}

async function openCollector() {
  const bodies: string[] = [];
  const headers: (string | undefined)[] = [];
  const server = createServer((incoming, response) => {
    const parts: Buffer[] = [];
    incoming.on("data", (part: Buffer) => parts.push(part));
    incoming.on("end", () => {
      bodies.push(Buffer.concat(parts).toString());
      headers.push(incoming.headers["x-key"]?.toString());
      response.setHeader("content-type", "application/json").end("{}");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1/traces`,
    bodies,
    headers,
    spans: () =>
      bodies.flatMap((body) =>
        request
          .parse(JSON.parse(body))
          .resourceSpans.flatMap((one) => one.scopeSpans.flatMap(({ spans }) => spans)),
      ),
    [Symbol.asyncDispose]: () => new Promise<void>((resolve) => void server.close(() => resolve())),
  };
}

it("an ended run becomes one trace, with agents, tools and the run's id; words of the service stay here", async () => {
  await using world = await makeWorld();
  await using collector = await openCollector();
  const { runs } = world.opened.store;
  await runs.update("run-1", {
    status: "ended",
    outcome: "healed",
    endedAt: world.parts.clock.now(),
    report: "the word tangerine came from a log line",
  });
  const call = {
    step: "rank",
    provider: "ollama",
    model: "m",
    outcome: "answered",
    tokensIn: 7,
    tokensOut: 3,
    ms: 5,
  };
  const note = { node: "diagnose", agent: "root-cause-analyst", phase: "note" as const, at: 0, ms: null };
  await runs.appendStep("run-1", { ...note, data: { modelCall: { ...call, prompt: "the word tangerine" } } });
  const live = makeLiveEvents();
  const stop = exportRuns({
    url: collector.url,
    headers: { "x-key": "abc" },
    content: false,
    version: "0.1.0",
    live,
    store: world.opened.store,
    logger: pino({ level: "silent" }),
  });
  live.publish({ topic: "run", at: 1, data: { id: "run-2", status: "waiting" } });
  live.publish({ topic: "run", at: 1, data: { id: "run-1", status: "ended" } });
  await stop();

  const spans = collector.spans();
  const root = spans.find((one) => one.parentSpanId === undefined);
  expect(root).toMatchObject({ name: "invoke_workflow healing", traceId: traceIdOf("run-1") });
  expect(root?.attributes).toContainEqual({
    key: "gen_ai.conversation.id",
    value: { stringValue: "run-1" },
  });
  expect(spans.some((one) => one.name.startsWith("invoke_agent "))).toBe(true);
  expect(spans.some((one) => one.name.startsWith("execute_tool "))).toBe(true);
  expect(spans.find((one) => one.name === "chat m")?.attributes).toContainEqual({
    key: "gen_ai.usage.input_tokens",
    value: { intValue: 7 },
  });
  const ids = new Set(spans.map((one) => one.spanId));
  for (const one of spans.filter((span) => span !== root)) expect(ids).toContain(one.parentSpanId);
  expect(new Set(spans.map((one) => one.traceId)).size).toBe(1);
  expect(collector.headers).toContain("abc");
  expect(collector.bodies.join("")).not.toContain("tangerine");
});

it("a run that goes on has no trace yet, and content leaves only where it is asked for", async () => {
  await using world = await makeWorld();
  const { runs, journal } = world.opened.store;
  const record = async () => ({
    run: present(await runs.get("run-1")),
    steps: await runs.steps("run-1"),
    journal: await journal.ofRun("run-1"),
    incident: (await runs.incident("run-1")) ?? null,
  });
  expect(spansOfRun(await record(), { content: true })).toBeUndefined();
  await runs.update("run-1", {
    status: "ended",
    outcome: "failed",
    endedAt: world.parts.clock.now(),
    report: "tangerine",
  });
  const open = spansOfRun(await record(), { content: true });
  expect(open?.attributes).toMatchObject({
    "opsmedic.report": "tangerine",
    "opsmedic.run.outcome": "failed",
  });
  expect(open?.error).toBeTypeOf("string");
  expect(JSON.stringify(spansOfRun(await record(), { content: false }))).not.toContain("tangerine");
});
