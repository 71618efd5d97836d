// Limit ahead: believed forecasts say that a number of the service reaches its limit within a quarter of an hour. Only
// told: when it does, the detector of that number says so, and whether anything is to be done.
import type { Prediction } from "../prediction.ts";
import type { Detector } from "../detector.ts";
import { makeFinding, percent } from "./make-finding.ts";
import { recent } from "./recent.ts";
import { forecastFacts, timeLeftText } from "./time-left.ts";

const WITHIN_SECONDS = 15 * 60;
/** Forecasts are made every five minutes. */
const LATEST_MS = 10 * 60_000;

export const limitAhead: Detector = (view) => {
  const { running, since } = recent(view);
  if (running === false) return [];
  return view.predictions.flatMap((one) => {
    const { name, measuredOn, standing, untilLimit: left, at } = one;
    // What an earlier instance did says nothing of this one.
    if (one.aheadSeconds > WITHIN_SECONDS || at < since || view.now - at > LATEST_MS) return [];
    if (left === undefined || left === "never") return [];
    if (left.seconds <= 0 || left.seconds > WITHIN_SECONDS) return [];
    // Forecasts learn of a sudden ramp slowly, and are silenced for what they said before it: its line is believed.
    if (one.byRamp !== true && (standing.status !== "shown" || !goesThere(one))) return [];
    return [
      makeFinding(view, {
        kind: "limit-ahead" as const,
        since: at,
        severity: left.hi === "never" ? "info" : "warning",
        summary: `${sentence(one)}, and reaches ${amount(name, one.limit)} in ${timeLeftText(left)}.`,
        facts: { name, measuredOn, value: one.last, limit: one.limit ?? null, ...forecastFacts(left) },
        signals: [],
        variant: `${name} ${measuredOn}`,
      }),
    ];
  });
};

/** Noise may touch a limit that is near, at any time: that is how a service is used. Told is what moves there. */
function goesThere({ ahead, limit = Infinity }: Prediction): boolean {
  return ahead?.mean.some((value) => value >= limit) ?? false;
}

function sentence({ service, name, measuredOn, last }: Prediction): string {
  if (name === "latency") return `${measuredOn} takes ${amount(name, last)}`;
  return `${service} uses ${amount(name, last)} of its ${name === "cpu" ? "CPU" : name}`;
}

function amount(name: string, value = 0): string {
  return name === "latency" ? `${Math.round(value)} ms` : percent(value);
}
