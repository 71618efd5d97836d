// When the complaint that opened an incident was bad, interval by interval, and what it is about.
import type { Symptom } from "./evidence.ts";
import { meaningOf } from "./metric-words.ts";
import { keyOf, type Series, valuesOf } from "./series.ts";
import { median, robustSpread, sum } from "./statistics.ts";

/** The complaint counts from this many spreads on. */
const NOTICEABLE = 1;
/** Spread that any metric is granted, as a share of its level. */
const LEAST_SPREAD = 0.005;

/** What adds up along calls: extra seconds, or failed requests. */
export const accounts = ["time", "failures"] as const;
export type Account = (typeof accounts)[number];

export interface Complaint {
  account: Account;
  /** How much each interval (by its begin) belongs to the complaint; together 1. */
  weights: ReadonlyMap<number, number>;
}

/** From the complaining metric, or another of the same service that can complain; undefined without one. */
export function complaintOf(
  symptom: Symptom,
  calm: ReadonlyMap<string, Series>,
  during: readonly Series[],
): Complaint | undefined {
  const { metric, statistic } = symptom;
  const mine = during.filter((one) => one.service === symptom.service && one.points.length > 0);
  const named = mine.filter((one) => metric !== undefined && one.name.startsWith(metric));
  const exact = named.filter((one) => statistic !== undefined && one.name.endsWith(statistic));
  const series = [...exact, ...named, ...mine].find((one) => accountOf(one) !== undefined);
  const account = series && accountOf(series);
  return account && { account, weights: weightsOf(series, valuesOf(calm.get(keyOf(series)))) };
}

function accountOf({ name }: Series): Account | undefined {
  const meaning = meaningOf(name);
  if (meaning === "latency") return "time";
  return meaning === "success" || meaning === "failures" ? "failures" : undefined;
}

/** By how far each interval sticks out; the worst one alone where none does. */
function weightsOf(series: Series, usual: readonly number[]): Map<number, number> {
  const sign = meaningOf(series.name) === "success" ? -1 : 1;
  const middle = median(usual.length > 0 ? usual : valuesOf(series)) ?? 0;
  const spread = Math.max(robustSpread(usual), Math.abs(middle) * LEAST_SPREAD, 1e-12);
  const excess = series.points.map(({ at, value }) => ({ at, by: (sign * (value - middle)) / spread }));
  const worst = excess.reduce((one, { by }) => Math.max(one, by), Number.NEGATIVE_INFINITY);
  const over = excess.map(({ at, by }) => ({ at, by: Math.max(0, by - NOTICEABLE) }));
  const total = sum(over.map((one) => one.by));
  if (total > 0) return new Map(over.map(({ at, by }) => [at, by / total]));
  return new Map(excess.map(({ at, by }) => [at, by === worst ? 1 : 0]));
}
