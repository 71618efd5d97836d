// Which events come more or less often in the requests of one operation than in normal times.
import type { Invocation } from "./spans.ts";
import { sum } from "./statistics.ts";
import { isTrouble, type Request } from "./requests.ts";
import { type ShareChange, shareChange } from "./share-change.ts";

const MOST_STRENGTH = 6;
/** Log-likelihood that a change must have before it counts. */
const NOTEWORTHY = 2.5;
/** Trouble that fewer than this share of the normal requests have is new. */
const NEW = 0.02;

export interface Change extends ShareChange {
  event: string;
  /** For each request during the incident whether it shows the change. */
  odd: readonly boolean[];
}

/**
 * Trouble that came is measured against all requests of the normal period, everything else against those that went well:
 * a service that fails less than before is no suspect. `weights`: how much each request counts if it shows a change, 1
 * where absent; the rest of it counts as unchanged.
 */
export function changesIn(
  before: readonly Request[],
  during: readonly Request[],
  weights: readonly number[] = [],
): Change[] {
  const well = before.filter((one) => !one.trouble);
  const names = new Set([...well, ...during].flatMap((one) => [...one.events]));
  const changes = [...names].map((event) => {
    const base = isTrouble(event) ? before : well;
    return changeOf(event, base, during, weights, (one) => one.events.has(event));
  });
  return [...changes, ...newTrouble(changes, before, during, weights)].flatMap((one) => {
    if (isTrouble(one.event)) return one.gained ? [one] : [];
    return [{ ...one, evidence: one.evidence * decided(one.before) }];
  });
}

function changeOf(
  event: string,
  before: readonly Request[],
  during: readonly Request[],
  weights: readonly number[],
  has: (one: Request) => boolean,
): Change {
  const hits = during.map(has);
  const old = { hits: before.filter(has).length, of: before.length };
  const gained = hits.filter(Boolean).length * old.of > old.hits * hits.length;
  const odd = hits.map((one) => one === gained);
  const counted = sum(odd.map((one, index) => (one ? (weights[index] ?? 1) : 0)));
  const now = { hits: gained ? counted : hits.length - counted, of: hits.length };
  return { ...shareChange(old, now), gained, event, odd };
}

/** Several kinds of new trouble in one operation are one outage; named after the commonest. */
function newTrouble(
  changes: readonly Change[],
  before: readonly Request[],
  during: readonly Request[],
  weights: readonly number[],
): Change[] {
  const fresh = changes.filter(isNewTrouble);
  const names = new Set(fresh.map((one) => one.event));
  const [commonest] = fresh.toSorted((a, b) => b.during - a.during);
  if (commonest === undefined || names.size < 2) return [];
  const has = ({ events }: Request) => [...events].some((one) => names.has(one));
  return [changeOf(commonest.event, before, during, weights, has)];
}

/** An operation that does now this, now that in normal times chooses by its data: 0 at a half, 1 at never or always. */
function decided(share: number): number {
  return (1 - 2 * Math.min(share, 1 - share)) ** 2;
}

/** Trouble that hardly any request had before. */
export function isNewTrouble({ event, gained, before }: Change): boolean {
  return gained && before <= NEW && isTrouble(event);
}

/** Log-odds from a log-likelihood ratio in nats: a little is always found among many events. */
export function strengthOf(evidence: number): number {
  return Math.max(0, Math.min(MOST_STRENGTH, evidence - NOTEWORTHY));
}

/** 1 for what goes on, towards 0 for what only the first half of the incident shows: that is over. */
export function persistence(odd: readonly boolean[], late: readonly boolean[]): number {
  const inTheEnd = odd.filter((_, index) => late[index]);
  return Math.min(1, smoothed(inTheEnd) / smoothed(odd));
}

function smoothed(odd: readonly boolean[]): number {
  return (odd.filter(Boolean).length + 0.5) / (odd.length + 0.5);
}

/** A change in words. */
export function told(
  { operation }: Invocation,
  { event, before, during }: Pick<Change, "event" | "before" | "during">,
): string {
  return `"${event.slice(0, 120)}" in ${percent(during)} of ${operation} instead of ${percent(before)}`;
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
