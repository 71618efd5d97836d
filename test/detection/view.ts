// Signals for detector tests, on a clock that starts at `now` and counts backwards: `ago` is milliseconds.
import { makeErrorDetector } from "../../agents/error-detector.ts";
import type { Level } from "../../domain/finding.ts";
import type { Thresholds } from "../../domain/policy.ts";
import type { Service } from "../../domain/service.ts";
import type {
  EventSignal,
  LogSignal,
  MetricSignal,
  ProbeSignal,
  Signal,
  StateSignal,
} from "../../domain/signal.ts";

export const now = 1_800_000_000_000;
export const page = "http http://127.0.0.1:8081/healthz";

export const thresholds: Thresholds = {
  cpu: 0.9,
  memory: 0.9,
  disk: 0.95,
  errorRate: 0.2,
  cacheHitRate: 0.8,
  latencyMs: 5_000,
  queryTimeMs: 100,
};

export const shop: Service = {
  name: "shop",
  runtime: { kind: "docker", container: "shop" },
  health: [
    { kind: "http", url: "http://127.0.0.1:8081/healthz", everyMs: 5_000, timeoutMs: 2_000, expect: {} },
  ],
  metrics: [],
  logs: [{ kind: "runtime" }],
  dependsOn: [],
  limits: { maxReplicas: 1 },
  protected: false,
  discovered: false,
};

const seen = (ago: number) => ({ service: "shop", at: now - ago });

export function state(ago: number, parts: Partial<StateSignal> = {}): StateSignal {
  return {
    kind: "state",
    ...seen(ago),
    status: "running",
    health: "none",
    instance: "one",
    oomKilled: false,
    startedAt: now - 3_600_000,
    restartCount: 0,
    stoppedByOperator: false,
    replicas: 1,
    ...parts,
  };
}

export function ok(ago: number, latencyMs = 12, probe = page): ProbeSignal {
  return { kind: "probe", ...seen(ago), probe, ok: true, status: 200, latencyMs };
}

export function failed(ago: number, failure: string, parts: Partial<ProbeSignal> = {}): ProbeSignal {
  return { kind: "probe", ...seen(ago), probe: page, ok: false, failure, ...parts };
}

export const status500 = (ago: number, probe = page) =>
  failed(ago, "status", { status: 500, latencyMs: 9, probe });

export function metric(ago: number, name: MetricSignal["name"], value: number, of = "service"): MetricSignal {
  return { kind: "metric", ...seen(ago), name, value, of };
}

export function log(ago: number, text: string, level: LogSignal["level"] = "error"): LogSignal {
  return { kind: "log", ...seen(ago), level, text, source: "stdout" };
}

export function event(
  ago: number,
  name: EventSignal["event"],
  parts: Partial<EventSignal> = {},
): EventSignal {
  return { kind: "event", ...seen(ago), event: name, ...parts };
}

/** One of something every `every` ms, ending `last` ms ago. */
export function series<T>(
  count: number,
  every: number,
  make: (ago: number, index: number) => T,
  last = 0,
): T[] {
  return Array.from({ length: count }, (_, index) => make(last + (count - 1 - index) * every, index));
}

export interface Scene {
  service?: Partial<Service>;
  dependencies?: readonly { name: string; level: Level }[];
  thresholds?: Partial<Thresholds>;
}

/** All detectors and the rules between them, over these signals in the order of their time. */
export function detect(signals: readonly Signal[], scene: Scene = {}) {
  const detector = makeErrorDetector({
    thresholds: () => ({ ...thresholds, ...scene.thresholds }),
    clock: { now: () => now },
  });
  return detector({
    service: { ...shop, ...scene.service },
    signals: signals.toSorted((a, b) => a.at - b.at),
    dependencies: scene.dependencies ?? [],
  });
}

export function kinds(signals: readonly Signal[], scene: Scene = {}): string[] {
  return detect(signals, scene).map((one) => `${one.kind} ${one.severity}`);
}
