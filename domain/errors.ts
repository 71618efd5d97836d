// Broken surroundings throw a HealError: what was tried, why it failed, what would work.
// Expected outcomes (a fix that did not help, a gate that says no) are values, never errors.

export interface HealErrorDetails {
  /** Stable, machine-readable, kebab-case: "docker-unreachable", "path-outside-root". */
  code: string;
  /** True when the same call may succeed later without anyone changing anything. */
  retryable?: boolean;
  /** What the reader can do about it; printed after the message. */
  hint?: string;
  cause?: unknown;
}

export class HealError extends Error {
  readonly code: string;
  readonly retryable: boolean;
  readonly hint: string | undefined;

  constructor(message: string, { code, retryable = false, hint, cause }: HealErrorDetails) {
    super(message, cause === undefined ? undefined : { cause });
    this.name = "HealError";
    this.code = code;
    this.retryable = retryable;
    this.hint = hint;
  }
}

/** The words of anything that was thrown, for a record that a person reads. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/** Another process owns the service now: this one must stop, and leave everything as it is. */
export function isLeaseLost(error: unknown): boolean {
  return error instanceof HealError && error.code === "lease-lost";
}
