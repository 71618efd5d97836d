// How long a failing source is left alone. Closed: a few quick tries. Open: after five failures in a row, or at once
// where only a person can help, one try a minute and rarer (that try is the half-open state). One caller asks one
// source at a time, so the waits are the whole breaker; the caller's clock measures them.
import type { SourceError } from "./source-error.ts";

export interface BreakerSettings {
  firstMs?: number;
  failures?: number;
  openMs?: number;
  mostMs?: number;
}

export interface SourceBreaker {
  worked(): void;
  /** How long to wait before the next try, in milliseconds. */
  failed(error: SourceError | undefined): { ms: number; open: boolean };
}

export function makeSourceBreaker({
  firstMs = 1_000,
  failures = 5,
  openMs = 60_000,
  mostMs = 15 * 60_000,
}: BreakerSettings = {}): SourceBreaker {
  let inRow = 0;
  return {
    worked: () => {
      inRow = 0;
    },
    failed(error) {
      inRow = error === undefined || error.retryable ? inRow + 1 : Math.max(inRow + 1, failures);
      const open = inRow >= failures;
      const own = open ? openMs * 2 ** (inRow - failures) : firstMs * 2 ** (inRow - 1);
      return { ms: Math.max(error?.retryAfterMs ?? 0, Math.min(own, mostMs)), open };
    },
  };
}
