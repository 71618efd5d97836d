// How far each forecaster of a pool is trusted: by what it would have been worth on the series' own past.
import { quantile } from "./series.ts";

/** The least loss counts as at least this share of a good one, so that having once been exactly right is not all. */
const EXACT = 0.1;

/**
 * Weights that fall exponentially with the back-tested loss (Vovk's aggregating rule, 1990). The unit of loss lies
 * between the least and what a good quarter of the pool stays under: where one is far better than all, it is believed.
 * `prior` is the weight before anything is known; `rate` how fast to learn.
 */
export function trust(losses: readonly number[], prior: readonly number[], rate: number): number[] {
  const sorted = Float64Array.from(losses).sort();
  const least = quantile(sorted, 0);
  const good = quantile(sorted, 0.25) || quantile(sorted, 1) || 1;
  const unit = Math.max(Math.sqrt(least * good), EXACT * good);
  return losses.map((loss, index) => (prior[index] ?? 0) * Math.exp((-rate * (loss - least)) / unit));
}

/** The pinball loss: what a forecast of the `share` quantile costs; its mean is least at the true quantile. */
export function pinball(actual: number, forecast: number, share: number): number {
  const miss = actual - forecast;
  return miss > 0 ? share * miss : (share - 1) * miss;
}
