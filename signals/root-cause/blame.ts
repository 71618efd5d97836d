// The books of an outage, from latency, success and request metrics alone: how much extra time (or how many failed
// requests) each service has while the complaint lasts, less what its dependencies have. Time and failures add up along
// calls: what the first service complains of must be spent somewhere, and the one that spends it is to blame.
import type { CallGraph } from "./call-graph.ts";
import type { Evidence, Symptom } from "./evidence.ts";
import { meaningOf, typicality } from "./metric-words.ts";
import { keyOf, byKey, type Point, type Series, valuesOf } from "./series.ts";
import { median, robustSpread, saturating, sum } from "./statistics.ts";

const MOST_STRENGTH = 6;
/** The complaint counts from this many spreads on. */
const COMPLAINT = 1;
/** An excess of this many spreads is as likely chance as not. */
const CHANCE = 3;
/** Spread that any latency is granted, as a share of its level. */
const LEAST_SPREAD = 0.05;
/** Extra time under a complaint about failures (and the reverse) counts this much: a slow service makes others time out. */
const OTHER_ACCOUNT = 0.4;

const accounts = ["time", "failures"] as const;
type Account = (typeof accounts)[number];

/** What one service has too much of, interval by interval. */
interface Excess {
  /** Seconds or failed requests, by begin of the interval. */
  amount: Map<number, number>;
  /** The same in spreads of the normal period. */
  deviation: Map<number, number>;
}

/** Evidence (without kind) from metrics alone; empty without a metric that complains. */
export function blameEvidence(
  normal: readonly Series[],
  during: readonly Series[],
  graph: CallGraph,
  symptom: Symptom,
): Evidence[] {
  const calm = byKey(normal);
  const complaint = complaintOf(symptom, calm, during);
  if (complaint === undefined) return [];
  const services = Map.groupBy(during, (one) => one.service);
  const evidence: Evidence[] = [];
  for (const account of accounts) {
    const books = new Map<string, Excess>();
    for (const [service, all] of services) {
      const excess = excessOf(account, all, calm, complaint.weights);
      if (excess) books.set(service, excess);
    }
    const factor = account === complaint.account ? 1 : OTHER_ACCOUNT;
    evidence.push(...balance(account, books, graph, symptom.service, complaint.weights, factor));
  }
  return evidence;
}

interface Complaint {
  account: Account;
  /** How much each interval belongs to the complaint; together 1. */
  weights: Map<number, number>;
}

/** When the complaining metric was bad, and how bad; the worst interval where none sticks out. */
function complaintOf(
  symptom: Symptom,
  calm: ReadonlyMap<string, Series>,
  during: readonly Series[],
): Complaint | undefined {
  const mine = during.filter((one) => one.service === symptom.service);
  const named = mine.filter((one) => symptom.metric !== undefined && one.name.startsWith(symptom.metric));
  const exact = named.filter(
    (one) => symptom.statistic !== undefined && one.name.endsWith(symptom.statistic),
  );
  for (const series of [...exact, ...named, ...mine]) {
    const meaning = meaningOf(series.name);
    const account =
      meaning === "latency"
        ? "time"
        : meaning === "success" || meaning === "failures"
          ? "failures"
          : undefined;
    if (account === undefined || series.points.length === 0) continue;
    const sign = meaning === "success" ? -1 : 1;
    const usual = valuesOf(calm.get(keyOf(series)));
    const middle = median(usual.length > 0 ? usual : valuesOf(series)) ?? 0;
    const spread = Math.max(robustSpread(usual), Math.abs(middle) * 0.005, 1e-12);
    const excess = series.points.map(({ at, value }) => [at, (sign * (value - middle)) / spread] as const);
    const worst = Math.max(...excess.map(([, one]) => one));
    const limit = Math.min(COMPLAINT, worst - 1e-9);
    const over = excess.map(([at, one]) => [at, Math.max(0, one - limit)] as const);
    const total = sum(over.map(([, one]) => one));
    return { account, weights: new Map(over.map(([at, one]) => [at, one / total])) };
  }
  return undefined;
}

