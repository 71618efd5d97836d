// How often a failing model is asked again, and how long it is left alone. Own code rather than a library's: waits are
// the clock's, so that they end when the signal says so and tests own them (docs/decisions, 2026-11-30).
import type { Clock } from "../../domain/clock.ts";
import { ModelError } from "./model-error.ts";

const MOST_RETRIES = 2;
const FIRST_WAIT_MS = 500;

export interface Patience {
  clock: Clock;
  /** 0 to 1: spreads the retries of several processes. */
  random: () => number;
  /** Beyond this moment nothing is begun any more; Unix ms. */
  until: number;
  signal: AbortSignal;
  onRetry: () => void;
}

/** Again only after 429, 5xx and broken connections, with growing waits, never against Retry-After or beyond `until`. */
export async function patiently<T>(work: () => Promise<T>, patience: Patience): Promise<T> {
  const { clock, random, until, signal, onRetry } = patience;
  for (let retries = 0; ; retries += 1) {
    try {
      return await work();
    } catch (error) {
      if (!(error instanceof ModelError && error.retryable) || retries >= MOST_RETRIES) throw error;
      const own = FIRST_WAIT_MS * 2 ** retries * (1 + random() / 2);
      const wait = Math.max(error.retryAfterMs ?? 0, own);
      if (clock.now() + wait >= until) throw error;
      await clock.sleep(wait, signal);
      onRetry();
    }
  }
}

const FAILURES_IN_A_ROW = 3;
const FIRST_REST_MS = 60_000;
const LONGEST_REST_MS = 15 * 60_000;

export interface Breaker {
  /** False while the model is left alone. After the rest one caller may try; the others wait for how that goes. */
  mayAsk(): boolean;
  worked(): void;
  failed(error: unknown): void;
  /** Neither: it was not asked to the end. */
  unknown(): void;
}

/** Opens after three failures in a row, or at once where only a person can help. */
export function makeBreaker(clock: Clock): Breaker {
  let inRow = 0;
  let restUntil = 0;
  let trying = false;
  return {
    mayAsk() {
      if (inRow < FAILURES_IN_A_ROW) return true;
      if (trying || clock.now() < restUntil) return false;
      trying = true;
      return true;
    },
    worked() {
      inRow = 0;
      trying = false;
    },
    failed(error) {
      // Those that began before it opened say nothing new.
      if (inRow >= FAILURES_IN_A_ROW && !trying) return;
      const hopeless = error instanceof ModelError && error.code === "model-refused";
      inRow = hopeless ? Math.max(inRow + 1, FAILURES_IN_A_ROW) : inRow + 1;
      trying = false;
      if (inRow < FAILURES_IN_A_ROW) return;
      const own = FIRST_REST_MS * 2 ** (inRow - FAILURES_IN_A_ROW);
      const asked = error instanceof ModelError ? (error.retryAfterMs ?? 0) : 0;
      restUntil = clock.now() + Math.min(LONGEST_REST_MS, Math.max(own, asked));
    },
    unknown() {
      trying = false;
    },
  };
}
