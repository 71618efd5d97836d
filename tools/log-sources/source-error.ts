// What can be wrong with a log source, in a few codes: the runner decides by them how long to wait, and the finding
// tells the operator what would help.
import { HealError, type HealErrorDetails } from "../../domain/errors.ts";

export { retryAfterMs } from "../retry-after.ts";

export type SourceErrorCode =
  /** Nobody answers at the address. */
  | "source-unreachable"
  /** No answer, or not all of it, within the time limit. */
  | "source-timed-out"
  /** 429, or the source's own word for it. */
  | "source-rate-limited"
  /** 401, 403: it stays so until someone changes the key. */
  | "source-refused"
  /** The question is wrong: it stays so until someone changes the configuration. */
  | "source-question"
  /** 5xx and what else the source says about itself. */
  | "source-failed"
  /** An answer that is not in the source's own language. */
  | "source-answer"
  /** More bytes than an answer may have; a smaller question may work. */
  | "source-answer-too-large"
  /** The place where reading was to go on is gone: an expired point in time, a lost resume token. */
  | "source-place-lost";

export class SourceError extends HealError {
  declare readonly code: SourceErrorCode;
  /** How long the source asked to be left alone, in milliseconds. */
  readonly retryAfterMs: number | undefined;

  constructor(
    message: string,
    details: HealErrorDetails & { code: SourceErrorCode; retryAfterMs?: number | undefined },
  ) {
    super(message, details);
    this.name = "SourceError";
    this.retryAfterMs = details.retryAfterMs;
  }
}

export function isSourceError(error: unknown, code: SourceErrorCode): error is SourceError {
  return error instanceof SourceError && error.code === code;
}
