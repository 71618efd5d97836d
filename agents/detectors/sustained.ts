// A number that stays high: three measurements in a row, or two that lie ten seconds apart. One peak is none.
import { type MetricSignal, only } from "../../domain/signal.ts";
import type { View } from "../detector.ts";
import { recent, trailing } from "./recent.ts";

const SAMPLES = 3;
/** Measurements that come closer than this (an event makes an extra look) are one. */
const SHORTEST_SPAN_MS = 2_000;
const LONG_SPAN_MS = 10_000;
const LATEST_MS = 60_000;

export interface Sustained {
  severity: "critical" | "warning";
  /** The lowest value of the last three: what was held all the time. */
  value: number;
  since: number;
  /** By how much it rose since the oldest measurement of this instance. */
  risen: number;
  signals: MetricSignal[];
}

/** Of the service itself: the host's numbers are everybody's and nobody's fault. */
export function sustained(
  view: View,
  name: "cpu" | "memory" | "open-files" | "threads" | "zombies",
  threshold: number,
): Sustained | undefined {
  const { running, since } = recent(view);
  if (running === false) return undefined;
  const series = only(view.signals, "metric").filter(
    (one) => one.name === name && one.of === "service" && one.at >= since,
  );
  return level(series, threshold, view.now);
}

export function level(
  series: readonly MetricSignal[],
  threshold: number,
  now: number,
): Sustained | undefined {
  const last = series.at(-1);
  if (last === undefined || now - last.at > LATEST_MS) return undefined;
  const risen = last.value - (series[0]?.value ?? last.value);
  for (const severity of ["critical", "warning"] as const) {
    const limit = severity === "critical" ? threshold : threshold * 0.8;
    const streak = trailing(series, (one) => one.value >= limit);
    if (!lasts(streak)) continue;
    const value = Math.min(...streak.slice(-SAMPLES).map((one) => one.value));
    return { severity, value, since: streak[0]?.at ?? now, risen, signals: streak };
  }
  return undefined;
}

function lasts(streak: readonly MetricSignal[]): boolean {
  const span = (streak.at(-1)?.at ?? 0) - (streak[0]?.at ?? 0);
  return (
    (streak.length >= SAMPLES && span >= SHORTEST_SPAN_MS) || (streak.length >= 2 && span >= LONG_SPAN_MS)
  );
}
