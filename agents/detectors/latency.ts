// Latency: answers come, but too late, several in a row. One spike is none; no answer at all is "hung".
import type { ProbeSignal, Signal } from "../../domain/signal.ts";
import { percentile } from "../../signals/rates.ts";
import type { Detector, View } from "../detector.ts";
import { latencyLimit } from "../series-limits.ts";
import { requestOf } from "./line-reading.ts";
import { makeFinding, seconds } from "./make-finding.ts";
import { byProbe, type Recent, recent, trailing, within } from "./recent.ts";

const IN_A_ROW = 3;
const WINDOW_MS = 30_000;
const FEWEST_REQUESTS = 10;

interface Measured {
  source: "checks" | "log";
  ms: number;
  limitMs: number;
  since: number;
  about: string;
  signals: Signal[];
}

export const latency: Detector = (view) => {
  const now = recent(view);
  if (now.running === false) return [];
  const slow = [...fromChecks(view, now), ...fromLog(view, now)];
  const worst = slow.toSorted((a, b) => b.ms / b.limitMs - a.ms / a.limitMs)[0];
  if (worst === undefined) return [];
  const { ms, limitMs, source, about, since, signals } = worst;
  return [
    makeFinding(view, {
      kind: "latency",
      since,
      severity: ms >= limitMs ? "critical" : "warning",
      summary: `${about} takes ${Math.round(ms)} ms (limit ${Math.round(limitMs)} ms), for ${seconds(view.now - since)} now.`,
      facts: { ms, thresholdMs: limitMs, source, about, sample: signals.length },
      signals,
    }),
  ];
};

/** The fastest of the last answers counts, so every one of them must have been slow. */
function fromChecks(view: View, { probes }: Recent): Measured[] {
  return byProbe(probes).flatMap((list) => {
    const limitMs = latencyLimit(list[0]?.probe ?? "", view.service, view.thresholds);
    const streak = trailing(list, (one) => isSlow(one, limitMs));
    if (streak.length < IN_A_ROW) return [];
    const last = streak.slice(-IN_A_ROW);
    const ms = Math.min(...last.map((one) => timeOf(one, limitMs)));
    return [
      {
        source: "checks" as const,
        ms,
        limitMs,
        since: streak[0]?.at ?? view.now,
        about: list[0]?.probe ?? "",
        signals: streak,
      },
    ];
  });
}

function isSlow(one: ProbeSignal, limitMs: number): boolean {
  if (one.failure === "timeout" || one.failure === "slow") return true;
  return one.latencyMs !== undefined && one.latencyMs >= limitMs * 0.8;
}

/** A check that ran into its time limit took at least as long as is allowed. */
function timeOf(one: ProbeSignal, limitMs: number): number {
  const slow = one.failure === "timeout" || one.failure === "slow";
  return slow ? Math.max(one.latencyMs ?? 0, limitMs) : (one.latencyMs ?? 0);
}

/** The 95th percentile, and half of all requests must be slow too: a few heavy reports are how a service is used. */
function fromLog(view: View, { lines }: Recent): Measured[] {
  const requests = within(lines, view, WINDOW_MS).flatMap((line) => {
    const ms = requestOf(line)?.durationMs;
    return ms === undefined ? [] : [{ line, ms }];
  });
  const times = requests.map((one) => one.ms);
  const limitMs = view.thresholds.latencyMs;
  const [p50, p95] = [percentile(times, 0.5) ?? 0, percentile(times, 0.95) ?? 0];
  const latest = percentile(times.slice(-IN_A_ROW), 0.5) ?? 0;
  if (times.length < FEWEST_REQUESTS || Math.min(p50, latest) < limitMs * 0.5 || p95 < limitMs * 0.8)
    return [];
  const slow = requests.filter((one) => one.ms >= limitMs * 0.8);
  return [
    {
      source: "log",
      ms: p95,
      limitMs,
      since: slow[0]?.line.at ?? view.now,
      about: "95 % of its requests: the slowest",
      signals: slow.map((one) => one.line),
    },
  ];
}
