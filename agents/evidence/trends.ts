// Where numbers are going: does memory grow, did the load rise? By the median of all pairwise slopes (Theil-Sen),
// which a few outliers cannot turn.
import { type MetricSignal, only } from "../../domain/signal.ts";
import { inWords, type Look, type Observer, seen, signalsOf, symptomBegan, unseen } from "./observer.ts";

const FEWEST_POINTS = 4;
/** Over less than this nothing can be said: a fresh process fills its memory while it starts. */
const SHORTEST_SPAN_MS = 5_000;
/** Growth over the window that counts, as a share of where it began. */
const GROWTH = 0.1;
/** Share of pairs that must rise for a growth to be steady. */
const STEADY = 0.75;
const MOST_POINTS = 200;
/** Load counts as risen at this multiple of what it was before the symptom. */
const RISEN = 1.5;
const FEWEST_LINES = 10;

interface Point {
  at: number;
  value: number;
}

/** "growing" | "flat" | "falling" of the memory that the present instance uses. */
const memoryTrend: Observer = async (look) => {
  const started = (await look.state())?.startedAt ?? 0;
  const bytes = points(look, "memory-bytes").filter((one) => one.at >= started);
  const use =
    bytes.length >= FEWEST_POINTS ? bytes : points(look, "memory").filter((one) => one.at >= started);
  if (use.length < FEWEST_POINTS) return unseen(`only ${use.length} measurements of its memory`);
  const spanMs = spanOf(use);
  if (spanMs < SHORTEST_SPAN_MS) return unseen(`its memory was measured for ${inWords(spanMs)} only`);
  const { direction, perMinute } = trendOf(use);
  const unit = use === bytes ? `${Math.round(perMinute / 1024)} kB` : `${(perMinute * 100).toFixed(1)} %`;
  return seen({ value: direction, perMinute }, `memory is ${direction}, ${unit} a minute`);
};

/** "rising" | "steady": requests (or, without such a number, log lines) since the symptom against before it. */
const requestTrend: Observer = (look) => {
  const began = symptomBegan(look.scene);
  const rates = points(look, "request-rate");
  const before = rates.filter((one) => one.at < began).map((one) => one.value);
  const after = rates.filter((one) => one.at >= began).map((one) => one.value);
  if (before.length > 0 && after.length > 0)
    return compared(median(before), median(after), "requests a second");
  return lineRate(look, began);
};

export const trends: Record<string, Observer> = {
  "memory-trend": memoryTrend,
  "request-trend": requestTrend,
};

function lineRate(look: Look, began: number) {
  const lines = only(signalsOf(look), "log").filter((one) => one.level !== "error" && one.level !== "fatal");
  const before = lines.filter((one) => one.at < began);
  const first = before[0];
  if (!first || before.length < FEWEST_LINES)
    return unseen("neither requests nor enough log lines were counted");
  const after = lines.length - before.length;
  return compared(
    perMinute(before.length, began - first.at),
    perMinute(after, look.scene.now - began),
    "log lines a minute",
  );
}

function perMinute(count: number, ms: number): number {
  return (count * 60_000) / Math.max(ms, 1_000);
}

function compared(before: number, after: number, unit: string) {
  const text = `${after.toFixed(1)} ${unit} against ${before.toFixed(1)} before`;
  return seen(after > before * RISEN ? "rising" : "steady", text);
}

function points(look: Look, name: MetricSignal["name"]): Point[] {
  return only(signalsOf(look), "metric")
    .filter((one) => one.name === name && one.of === "service")
    .slice(-MOST_POINTS);
}

interface Trend {
  direction: "growing" | "flat" | "falling";
  perMinute: number;
}

/**
 * Where a series is going. A leak may begin after hours of calm, in which its growth would drown: where the whole says
 * nothing, the latter half is asked, and the latter half of that, as long as it ends higher than all that was before.
 */
export function trendOf(series: readonly Point[]): Trend {
  const whole = steadyChange(series);
  for (let from = half(0, series.length); isSeries(series.slice(from)); from = half(from, series.length)) {
    if (whole.direction === "growing") break;
    const before = Math.max(...series.slice(0, from).map((one) => one.value));
    if ((series.at(-1)?.value ?? 0) < before * (1 + GROWTH)) break;
    const lately = steadyChange(series.slice(from));
    if (lately.direction === "growing") return lately;
  }
  return whole;
}

const half = (from: number, end: number): number => from + Math.ceil((end - from) / 2);

function isSeries(points: readonly Point[]): boolean {
  return points.length >= FEWEST_POINTS && spanOf(points) >= SHORTEST_SPAN_MS;
}

function spanOf(points: readonly Point[]): number {
  return (points.at(-1)?.at ?? 0) - (points[0]?.at ?? 0);
}

/** Slope a minute, and whether the change is steady and big enough to speak of. */
function steadyChange(series: readonly Point[]): Trend {
  const slopes = series.flatMap((a, index) =>
    series
      .slice(index + 1)
      .filter((b) => b.at > a.at)
      .map((b) => (b.value - a.value) / (b.at - a.at)),
  );
  const slope = slopes.length > 0 ? median(slopes) : 0;
  const first = series[0];
  const change = (slope * spanOf(series)) / Math.max(Math.abs(first?.value ?? 0), Number.EPSILON);
  const agreeing =
    slopes.filter((one) => Math.sign(one) === Math.sign(slope)).length / Math.max(slopes.length, 1);
  const steady = agreeing >= STEADY && Math.abs(change) >= GROWTH;
  return { direction: steady ? (slope > 0 ? "growing" : "falling") : "flat", perMinute: slope * 60_000 };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const [low, high] = [sorted[sorted.length % 2 ? middle : middle - 1] ?? 0, sorted[middle] ?? 0];
  return (low + high) / 2;
}
