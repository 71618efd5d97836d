// How far each forecaster of a pool is trusted: by what it would have been worth on the series' own past.
import { quantile } from "./series.ts";

/**
 * Weights that fall exponentially with the back-tested loss (Vovk's aggregating rule, 1990), measured against the loss
 * that a good quarter of the pool stays under, so that one forecaster that was once exactly right does not take all.
 * `prior` is the weight before anything is known; `rate` how fast to learn.
 */
export function trust(losses: readonly number[], prior: readonly number[], rate: number): number[] {
  const sorted = Float64Array.from(losses).sort();
  const least = quantile(sorted, 0);
  const good = quantile(sorted, 0.25);
  const unit = good > 0 ? good : quantile(sorted, 1) || 1;
  return losses.map((loss, index) => (prior[index] ?? 0) * Math.exp((-rate * (loss - least)) / unit));
}

/** The pinball loss: what a forecast of the `share` quantile costs; its mean is least at the true quantile. */
export function pinball(actual: number, forecast: number, share: number): number {
  const miss = actual - forecast;
  return miss > 0 ? share * miss : (share - 1) * miss;
}
