// What every kind of probe has in common: it is measured, limited in time, and turns each failure into one word
// that detectors can rely on. A probe never throws.
import { HealError, messageOf } from "../domain/errors.ts";
import type { ProbeSignal } from "../domain/signal.ts";
import { TIMED_OUT, withinLimit } from "./time-limit.ts";

/**
 * The words in ProbeSignal.failure. Nothing answered: timeout, refused, dns, reset, tls. It answered, but wrongly:
 * status (HTTP), slow (over expect.maxMs), exit (a command's code), auth, loading (still starting),
 * too-many-connections, misconf (Redis cannot write its snapshot), busy (a script blocks Redis).
 * aborted: the caller gave up, which says nothing about the service.
 */
export const probeFailures = [
  "timeout",
  "refused",
  "dns",
  "reset",
  "tls",
  "status",
  "slow",
  "exit",
  "auth",
  "loading",
  "too-many-connections",
  "misconf",
  "busy",
  "aborted",
  "other",
] as const;
export type ProbeFailureWord = (typeof probeFailures)[number];

export type ProbeAnswer = Pick<
  ProbeSignal,
  "ok" | "latencyMs" | "status" | "failure" | "error" | "certificateEndsAt" | "clockOffsetMs"
>;

/** Thrown inside a probe when the service answered, but not as it should. */
export class WrongAnswer extends Error {
  readonly failure: ProbeFailureWord;

  constructor(failure: ProbeFailureWord, message: string) {
    super(message);
    this.name = "WrongAnswer";
    this.failure = failure;
  }
}

/** What is known so far, filled while the probe runs: a body that never ends still had a status. */
export interface Seen {
  status?: number;
  certificateEndsAt?: number;
  clockOffsetMs?: number;
}

export interface ProbeLimits {
  timeoutMs: number;
  /** Slower than this is a failure; absent: only the time limit counts. */
  maxMs?: number | undefined;
}

/** Asks once, measured and limited; every failure becomes an answer. */
export async function askOnce(
  { timeoutMs, maxMs }: ProbeLimits,
  signal: AbortSignal | undefined,
  ask: (stop: AbortSignal, seen: Seen) => Promise<void>,
): Promise<ProbeAnswer> {
  const start = performance.now();
  const seen: Seen = {};
  try {
    await withinLimit(timeoutMs, signal, (stop) => ask(stop, seen));
  } catch (error) {
    const latencyMs = error instanceof WrongAnswer ? { latencyMs: since(start) } : {};
    return { ok: false, ...seen, ...latencyMs, ...describe(error, signal, seen) };
  }
  const latencyMs = since(start);
  if (maxMs === undefined || latencyMs <= maxMs) return { ok: true, ...seen, latencyMs };
  return { ok: false, ...seen, latencyMs, failure: "slow", error: `${latencyMs} ms, expected ${maxMs} ms` };
}

/** Tenths of a millisecond are enough, and keep the signals small. */
function since(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}

function describe(error: unknown, signal: AbortSignal | undefined, seen: Seen) {
  if (signal?.aborted) return { failure: "aborted", error: "the check was cancelled" };
  const brokeOff = !(error instanceof WrongAnswer) && seen.status !== undefined;
  const rest = brokeOff ? ` (it answered ${seen.status}, but the rest did not follow)` : "";
  return { failure: failureOf(error), error: `${wordsOf(error)}${rest}` };
}

const byCode: Record<string, ProbeFailureWord> = {
  [TIMED_OUT]: "timeout",
  ETIMEDOUT: "timeout",
  ECONNREFUSED: "refused",
  ENOTFOUND: "dns",
  EAI_AGAIN: "dns",
  ECONNRESET: "reset",
  EPIPE: "reset",
  PROTOCOL_CONNECTION_LOST: "reset",
  EPROTO: "tls",
  CERT_HAS_EXPIRED: "tls",
  DEPTH_ZERO_SELF_SIGNED_CERT: "tls",
  SELF_SIGNED_CERT_IN_CHAIN: "tls",
  UNABLE_TO_GET_ISSUER_CERT: "tls",
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: "tls",
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: "tls",
  HOSTNAME_MISMATCH: "tls",
};

/** One word for anything thrown by sockets, TLS (OpenSSL's verify codes) or a time limit. */
export function failureOf(error: unknown): ProbeFailureWord {
  if (error instanceof WrongAnswer) return error.failure;
  const code = codeOf(error);
  if (code === undefined) return "other";
  const known = byCode[code];
  if (known !== undefined) return known;
  return /^(?:ERR_TLS|ERR_SSL|CERT_|CRL_)/.test(code) ? "tls" : "other";
}

/** The code of an error; of several addresses tried in turn (AggregateError), that of the first. */
export function codeOf(error: unknown): string | undefined {
  if (error instanceof HealError) return error.code;
  if (!(error instanceof Error)) return undefined;
  if ("code" in error && typeof error.code === "string") return error.code;
  return error instanceof AggregateError ? codeOf(error.errors[0]) : undefined;
}

const ERROR_TEXT_LIMIT = 500;

function wordsOf(error: unknown): string {
  const whole = error instanceof AggregateError ? error.errors.map(messageOf).join("; ") : messageOf(error);
  const words = whole === "" ? (codeOf(error) ?? "failed without a message") : whole;
  return words.length > ERROR_TEXT_LIMIT ? `${words.slice(0, ERROR_TEXT_LIMIT)}…` : words;
}
