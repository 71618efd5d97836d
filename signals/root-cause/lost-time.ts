// Where the requests lose their time: extra milliseconds against the normal period, booked to the service that spends
// them itself or to the wire between two services. A caller of a slow callee loses nothing of its own.
import type { Evidence } from "./evidence.ts";
import { strengthOf } from "./pattern-changes.ts";
import { type Share, shareChange } from "./share-change.ts";
import { insideOf, limitsOf, type Times, wiresOf } from "./slowness.ts";
import type { Invocation, Traces } from "./spans.ts";
import { listAt, saturating, sum } from "./statistics.ts";

const MOST_STRENGTH = 8;
/** Extra time that is this share of the usual time of all requests is as likely weather as fault. */
const WEATHER = 0.2;
/** A place where this share of the requests is slow is as likely unlucky as broken. */
const UNLUCKY = 0.1;

/** A slowdown that is certain, but costs little. */
const MOST_FOR_CERTAINTY = 4;

/** Milliseconds lost in one place. */
interface Loss {
  /** One service, or caller and callee of a wire. */
  ends: readonly string[];
  lost: number;
  /** How many of the requests there were slow, before and during the incident. */
  before: Share;
  during: Share;
  /** How far the slow ones are beyond what counts as slow: the logarithm of the mean factor. */
  beyond: number;
}

/** Evidence of kind network (between services) or without kind (in the service) from two sets of traces. */
export function lostTimeEvidence(before: Traces, during: Traces): Evidence[] {
  const usual = sum(roots(during).map((one) => one.duration));
  const inside = losses(insideOf(before), insideOf(during));
  const wires = losses(wiresOf(before), wiresOf(during));
  const total = sum([...inside, ...wires].map((one) => one.lost));
  if (!(total > 0)) return [];
  const weight = MOST_STRENGTH * saturating(total / Math.max(usual - total, 1), WEATHER);
  const strength = (places: readonly Loss[]) => Math.max(weight * costOf(places, total), certaintyOf(places));
  const text = (places: readonly Loss[]) =>
    `${Math.round((sum(places.map((one) => one.lost)) / total) * 100)} %`;
  const networks: Evidence[] = wireOwners(wires).map(({ service, taken }) => ({
    service,
    kind: "network",
    strength: strength(taken),
    reach: "own",
    because: `${text(taken)} of the extra time is lost on the way to and from it`,
  }));
  const own: Evidence[] = [...Map.groupBy(inside, (one) => one.ends[0] ?? "")].map(([service, places]) => ({
    service,
    strength: strength(places),
    reach: "own",
    because: `${text(places)} of the extra time is spent in it, calls to others not counted`,
  }));
  return [...networks, ...own].filter((one) => one.strength > 0.1);
}

/** The share of all lost time, less where only few requests lose it. */
function costOf(places: readonly Loss[], total: number): number {
  const lost = sum(places.map((one) => one.lost));
  const slow = sum(places.map((one) => slowShare(one) * one.lost)) / Math.max(lost, 1e-9);
  return (saturating(slow, UNLUCKY) * lost) / total;
}

/** How sure it is that requests there have become much slower, however few they are. */
function certaintyOf(places: readonly Loss[]): number {
  const joined = (of: (one: Loss) => Share) => ({
    hits: sum(places.map((one) => of(one).hits)),
    of: sum(places.map((one) => of(one).of)),
  });
  const { evidence, gained } = shareChange(
    joined((one) => one.before),
    joined((one) => one.during),
  );
  const beyond = Math.max(0, ...places.map((one) => one.beyond));
  return gained ? Math.min(MOST_FOR_CERTAINTY, strengthOf(evidence)) * saturating(beyond, 1) : 0;
}

function roots({ invocations }: Traces): Invocation[] {
  return invocations.filter((one) => one.caller === undefined);
}

function losses(before: Map<string, Times>, during: Map<string, Times>): Loss[] {
  const limits = limitsOf(before);
  return [...during].map(([key, { ends, times }]) => {
    const known = before.get(key)?.times ?? [];
    const { middle, limit } = limits(key);
    const extra = times.filter((one) => one > limit).map((one) => one - middle);
    // The normal period has its hiccups, too.
    const hiccups = known.filter((one) => one > limit).map((one) => one - middle);
    const expected = known.length > 0 ? (sum(hiccups) / known.length) * times.length : 0;
    return {
      ends,
      lost: Math.max(0, sum(extra) - expected),
      before: { hits: hiccups.length, of: known.length },
      during: { hits: extra.length, of: times.length },
      beyond: extra.length === 0 ? 0 : Math.log(sum(extra) / extra.length / Math.max(limit, 1e-6)),
    };
  });
}

/**
 * A slow wire has two ends. The end whose wires are slow all over answers for them: greedily, the service with the most
 * lost time, weighted with the share of its partners that suffer, takes its wires, then the next.
 */
function wireOwners(wires: readonly Loss[]): { service: string; taken: Loss[] }[] {
  const partners = new Map<string, Loss[]>();
  for (const wire of wires) for (const end of wire.ends) listAt(partners, end).push(wire);
  const open = new Set(wires.filter((one) => one.lost > 0));
  const owners: { service: string; taken: Loss[] }[] = [];
  while (open.size > 0) {
    const claims = [...partners].map(([service, all]) => claimOf(service, all, open));
    const best = claims.reduce((one, other) => (other.weight > one.weight ? other : one));
    if (best.taken.length === 0) break;
    for (const wire of best.taken) open.delete(wire);
    owners.push(best);
  }
  return owners;
}

function claimOf(service: string, all: readonly Loss[], open: ReadonlySet<Loss>) {
  const taken = all.filter((one) => open.has(one));
  const incoming = all.filter((one) => one.ends[1] === service);
  // A service that answers is measured by those who ask it; one that only asks, by those it asks.
  const coverage = Math.max(meanSlow(incoming), meanSlow(all));
  return { service, taken, weight: sum(taken.map((one) => one.lost)) * coverage };
}

function meanSlow(wires: readonly Loss[]): number {
  return wires.length === 0 ? 0 : sum(wires.map(slowShare)) / wires.length;
}

function slowShare({ during }: Loss): number {
  return during.of === 0 ? 0 : during.hits / during.of;
}
