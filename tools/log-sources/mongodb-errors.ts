// What the MongoDB driver throws, in the words of a log source.
// https://github.com/mongodb/mongo/blob/master/src/mongo/base/error_codes.yml
import { HealError, messageOf } from "../../domain/errors.ts";
import { withoutSecrets } from "../../domain/mask-secrets.ts";
import { TIMED_OUT } from "../time-limit.ts";
import { SourceError, type SourceErrorCode } from "./source-error.ts";

/** InvalidResumeToken, ChangeStreamFatalError, ChangeStreamHistoryLost. */
const HISTORY_LOST = [260, 280, 286];
/** Unauthorized, AuthenticationFailed. */
const REFUSED = [13, 18];
/** MaxTimeMSExpired, NetworkTimeout, ExceededTimeLimit. */
const TIMED = [50, 89, 262];
/** $changeStream without a replica set. */
const NO_REPLICA_SET = 40573;

export function isHistoryLost(error: unknown): boolean {
  return HISTORY_LOST.includes(numberOf(error));
}

/** After these the connection is closed: an answer to the old question may still be on its way. */
export function isLostForGood(error: unknown): boolean {
  return numberOf(error) === -1;
}

export function mongoError(error: unknown, timeoutMs: number): SourceError {
  if (error instanceof SourceError) return error;
  const code = codeOf(error);
  const said =
    code === "source-timed-out" ? `no answer within ${timeoutMs} ms` : withoutSecrets(messageOf(error));
  const hint = hintOf(code, numberOf(error));
  return new SourceError(`MongoDB: ${said}`, {
    code,
    retryable: !["source-refused", "source-question"].includes(code),
    cause: error,
    ...(hint === undefined ? {} : { hint }),
  });
}

function codeOf(error: unknown): SourceErrorCode {
  const name = error instanceof Error ? error.name : "";
  const number = numberOf(error);
  if ((error instanceof HealError && error.code === TIMED_OUT) || TIMED.includes(number))
    return "source-timed-out";
  if (REFUSED.includes(number)) return "source-refused";
  if (
    number === NO_REPLICA_SET ||
    /MongoParseError|MongoInvalidArgument|MongoMissingCredentials/.test(name)
  ) {
    return "source-question";
  }
  if (/UnexpectedServerResponse|BSONError|MongoDecompression/.test(name)) return "source-answer";
  return number === -1 ? "source-unreachable" : "source-failed";
}

function hintOf(code: SourceErrorCode, number: number): string | undefined {
  if (number === NO_REPLICA_SET)
    return 'This server is no replica set: set "mode: poll" for this log source.';
  if (code === "source-refused") return 'Check user and password; the role "read" on the database is enough.';
  if (code === "source-unreachable")
    return "Check that the address of this log source is right and open from here.";
  return code === "source-question" ? "Check address and collection of this log source." : undefined;
}

/** The server's number for an error; -1 for what no server said. */
function numberOf(error: unknown): number {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  return typeof code === "number" ? code : -1;
}
