// What a driver throws, in words that say what would help. SQLSTATE errors that callers act on (unique
// violation, …) pass through unchanged; compare their `code`.
import { HealError, messageOf } from "../domain/errors.ts";

/** https://www.postgresql.org/docs/15/errcodes-appendix.html */
const notStorable = new Set(["22021", "22P05"]);
const corrupt = new Set(["XX001", "XX002", "58030"]);
/** Class 28 (authorization), no such database, no right, an address that does not parse. */
const refused = /^(28...|3D000|42501|ERR_INVALID_URL)$/;
const tryAgain = new Set(["40001", "40P01", "55P03", "57014"]);
const unreachable = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "ENOTFOUND",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "EPIPE",
  "ENOENT",
  "08000",
  "08001",
  "08003",
  "08004",
  "08006",
  "53300",
  "57P01",
  "57P02",
  "57P03",
]);
const connectionWords =
  /connection terminated|timeout exceeded when trying to connect|timeout expired|client has encountered a connection error|connection ended/i;

export function codeOf(error: unknown): string | undefined {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === "string" ? code : undefined;
}

/** Whether the server (or the way to it) failed rather than the statement. */
export function isUnreachable(error: unknown): boolean {
  const code = codeOf(error);
  if (code !== undefined && unreachable.has(code)) return true;
  if (error instanceof AggregateError) return error.errors.some(isUnreachable);
  return error instanceof Error && connectionWords.test(error.message);
}

/** The SQLSTATE behind an error, also where a HealError was made of it. */
export function sqlStateOf(error: unknown): string | undefined {
  return codeOf(error instanceof HealError ? error.cause : error);
}

/** The same error, or a HealError where there is something to say about it. */
export function asStoreError(error: unknown): unknown {
  if (error instanceof HealError) return error;
  const code = codeOf(error) ?? "";
  if (error instanceof Error && /after calling end on the pool/.test(error.message))
    return storeClosed(error);
  if (notStorable.has(code)) {
    return new HealError(`The database cannot hold this text: ${messageOf(error)}.`, {
      code: "text-not-storable",
      hint: "PostgreSQL text has no null byte (U+0000) and no half of a surrogate pair; replace them first (storable.ts).",
      cause: error,
    });
  }
  if (corrupt.has(code)) {
    return new HealError(`The database reports damaged data: ${messageOf(error)}.`, {
      code: "store-corrupt",
      hint: "Stop opsmedic, keep a copy of the data folder, and restore the last good copy. Nothing was deleted.",
      cause: error,
    });
  }
  if (refused.test(code)) {
    return new HealError(`The database refuses: ${words(error)}.`, {
      code: "store-refused",
      hint: "Check user, password and database in DATABASE_URL. The user must be allowed to create schemas and tables.",
      cause: error,
    });
  }
  if (isUnreachable(error)) {
    return new HealError(`The database does not answer: ${words(error)}.`, {
      code: "store-unreachable",
      retryable: true,
      hint: "Check that the PostgreSQL server runs and that DATABASE_URL names it.",
      cause: error,
    });
  }
  if (tryAgain.has(code)) {
    return new HealError(`The database gave up on a statement: ${messageOf(error)}.`, {
      code: "store-busy",
      retryable: true,
      hint: "Another session held a lock or the statement took too long; the same call may succeed now.",
      cause: error,
    });
  }
  return error;
}

/** A use after close: a mistake in the order of stopping. */
export function storeClosed(cause?: unknown): HealError {
  return new HealError("The store is closed; the query was not sent.", {
    code: "store-closed",
    hint: "Something still used the store after it was closed; stop its users first.",
    cause,
  });
}

/** Node reports a refused connection to "localhost" as an AggregateError without words. */
export function words(error: unknown): string {
  if (error instanceof AggregateError && error.message === "") return error.errors.map(messageOf).join("; ");
  return messageOf(error);
}
