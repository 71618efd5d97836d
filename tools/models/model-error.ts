// What can be wrong with a language model's server, in a few codes: they decide whether it is asked again, and whether
// it is left alone for a while.
import { HealError, type HealErrorDetails } from "../../domain/errors.ts";

export type ModelErrorCode =
  /** Nobody answers at the address, or the connection broke. */
  | "model-unreachable"
  /** 429 and 5xx: the same question may be answered later. */
  | "model-busy"
  /** 401, 403, 404 and the like: it stays so until someone changes the configuration. */
  | "model-refused"
  /** 400, 422: it does not understand what is asked of it. */
  | "model-question"
  /** Longer than an answer may be, packed or unpacked. */
  | "model-answer-too-long"
  /** Not in the protocol's own language, or ended in the middle. */
  | "model-answer-broken";

export class ModelError extends HealError {
  declare readonly code: ModelErrorCode;
  readonly status: number | undefined;
  /** How long the server asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: HealErrorDetails & {
      code: ModelErrorCode;
      status?: number | undefined;
      retryAfterMs?: number | undefined;
    },
  ) {
    super(message, { retryable: RETRYABLE.has(details.code), ...details });
    this.name = "ModelError";
    this.status = details.status;
    this.retryAfterMs = details.retryAfterMs;
  }
}

const RETRYABLE: ReadonlySet<ModelErrorCode> = new Set(["model-unreachable", "model-busy"]);

/** The SDKs wrap what their fetch throws; the innermost ModelError says what happened. */
export function modelErrorIn(error: unknown): ModelError | undefined {
  let at: unknown = error;
  for (let depth = 0; depth < 6 && at instanceof Error; depth += 1) {
    if (at instanceof ModelError) return at;
    at = at.cause;
  }
  return undefined;
}
