// Few samples, told honestly: the median, and the worst beside it.

/** Of an even number the lower of the two in the middle; NaN of none. */
export function median(samples: readonly number[]): number {
  return samples.toSorted((a, b) => a - b)[Math.floor((samples.length - 1) / 2)] ?? Number.NaN;
}

/** `share`: 0.99 for the sample that 99 of 100 do not exceed; NaN of none. */
export function percentile(samples: readonly number[], share: number): number {
  return samples.toSorted((a, b) => a - b)[Math.ceil(samples.length * share) - 1] ?? Number.NaN;
}

/** Milliseconds of Unix time with a fraction; comparable between processes of one machine. */
export function preciseNow(): number {
  return performance.timeOrigin + performance.now();
}

export const megabytes = (bytes: number): number => bytes / 1024 / 1024;
