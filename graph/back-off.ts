// Back-off: restarts of one service that follow each other wait longer each time. Pure; times in ms.
import type { Policy } from "../domain/policy.ts";

export interface BackOff {
  /** After the first. */
  firstMs: number;
  /** No wait is longer. */
  longestMs: number;
  /** A service that ran this long without a restart starts from the first wait again. */
  calmMs: number;
}

export interface NextRestart {
  /** Restarts that followed each other without a calm between them. */
  inARow: number;
  waitMs: number;
  /** Unix ms; from then on another may be made. */
  at: number;
}

/** undefined: there was none, or the service has been calm since. `restarts` in any order; what is no number counts as now. */
export function nextRestart(
  restarts: readonly number[],
  { firstMs, longestMs, calmMs }: BackOff,
  now: number,
): NextRestart | undefined {
  const newestFirst = restarts
    .map((at) => (Number.isFinite(at) ? Math.min(at, now) : now))
    .toSorted((a, b) => b - a);
  let after = now;
  let inARow = 0;
  for (const at of newestFirst) {
    if (after - at >= calmMs) break;
    inARow += 1;
    after = at;
  }
  const [last] = newestFirst;
  if (inARow === 0 || last === undefined) return undefined;
  const waitMs = Math.max(firstMs, Math.min(firstMs * 2 ** (inARow - 1), longestMs));
  return { inARow, waitMs, at: last + waitMs };
}

/** Twice and four times and eight times the cooldown, then no more. */
const LONGEST_FACTOR = 8;
/** Longer than any wait: only what ran well for a while after it was due again counts as calm. */
const CALM_FACTOR = 2;

export function restartBackOff({ cooldownMs, longestCooldownMs }: Policy["breaker"]): BackOff {
  const longestMs = Math.max(cooldownMs, longestCooldownMs ?? LONGEST_FACTOR * cooldownMs);
  return { firstMs: cooldownMs, longestMs, calmMs: CALM_FACTOR * longestMs };
}

/** How far back restarts may count: so many as it takes to reach the longest wait, each just not calm before the next. */
export function reachOf({ firstMs, longestMs, calmMs }: BackOff): number {
  if (!(firstMs > 0)) return 0;
  return calmMs * (Math.ceil(Math.log2(longestMs / firstMs)) + 1);
}
