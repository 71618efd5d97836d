// Resources of a service that are used far beyond what is normal for it, and stay so: CPU, memory, disk, broken network.
// A single high value is a spike (garbage collection, a compile); a fault holds on.
import type { CauseKind, Evidence } from "./evidence.ts";
import { type MetricMeaning, meaningOf } from "./metric-words.ts";
import { byKey, keyOf, type Series, valuesOf } from "./series.ts";
import { median, quantile } from "./statistics.ts";

/** In spreads of the logarithm; what other services show at the same time is taken off before. */
const NOTEWORTHY = 3.5;
const MOST_STRENGTH = 6;
/** Spread of the logarithm that any series is granted: e^0.3 is a third more. */
const LEAST_SPREAD = 0.3;
const LEAST_VALUES = 10;

const resources: Partial<Record<MetricMeaning, CauseKind>> = {
  cpu: "cpu",
  memory: "memory",
  disk: "disk",
  network: "network",
};

interface Change {
  series: Series;
  kind: CauseKind;
  /** How many spreads above normal it stays. */
  deviation: number;
  usual: number;
  now: number;
  since: number;
}

/** Evidence from `during` (the time around the incident) against `normal`; `since`: begin of the incident, if known. */
export function resourceEvidence(
  normal: readonly Series[],
  during: readonly Series[],
  since?: number,
): Evidence[] {
  const before = byKey(normal);
  const changes = ownSeries(during).flatMap((one) => changeOf(one, before.get(keyOf(one)), since) ?? []);
  const shared = sharedDeviation(changes);
  const evidence = changes.flatMap((one) => evidenceOf(one, shared(one.series.name)) ?? []);
  return strongestEach(evidence);
}

/** Without the series that several services have in common to the digit: those are of the host, not theirs. */
function ownSeries(all: readonly Series[]): Series[] {
  const seen = new Map<string, number>();
  for (const one of all) seen.set(print(one), (seen.get(print(one)) ?? 0) + 1);
  return all.filter((one) => seen.get(print(one)) === 1);
}

function print({ name, points }: Series): string {
  return JSON.stringify([name, points.map((one) => one.value)]);
}

function changeOf(series: Series, normal: Series | undefined, since?: number): Change | undefined {
  const meaning = meaningOf(series.name);
  const kind = meaning && resources[meaning];
  const usual = valuesOf(normal);
  if (kind === undefined || usual.length < LEAST_VALUES) return undefined;
  const points = series.points.filter((one) => Number.isFinite(one.value));
  const after = points.filter((one) => since === undefined || one.at >= since);
  const held = heldLevel(after.map((one) => one.value));
  if (held === undefined) return undefined;
  const middle = median(usual) ?? 0;
  const high = quantile(usual, 0.99) ?? middle;
  const floor = Math.max(Math.abs(middle) * 0.05, 1e-9);
  const logarithm = (value: number) => Math.log(Math.max(value, 0) + floor);
  const spread = Math.max((logarithm(high) - logarithm(middle)) / 2.326, LEAST_SPREAD);
  const deviation = (logarithm(held) - logarithm(middle)) / spread;
  const begin = after.find((one) => one.value >= held)?.at ?? since ?? points[0]?.at ?? 0;
  return { series, kind, deviation, usual: middle, now: held, since: begin };
}

/** The highest level that two values in a row reach. */
function heldLevel(values: readonly number[]): number | undefined {
  if (values.length < 2) return values[0];
  const pairs = values.slice(1).map((value, index) => Math.min(value, values[index] ?? value));
  return Math.max(...pairs);
}

/** What the middle service shows: more load on all of them is no one's fault. */
function sharedDeviation(changes: readonly Change[]): (name: string) => number {
  const byName = Map.groupBy(changes, (one) => one.series.name);
  const shared = new Map(
    [...byName].map(([name, group]) => [
      name,
      group.length < 4 ? 0 : Math.max(0, median(group.map((one) => one.deviation)) ?? 0),
    ]),
  );
  return (name) => shared.get(name) ?? 0;
}

function evidenceOf(
  { series, kind, deviation, usual, now, since }: Change,
  shared: number,
): Evidence | undefined {
  const strength = Math.min(MOST_STRENGTH, deviation - shared - NOTEWORTHY);
  if (!(strength > 0)) return undefined;
  const because = `${series.name} stays at ${figure(now)}, usual is ${figure(usual)}`;
  return { service: series.service, kind, strength, reach: "own", since, because };
}

function figure(value: number): string {
  return Number(value.toPrecision(3)).toString();
}

/** Usage in cores, in percent and per limit are one observation. */
function strongestEach(evidence: readonly Evidence[]): Evidence[] {
  const best = new Map<string, Evidence>();
  for (const one of evidence) {
    const key = `${one.service}\u0000${one.kind}`;
    if (one.strength > (best.get(key)?.strength ?? 0)) best.set(key, one);
  }
  return [...best.values()];
}
