// Error rate: too large a share of answers are failures. Seen by checks, by the service's own metrics, or by its
// access log; each needs a minimum of answers, so that one bad answer is never a rate.
import type { Signal } from "../../domain/signal.ts";
import { only, type ProbeSignal } from "../../domain/signal.ts";
import type { Detector, View } from "../detector.ts";
import { requestOf } from "./line-reading.ts";
import { makeFinding, percent, seconds } from "./make-finding.ts";
import { byProbe, type Recent, recent, trailing, within } from "./recent.ts";

const WINDOW_MS = 45_000;
const FEWEST_CHECKS = 5;
const FEWEST_REQUESTS = 10;
const FEWEST_METRICS = 3;
/** So many bad answers in a row, over so long at least, need no further statistics: they are the rate. */
const ALL_BAD = 3;
const ALL_BAD_SPAN_MS = 1_500;

interface Measured {
  source: "checks" | "metrics" | "log";
  rate: number;
  sample: number;
  since: number;
  about: string;
  signals: Signal[];
}

export const errorRate: Detector = (view) => {
  const now = recent(view);
  if (now.running === false) return [];
  const { errorRate: threshold } = view.thresholds;
  const measured = [...fromChecks(view, now), ...fromMetrics(view, now), ...fromLog(view, now)];
  const worst = measured.toSorted((a, b) => b.rate - a.rate)[0];
  if (worst === undefined || worst.rate < threshold * 0.8 || worst.rate === 0) return [];
  const { rate, sample, since, source, about, signals } = worst;
  return [
    makeFinding(view, {
      kind: "error-rate",
      since,
      severity: rate >= threshold ? "critical" : "warning",
      summary: `${percent(rate)} of ${sample} answers of ${about} in ${seconds(WINDOW_MS)} were errors (limit ${percent(threshold)}).`,
      facts: { rate, sample, threshold, source, about },
      signals,
    }),
  ];
};

function isError(one: ProbeSignal): boolean {
  return !one.ok && one.failure === "status";
}

/** The worst check, not their mean: one broken page must not hide behind four that work. */
function fromChecks(view: View, { probes }: Recent): Measured[] {
  return byProbe(within(probes, view, WINDOW_MS)).flatMap((list) => {
    const answered = list.filter((one) => one.ok || one.failure === "status" || one.failure === "slow");
    const streak = trailing(answered, isError);
    const allBad = streak.length >= ALL_BAD && spanOf(streak) >= ALL_BAD_SPAN_MS;
    // Good answers of before would only say how long it was well: the more often one looks, the more of them there are.
    const counted = allBad ? streak : answered;
    const bad = counted.filter(isError);
    const enough = answered.length >= FEWEST_CHECKS && bad.length >= 2;
    const over =
      answered.length >= FEWEST_CHECKS && answered.slice(-FEWEST_CHECKS).every((one) => !isError(one));
    if ((!enough && !allBad) || over) return [];
    const about = list[0]?.probe ?? "";
    const [first] = bad;
    return [
      {
        source: "checks" as const,
        rate: bad.length / counted.length,
        sample: counted.length,
        since: first?.at ?? view.now,
        about,
        signals: bad,
      },
    ];
  });
}

function spanOf(answers: readonly ProbeSignal[]): number {
  return (answers.at(-1)?.at ?? 0) - (answers[0]?.at ?? 0);
}

/** Weighted by the requests between two scrapes, where their rate is known. */
function fromMetrics(view: View, { since }: Recent): Measured[] {
  const metrics = within(only(view.signals, "metric"), view, WINDOW_MS).filter((one) => one.at >= since);
  const rates = metrics.filter((one) => one.name === "error-rate");
  if (rates.length < FEWEST_METRICS || rates.slice(-2).every((one) => one.value === 0)) return [];
  const perSecond = new Map(
    metrics.filter((one) => one.name === "request-rate").map((one) => [one.at, one.value] as const),
  );
  const spans = rates.map((one, index) => (one.at - (rates[index - 1]?.at ?? one.at)) / 1_000);
  const meanSpan = spans.reduce((sum, one) => sum + one, 0) / Math.max(1, spans.length - 1);
  const weighted = rates.map((one, index) => ({
    ...one,
    requests: (perSecond.get(one.at) ?? 0) * (spans[index] || meanSpan),
  }));
  const requests = weighted.reduce((sum, one) => sum + one.requests, 0);
  if (perSecond.size > 0 && requests < FEWEST_REQUESTS) return [];
  const failed = weighted.reduce((sum, one) => sum + one.value * one.requests, 0);
  const rate = perSecond.size > 0 ? failed / requests : mean(rates.map((one) => one.value));
  const bad = rates.filter((one) => one.value > 0);
  return [
    {
      source: "metrics",
      rate,
      sample: Math.round(requests) || rates.length,
      since: bad[0]?.at ?? view.now,
      about: "its requests",
      signals: bad,
    },
  ];
}

function fromLog(view: View, { lines }: Recent): Measured[] {
  const requests = within(lines, view, WINDOW_MS).flatMap((line) => {
    const access = requestOf(line);
    return access ? [{ line, bad: access.status >= 500 }] : [];
  });
  const bad = requests.filter((one) => one.bad);
  const over = requests.slice(-FEWEST_REQUESTS).every((one) => !one.bad);
  if (requests.length < FEWEST_REQUESTS || over) return [];
  return [
    {
      source: "log",
      rate: bad.length / requests.length,
      sample: requests.length,
      since: bad[0]?.line.at ?? view.now,
      about: "its access log",
      signals: bad.map((one) => one.line),
    },
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / Math.max(1, values.length);
}
