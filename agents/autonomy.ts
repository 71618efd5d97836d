// How a pair of cause and fix stands, folded from its scored decisions and what people took away. Pure: the same records
// give the same standing, so that none has to be kept and none can be forged.
import type { DecisionOutcome, Earning, Pair, Standing } from "../domain/autonomy.ts";
import { wilson } from "../signals/calibration.ts";

export interface ScoredDecision {
  outcome: DecisionOutcome;
  /** Nothing but the mode and missing autonomy stood in its way. */
  would: boolean;
  told: string;
  /** When it was scored. */
  at: number;
}

export interface Revocation {
  at: number;
  by: string;
  reason: string;
}

/**
 * Any wrong decision counts, a right one only where it would have been carried out alone. The first wrong one after
 * autonomy was earned loses it, and what was right before counts no more.
 */
export function standingOf(
  pair: Pair,
  decisions: readonly ScoredDecision[],
  revocations: readonly Revocation[],
  earning: Pick<Earning, "least" | "boundBp">,
): Standing {
  const events = [
    ...decisions.map((one) => ({ at: one.at, apply: (now: Standing) => decided(now, one, earning) })),
    ...revocations.map((one) => ({
      at: one.at,
      apply: (now: Standing) => lost(now, one.at, `${one.by} took it away: ${one.reason}`),
    })),
  ].toSorted((a, b) => a.at - b.at);
  return events.reduce((standing, { apply }) => apply(standing), nothingEarned(pair));
}

export function nothingEarned({ service, playbook, fix }: Pair): Standing {
  const none = { earnedAt: null, rights: 0, wrongs: 0, lowerBp: 0, lostAt: null, lostBecause: null };
  return { service, playbook, fix, ...none };
}

/**
 * The lower end of the 95 % interval of a share of right decisions, basis points, rounded down (Wilson 1927, Journal of the
 * American Statistical Association 22, page 209; recommended for few observations by Brown, Cai and DasGupta 2001).
 */
export function lowerBoundBp({ rights, wrongs }: Pick<Standing, "rights" | "wrongs">): number {
  return Math.floor(wilson(rights, rights + wrongs).low * 10_000);
}

/** Counted again, so that a bound which was raised since holds for what was earned before, too. */
export function isEarned(
  standing: Standing,
  { least, boundBp }: Pick<Earning, "least" | "boundBp">,
): boolean {
  const { earnedAt, rights, wrongs } = standing;
  return earnedAt !== null && rights + wrongs >= least && lowerBoundBp(standing) >= boundBp;
}

function decided(
  now: Standing,
  { outcome, would, told, at }: ScoredDecision,
  earning: Pick<Earning, "least" | "boundBp">,
): Standing {
  if (outcome === "unclear" || (outcome === "right" && !would)) return now;
  if (outcome === "wrong" && now.earnedAt !== null) return lost(now, at, told);
  const rights = now.rights + (outcome === "right" ? 1 : 0);
  const wrongs = now.wrongs + (outcome === "wrong" ? 1 : 0);
  const counted = { ...now, rights, wrongs, lowerBp: lowerBoundBp({ rights, wrongs }) };
  return isEarned({ ...counted, earnedAt: at }, earning)
    ? { ...counted, earnedAt: now.earnedAt ?? at }
    : counted;
}

function lost(now: Standing, at: number, because: string): Standing {
  return { ...nothingEarned(now), lostAt: at, lostBecause: because };
}
