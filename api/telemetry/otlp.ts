// Sends the trace of every run that has ended to a collector (OTLP over HTTP). Optional: opsmedic's own store is its trace.
import { createHash } from "node:crypto";
import { type Context, ROOT_CONTEXT, SpanStatusCode, trace, type Tracer } from "@opentelemetry/api";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-http";
import { resourceFromAttributes } from "@opentelemetry/resources";
import { BatchSpanProcessor, RandomIdGenerator, TracerProvider } from "@opentelemetry/sdk-trace";
import { genAi } from "./gen-ai.ts";
import { type RecordedRun, type RunSpan, spansOfRun } from "./run-spans.ts";

export interface OtlpParts {
  url: string;
  headers: Readonly<Record<string, string>>;
  /** Whether words of the service may leave; see run-spans.ts. */
  content: boolean;
  version: string;
}

export interface RunExporter {
  export(story: RecordedRun): void;
  /** Sends what waits, and ends. */
  close(): Promise<void>;
}

export function makeRunExporter({ url, headers, content, version }: OtlpParts): RunExporter {
  // Spans of a run are made in one go, so that the id generator can be told whose they are.
  let runId = "";
  const random = new RandomIdGenerator();
  const provider = new TracerProvider({
    resource: resourceFromAttributes({ "service.name": "opsmedic", "service.version": version }),
    idGenerator: { generateTraceId: () => traceIdOf(runId), generateSpanId: () => random.generateSpanId() },
    spanProcessors: [
      new BatchSpanProcessor({ exporter: new OTLPTraceExporter({ url, headers: { ...headers } }) }),
    ],
  });
  const tracer = provider.getTracer("opsmedic", version);
  return {
    export(story) {
      const root = spansOfRun(story, { content });
      if (!root) return;
      runId = story.run.id;
      record(tracer, root, ROOT_CONTEXT);
    },
    close: () => provider.shutdown(),
  };
}

/** The same run has the same trace id, whoever exports it. */
export function traceIdOf(runId: string): string {
  return createHash("sha256").update(runId).digest("hex").slice(0, 32);
}

function record(
  tracer: Tracer,
  { name, start, end, attributes, error, children }: RunSpan,
  parent: Context,
): void {
  const span = tracer.startSpan(name, { startTime: new Date(start), attributes }, parent);
  if (error !== undefined) {
    span.setAttribute(genAi.errorType, error);
    span.setStatus({ code: SpanStatusCode.ERROR });
  }
  const inside = trace.setSpan(parent, span);
  for (const one of children) record(tracer, one, inside);
  span.end(new Date(end));
}
