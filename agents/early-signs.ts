// Finds the early sign of a symptom that has come again: what moved before it each time, among the numbers and the log
// patterns of its service, of those it depends on, and of the machine. Where nothing did, it says so.
import type { Clock } from "../domain/clock.ts";
import type { EarlySign } from "../domain/early-sign.ts";
import type { Service } from "../domain/service.ts";
import type { Observations, SeriesName } from "../knowledge/observations.ts";
import type { Incidents } from "../knowledge/records.ts";
import { type Precursor, precursorOf, type Step, STEPS_BEYOND } from "../signals/early-sign.ts";
import { MINUTE_MS } from "../signals/minutes.ts";
import { inWords, plainLine } from "./evidence/observer.ts";
import { HOST } from "./metric-observer.ts";

export interface EarlySignsParts {
  observations: Pick<Observations, "metrics" | "lines" | "patterns">;
  incidents: Pick<Incidents, "ofSignature">;
  service: (name: string) => Service | undefined;
  clock: Pick<Clock, "now">;
}

export interface FoundSign {
  sign: EarlySign | null;
  /** In words, or why there is none. */
  told: string;
}

export type FindEarlySign = (about: { service: string; signature: string }) => Promise<FoundSign>;

/** How far before a symptom a sign is looked for. */
const BEFORE_MS = 60 * MINUTE_MS;
/** What the hours before that were like is usual. */
const USUAL_MS = 6 * 60 * MINUTE_MS;
/** A service that comes up again is not as usual yet. */
const AFTER_MS = 15 * MINUTE_MS;
const QUARTER_MS = 15 * MINUTE_MS;
const MOST_TROUBLES = 3;
const MOST_DEPENDENCIES = 5;
/** A longer lead is no better. */
const ENOUGH_LEAD_MS = 15 * MINUTE_MS;
const LINES_WITHIN_MS = 5 * MINUTE_MS;
const LEAST_MORE_LINES = 3;

interface Candidate {
  found: Precursor;
  sign: EarlySign;
}

export function makeFindEarlySign(parts: EarlySignsParts): FindEarlySign {
  return async function findEarlySign({ service, signature }) {
    const incidents = await parts.incidents.ofSignature(signature, MOST_TROUBLES);
    const troubles = incidents
      .filter((one) => one.service === service)
      .map((one) => Math.min(one.beganAt ?? one.openedAt, one.openedAt));
    if (troubles.length < 2) return none("It was recorded once only.");
    const own = parts.service(service);
    const places = [service, ...(own?.dependsOn ?? []).slice(0, MOST_DEPENDENCIES), HOST];
    const found: Candidate[] = [];
    for (const place of places) {
      found.push(...(await inNumbers(parts, place, troubles)), ...(await inLines(parts, place, troubles)));
    }
    const [best] = found.toSorted((a, b) => worth(b) - worth(a) || b.found.clearness - a.found.clearness);
    if (best === undefined)
      return none("Nothing that was seen moved before it each time; it is looked at more often.");
    return { sign: best.sign, told: plainLine(signWords(best.sign, troubles.length), 400) };
  };
}

const none = (told: string): FoundSign => ({ sign: null, told });
const worth = ({ found }: Candidate): number => Math.min(found.leadMs, ENOUGH_LEAD_MS);

async function inNumbers(
  { observations }: EarlySignsParts,
  service: string,
  troubles: readonly number[],
): Promise<Candidate[]> {
  const series = new Map<string, { name: SeriesName; steps: Map<number, number> }>();
  for (const at of troubles) {
    const query = { service, from: at - USUAL_MS, to: at, stepMs: MINUTE_MS };
    for (const { points, ...name } of await observations.metrics.read(query)) {
      const key = JSON.stringify([name.name, name.measuredOn]);
      const one = series.get(key) ?? { name, steps: new Map() };
      for (const { at: when, mean } of points) one.steps.set(when, mean);
      series.set(key, one);
    }
  }
  return [...series.values()].flatMap(({ name, steps }) => {
    const all = [...steps].map(([at, value]) => ({ at, value })).toSorted((a, b) => a.at - b.at);
    const found = precursorAmong(all, troubles);
    if (found === undefined) return [];
    const { direction, threshold, usual, leadMs } = found;
    const sign: EarlySign = {
      kind: "metric",
      ...name,
      direction,
      threshold,
      usual,
      leadMs: Math.round(leadMs),
      forMinutes: STEPS_BEYOND,
    };
    return [{ found, sign }];
  });
}

