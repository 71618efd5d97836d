// Reads a service's own /metrics page (Prometheus text format 0.0.4, prometheus.io/docs/instrumenting/
// exposition_formats) for the few numbers that health needs: memory, requests, failed requests.
import type { Clock } from "../domain/clock.ts";
import { HealError, messageOf } from "../domain/errors.ts";
import type { MetricSignal } from "../domain/signal.ts";
import { withinLimit } from "./time-limit.ts";

export interface Sample {
  name: string;
  labels: Readonly<Record<string, string>>;
  value: number;
}

export interface PrometheusScraper {
  /** Rates come from the second call on. Throws HealError "scrape-failed" when the page cannot be read. */
  scrape(service: string, url: string, signal?: AbortSignal): Promise<MetricSignal[]>;
}

/** Counters by status code, as common libraries name them; the first that a page has is used. */
const requestCounters = [
  "http_requests_total",
  "http_request_duration_seconds_count", // prom-client and most middlewares
  "http_server_requests_seconds_count", // Micrometer, Spring
  "http_server_request_duration_seconds_count", // OpenTelemetry
];
const statusLabels = ["code", "status", "status_code", "http_status", "http_response_status_code"];
const PAGE_LIMIT_BYTES = 4 * 1024 * 1024;

interface Counted {
  at: number;
  /** By label set. */
  requests: Map<string, { value: number; failed: boolean }>;
}

export function makePrometheusScraper({
  clock,
  timeoutMs = 3_000,
}: {
  clock: Pick<Clock, "now">;
  timeoutMs?: number;
}): PrometheusScraper {
  const earlier = new Map<string, Counted>();
  return {
    async scrape(service, url, signal) {
      const samples = await fetchSamples(url, timeoutMs, signal);
      const key = `${service} ${url}`;
      const before = earlier.get(key);
      const now: Counted = { at: clock.now(), requests: countRequests(samples) };
      earlier.set(key, now);
      const metric = (name: MetricSignal["name"], value: number, of: string): MetricSignal => ({
        kind: "metric",
        service,
        at: now.at,
        name,
        value,
        of,
      });
      const memory = samples.find((one) => one.name === "process_resident_memory_bytes");
      return [
        ...(memory === undefined ? [] : [metric("memory-bytes", memory.value, "process")]),
        ...rates(before, now).map(({ name, value }) => metric(name, value, "service")),
      ];
    },
  };
}

function rates(before: Counted | undefined, now: Counted) {
  if (before === undefined || now.at <= before.at || now.requests.size === 0) return [];
  let total = 0;
  let failed = 0;
  for (const [labels, counter] of now.requests) {
    const old = before.requests.get(labels)?.value ?? 0;
    // A counter that shrank was reset by a restart: all of it is new.
    const more = counter.value >= old ? counter.value - old : counter.value;
    total += more;
    if (counter.failed) failed += more;
  }
  const perSecond = { name: "request-rate" as const, value: total / ((now.at - before.at) / 1_000) };
  return total === 0 ? [perSecond] : [perSecond, { name: "error-rate" as const, value: failed / total }];
}

function countRequests(samples: readonly Sample[]): Counted["requests"] {
  const family = requestCounters.find((name) => samples.some((one) => one.name === name));
  const counted: Counted["requests"] = new Map();
  for (const { name, labels, value } of samples) {
    if (name !== family) continue;
    const status = statusLabels.map((label) => labels[label]).find((one) => one !== undefined) ?? "";
    counted.set(JSON.stringify(labels), { value, failed: /^5(?:\d\d|xx)$/i.test(status) });
  }
  return counted;
}

/** The samples of a page; lines that are no samples are left out. */
export function parseSamples(page: string): Sample[] {
  return page.split("\n").flatMap((line) => sampleOf(line.trim()) ?? []);
}

const samplePattern = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})?\s+(\S+)(?:\s+-?\d+)?$/;
const labelPattern = /([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)"/g;

function sampleOf(line: string): Sample | undefined {
  if (line === "" || line.startsWith("#")) return undefined;
  const [, name, labelText = "", number] = samplePattern.exec(line) ?? [];
  const value = Number(number);
  if (name === undefined || !Number.isFinite(value)) return undefined;
  const labels: Record<string, string> = {};
  for (const [, label = "", text = ""] of labelText.matchAll(labelPattern)) labels[label] = text;
  return { name, labels, value };
}

async function fetchSamples(url: string, timeoutMs: number, signal?: AbortSignal): Promise<Sample[]> {
  try {
    return await withinLimit(timeoutMs, signal, async (stop) => {
      const headers = { accept: "text/plain;version=0.0.4", connection: "close" };
      const response = await fetch(url, { signal: stop, headers, redirect: "error" });
      if (!response.ok) throw new Error(`it answered ${response.status}`);
      return parseSamples(await readBounded(response));
    });
  } catch (cause) {
    signal?.throwIfAborted();
    throw new HealError(`Metrics of ${url} could not be read: ${messageOf(cause)}`, {
      code: "scrape-failed",
      retryable: true,
      hint: "Check metrics.prometheus in the configuration, and that the page opens from this machine.",
      cause,
    });
  }
}

async function readBounded(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > PAGE_LIMIT_BYTES) throw new Error(`it is larger than ${PAGE_LIMIT_BYTES} bytes`);
    text += decoder.decode(chunk, { stream: true });
  }
  return text + decoder.decode();
}