function excessOf(
  account: Account,
  all: readonly Series[],
  calm: ReadonlyMap<string, Series>,
  weights: ReadonlyMap<number, number>,
): Excess | undefined {
  const requests = all.find((one) => meaningOf(one.name) === "requests");
  const counts = new Map(requests?.points.map((one) => [one.at, one.value]));
  const fitting = all.filter((one) => (meaningOf(one.name) === "latency") === (account === "time"));
  const series = fitting
    .filter((one) => account === "time" || ["success", "failures"].includes(meaningOf(one.name) ?? ""))
    .toSorted((a, b) => typicality(b.name) - typicality(a.name))[0];
  if (series === undefined || series.points.length === 0) return undefined;
  const usual = valuesOf(calm.get(keyOf(series)));
  return account === "time"
    ? extraTime(series.points, usual, counts, weights)
    : extraFailures(series, usual, counts, weights);
}

/**
 * The level without the incident: normal, unless the intervals beside the complaint agree on another (traffic and
 * machines have changed since); then the nearest of theirs.
 */
function levelBeside(
  points: readonly Point[],
  usual: readonly number[],
  weights: ReadonlyMap<number, number>,
): number {
  const beside = points.filter((one) => (weights.get(one.at) ?? 0) === 0).map((one) => one.value);
  const middle = median(usual) ?? median(beside) ?? median(points.map((one) => one.value)) ?? 0;
  if (beside.length === 0) return middle;
  return Math.min(Math.max(middle, Math.min(...beside)), Math.max(...beside));
}

function extraTime(
  points: readonly Point[],
  usual: readonly number[],
  counts: ReadonlyMap<number, number>,
  weights: ReadonlyMap<number, number>,
): Excess {
  const level = levelBeside(points, usual, weights);
  const spread = Math.max(robustSpread(usual), Math.abs(level) * LEAST_SPREAD, 1e-12);
  const excess = points.map(({ at, value }) => [at, value - level] as const);
  return {
    amount: new Map(excess.map(([at, one]) => [at, one * (counts.get(at) ?? 1)])),
    deviation: new Map(excess.map(([at, one]) => [at, one / spread])),
  };
}

/** Failed requests against the binomial spread of as many as are usual. */
function extraFailures(
  { name, points }: Series,
  usual: readonly number[],
  counts: ReadonlyMap<number, number>,
  weights: ReadonlyMap<number, number>,
): Excess {
  // Success shares come in percent or as ratios.
  const whole = Math.max(...usual, ...points.map((one) => one.value)) > 1.5 ? 100 : 1;
  const share = (value: number) => (meaningOf(name) === "success" ? 1 - value / whole : value / whole);
  const failing = points.map((one) => ({ at: one.at, value: share(one.value) }));
  const level = Math.max(0, levelBeside(failing, usual.map(share), weights));
  const mean = usual.length === 0 ? level : Math.max(level, sum(usual.map(share)) / usual.length);
  const amount = new Map<number, number>();
  const deviation = new Map<number, number>();
  for (const { at, value } of failing) {
    const requests = counts.get(at) ?? 1;
    amount.set(at, (value - level) * requests);
    deviation.set(at, ((value - level) * requests) / Math.sqrt(requests * mean * (1 - mean) + 1));
  }
  return { amount, deviation };
}

/** Each service's own part of what the complaining one has too much of. */
function balance(
  account: Account,
  books: ReadonlyMap<string, Excess>,
  graph: CallGraph,
  complaining: string,
  weights: ReadonlyMap<number, number>,
  factor: number,
): Evidence[] {
  const during = (one: Map<number, number>) =>
    sum([...one].map(([at, value]) => value * (weights.get(at) ?? 0)));
  const total = new Map([...books].map(([service, one]) => [service, during(one.amount)]));
  const most = Math.max(0, ...total.values());
  const asked = total.get(complaining) ?? 0;
  const whole = asked > 0 ? asked : most;
  if (!(whole > 0)) return [];
  return [...books].flatMap(([service, { deviation }]) => {
    const below = sum(graph.callees(service).map((one) => Math.max(0, total.get(one) ?? 0)));
    const share = Math.min(1, ((total.get(service) ?? 0) - below) / whole);
    const odd = during(deviation);
    const strength = factor * MOST_STRENGTH * share * saturating(odd ** 2, CHANCE ** 2);
    if (!(odd > 0 && strength > 0.05)) return [];
    const because = `${Math.round(share * 100)} % of the extra ${account} are its own, not its dependencies'`;
    return [{ service, strength, reach: "own" as const, because }];
  });
}
