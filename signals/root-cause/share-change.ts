// Whether a share has changed: a likelihood ratio for two counts, careful with few and with many.

/** Requests come in series of the same user: more than this many teach little more. */
const MOST_EXAMPLES = 12;

export interface Share {
  hits: number;
  of: number;
}

export interface ShareChange {
  /** Log-likelihood ratio of "two shares" against "one", in nats; 0 or a little less where nothing changed. */
  evidence: number;
  gained: boolean;
  before: number;
  during: number;
}

/** Of more than `most` examples only the share counts. */
export function shareChange(before: Share, during: Share, most = MOST_EXAMPLES): ShareChange {
  const old = bounded(before, most);
  const now = bounded(during, most);
  const both = { hits: old.hits + now.hits, of: old.of + now.of };
  const apart = logLikelihood(old, rateOf(old)) + logLikelihood(now, rateOf(now));
  const together = logLikelihood(old, rateOf(both)) + logLikelihood(now, rateOf(both));
  const gained = shareOf(during) > shareOf(before);
  return { evidence: apart - together, gained, before: shareOf(before), during: shareOf(during) };
}

function bounded({ hits, of }: Share, most: number): Share {
  const factor = Math.min(1, most / Math.max(of, 1));
  return { hits: hits * factor, of: of * factor };
}

/** Krichevsky and Trofimov's estimate, halved: no share is exactly none or all. */
function rateOf({ hits, of }: Share): number {
  return (hits + 0.25) / (of + 0.5);
}

function shareOf({ hits, of }: Share): number {
  return of === 0 ? 0 : hits / of;
}

function logLikelihood({ hits, of }: Share, rate: number): number {
  return hits * Math.log(rate) + (of - hits) * Math.log(1 - rate);
}
