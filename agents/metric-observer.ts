// Metric observer: the numbers of the services by the minute. Each finished minute goes to whoever follows the series
// (anomalies, forecasts) and into the store.
import { setImmediate as nextTurn } from "node:timers/promises";
import type { Clock } from "../domain/clock.ts";
import type { MetricSignal, Signal } from "../domain/signal.ts";
import type { MetricPoint, Observations, SeriesName } from "../knowledge/observations.ts";
import { makeMinutes } from "../signals/minutes.ts";

export interface MetricObserverParts {
  clock: Pick<Clock, "now">;
  store: Pick<Observations, "metrics">;
  /** Told of each finished minute, in the order of time. */
  onMinute?: (point: MetricPoint) => void;
}

export interface MetricObserver {
  /** Metrics, and the latency of health checks, ms; other signals have no number. */
  note(signal: Signal): void;
  /** Finished minutes go on; rejects where the store takes nothing, and keeps them for the next time. */
  flush(): Promise<void>;
}

/** Whose the numbers of the machine are. */
export const HOST = "host";
/** A forecast takes some milliseconds. */
const AT_A_TIME = 10;
/** An hour of a thousand series; beyond it the oldest are let go of while the store is away. */
const MOST_WAITING = 60_000;

/** These come only while they are near their limit: no series, and their end is no absence. */
const TOLD_NEAR_THE_LIMIT: ReadonlySet<MetricSignal["name"]> = new Set([
  "open-files",
  "threads",
  "zombies",
  "inodes",
]);

export function makeMetricObserver({ clock, store, onMinute }: MetricObserverParts): MetricObserver {
  const minutes = makeMinutes();
  let waiting: MetricPoint[] = [];
  return {
    note(signal) {
      const sample = sampleIn(signal);
      if (sample === undefined) return;
      const { service, name, measuredOn, value } = sample;
      minutes.add(JSON.stringify([service, name, measuredOn]), signal.at, value);
    },
    async flush() {
      const points = minutes.take(clock.now()).map(({ series, minute }) => ({ ...named(series), ...minute }));
      for (const [index, point] of points.entries()) {
        onMinute?.(point);
        if (index % AT_A_TIME === 0) await nextTurn(); // probes and the API come in between
      }
      const all = [...waiting, ...points];
      waiting = [];
      try {
        if (all.length > 0) await store.metrics.add(all);
      } catch (error) {
        waiting = all.slice(-MOST_WAITING);
        throw error;
      }
    },
  };
}

function sampleIn(signal: Signal): (SeriesName & { value: number }) | undefined {
  const { service } = signal;
  if (signal.kind === "metric") {
    if (TOLD_NEAR_THE_LIMIT.has(signal.name)) return undefined;
    // The host is the same for all services: one series of it is enough.
    const whose = signal.of === "host" || signal.name === "disk" ? HOST : service;
    return { service: whose, name: signal.name, measuredOn: signal.of, value: signal.value };
  }
  if (signal.kind !== "probe" || signal.latencyMs === undefined) return undefined;
  return { service, name: "latency", measuredOn: signal.probe, value: signal.latencyMs };
}

function named(series: string): SeriesName {
  const [service = "", name = "", measuredOn = ""] = JSON.parse(series) as string[];
  return { service, name, measuredOn };
}