async function inLines(
  { observations }: EarlySignsParts,
  service: string,
  troubles: readonly number[],
): Promise<Candidate[]> {
  const minutes = new Map<string, Map<number, number>>();
  const seen = new Set<number>();
  for (const at of troubles) {
    for (const one of await observations.lines.minutes(service, at - USUAL_MS, at)) {
      const own = minutes.get(one.pattern) ?? new Map<number, number>();
      own.set(one.at, one.lines);
      minutes.set(one.pattern, own);
      seen.add(one.at);
    }
  }
  const watched = watchedMinutes(seen, troubles);
  const found: Candidate[] = [];
  for (const [pattern, counts] of minutes) {
    const precursor = precursorAmong(slid(counts, watched), troubles, LEAST_MORE_LINES);
    if (precursor?.direction !== "above") continue;
    const known = await observations.patterns.read(service, pattern);
    const sign: EarlySign = {
      kind: "log-pattern",
      service,
      pattern,
      template: plainLine(known?.template ?? pattern, 300),
      lines: Math.ceil(precursor.threshold),
      withinMs: LINES_WITHIN_MS,
      usual: precursor.usual,
      leadMs: Math.round(precursor.leadMs),
    };
    found.push({ found: precursor, sign });
  }
  return found;
}

/** From its first line on, a service without lines is silent, not unseen. */
function watchedMinutes(seen: ReadonlySet<number>, troubles: readonly number[]): number[] {
  const all = new Set<number>();
  for (const at of troubles) {
    const own = [...seen].filter((one) => one >= at - USUAL_MS && one < at);
    const first = own.reduce((a, b) => Math.min(a, b), Infinity);
    for (let minute = first; minute < at; minute += MINUTE_MS) all.add(minute);
  }
  return [...all].toSorted((a, b) => a - b);
}

/** At each minute the lines of it and of those before it within the time. */
function slid(counts: ReadonlyMap<number, number>, watched: readonly number[]): Step[] {
  const steps = LINES_WITHIN_MS / MINUTE_MS;
  return watched.map((at) => {
    let value = 0;
    for (let back = 0; back < steps; back += 1) value += counts.get(at - back * MINUTE_MS) ?? 0;
    return { at, value };
  });
}

function precursorAmong(
  steps: readonly Step[],
  troubles: readonly number[],
  leastGap?: number,
): Precursor | undefined {
  const led = troubles.map((at) => ({
    at,
    before: whole(
      steps.filter((one) => one.at >= at - BEFORE_MS && one.at < at),
      at,
    ),
  }));
  const isUsual = ({ at }: Step) => troubles.every((one) => at < one - BEFORE_MS || at >= one + AFTER_MS);
  const usual = steps.filter(isUsual).map((one) => one.value);
  // What was kept of long ago is coarser; a trouble without a trace says nothing for or against.
  const known = led.filter((one) => one.before.length > 0);
  return precursorOf(known, usual, { stepMs: MINUTE_MS, ...(leastGap !== undefined && { leastGap }) });
}

/**
 * Steps that were over when the symptom began. What is older than a day is kept by the quarter of an hour: it counts as
 * known at its end, or a quarter in which the symptom began would tell of itself.
 */
function whole(steps: readonly Step[], symptomAt: number): Step[] {
  const gaps = steps.slice(1).map((one, index) => one.at - (steps[index]?.at ?? 0));
  const width = Math.min(...gaps) >= QUARTER_MS ? QUARTER_MS : MINUTE_MS;
  return steps
    .map(({ at, value }) => ({ at: at + width - MINUTE_MS, value }))
    .filter((one) => one.at + MINUTE_MS <= symptomAt);
}

const SHARES: ReadonlySet<string> = new Set(["cpu", "memory", "disk", "error-rate"]);

function amount(name: string, value: number): string {
  return SHARES.has(name) ? `${Math.round(value * 1_000) / 10} %` : String(Math.round(value * 100) / 100);
}

/** `troubles`: how often it was so. */
export function signWords(sign: EarlySign, troubles?: number): string {
  const times = troubles === undefined ? "" : `, ${troubles} of ${troubles} times`;
  const before = `at least ${inWords(sign.leadMs)} before it${times}`;
  if (sign.kind === "log-pattern") {
    const within = inWords(sign.withinMs);
    return `${sign.service} wrote at least ${sign.lines} lines in ${within} (usually ${sign.usual} at most), ${before}: ${sign.template}`;
  }
  const { service, name, measuredOn, direction, threshold, usual, forMinutes } = sign;
  const most = direction === "above" ? "at most" : "at least";
  return `${name} of ${service} (${measuredOn}) was ${direction} ${amount(name, threshold)} for ${forMinutes} min (usually ${most} ${amount(name, usual)}), ${before}.`;
}
