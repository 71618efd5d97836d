// One question to a source over HTTP: JSON there and back, within a time limit, a size limit and a pace; whatever
// goes wrong becomes a SourceError that never holds the key.
import type { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { messageOf } from "../../domain/errors.ts";
import { withoutSecrets } from "../../domain/mask-secrets.ts";
import { TIMED_OUT, withinLimit } from "../time-limit.ts";
import { HealError } from "../../domain/errors.ts";
import { retryAfterMs, SourceError, type SourceErrorCode } from "./source-error.ts";

export interface HttpSource {
  /** Base address; user and password in it are sent as basic authentication. */
  url: string;
  headers?: Readonly<Record<string, string>> | undefined;
  clock: Clock;
  timeoutMs: number;
  /** Most requests in a minute; they are spread evenly. */
  perMinute: number;
  /** Larger answers are not read: taking them apart would keep everyone else waiting. */
  largestAnswerBytes?: number | undefined;
}

/** What every source that is asked over HTTP can be told. */
export interface HttpSourceSettings
  extends Omit<HttpSource, "headers" | "timeoutMs" | "perMinute">,
    Partial<Pick<HttpSource, "timeoutMs" | "perMinute">> {
  name: string;
  /** Field or label that names the service of a line, where it is none of the usual ones. */
  serviceField?: string | undefined;
  /** Most events of one answer. */
  pageSize?: number;
}

export interface Question<T> {
  method?: "GET" | "POST" | "DELETE";
  /** Below the base address, with its query. */
  path: string;
  body?: unknown;
  answer: z.ZodType<T>;
  signal: AbortSignal;
}

export type Ask = <T>(question: Question<T>) => Promise<T>;

const LARGEST_ANSWER_BYTES = 16 * 1024 * 1024;
/** Enough of an error page to understand it. */
const ERROR_CHARS = 300;

export function httpAsker({
  url,
  headers = {},
  clock,
  timeoutMs,
  perMinute,
  largestAnswerBytes = LARGEST_ANSWER_BYTES,
}: HttpSource): Ask {
  const base = new URL(url);
  const where = base.host;
  const auth = basicAuth(base);
  const turn = paced(clock, perMinute);
  return async ({ method = "GET", path, body, answer, signal }) => {
    await turn(signal);
    const init = {
      method,
      redirect: "error" as const,
      headers: {
        accept: "application/json",
        "user-agent": "opsmedic",
        ...(body === undefined ? {} : { "content-type": "application/json" }),
        ...auth,
        ...headers,
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    };
    const text = await withinLimit(timeoutMs, signal, async (stop) => {
      const response = await fetch(below(base, path), { ...init, signal: stop });
      const read = await readText(response, where, largestAnswerBytes);
      if (!response.ok) throw errorOf(response, read, where, clock.now());
      return read;
    }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw asSourceError(error, where, timeoutMs);
    });
    return understood(text, answer, where);
  };
}

function below(base: URL, path: string): URL {
  return new URL(base.pathname.replace(/\/$/, "") + path, base.origin);
}

function basicAuth({ username, password }: URL): Record<string, string> {
  if (username === "" && password === "") return {};
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
}

function paced(clock: Clock, perMinute: number): (signal: AbortSignal) => Promise<void> {
  const gapMs = 60_000 / perMinute;
  let next = Number.NEGATIVE_INFINITY;
  return async (signal) => {
    const now = clock.now();
    const at = Math.max(now, next);
    next = at + gapMs;
    if (at > now) await clock.sleep(at - now, signal);
  };
}

async function readText(response: Response, where: string, mostBytes: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > mostBytes) {
      throw new SourceError(`The answer of ${where} is larger than ${mostBytes} bytes`, {
        code: "source-answer-too-large",
        retryable: true,
      });
    }
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

const codes: Record<number, SourceErrorCode> = {
  401: "source-refused",
  403: "source-refused",
  404: "source-question",
  408: "source-timed-out",
  429: "source-rate-limited",
};
const hints: Partial<Record<SourceErrorCode, string>> = {
  "source-refused": "Check the key of this log source, and that it may read logs.",
  "source-question": "Check address and query of this log source.",
};

function errorOf({ status, headers }: Response, body: string, where: string, now: number): SourceError {
  const code = codes[status] ?? (status >= 500 ? "source-failed" : "source-question");
  const said = withoutSecrets(body.slice(0, ERROR_CHARS)).trim();
  return new SourceError(`${where} answered ${status}${said === "" ? "" : `: ${said}`}`, {
    code,
    retryable: !["source-refused", "source-question"].includes(code),
    retryAfterMs: retryAfterMs(headers.get("retry-after"), now),
    ...(hints[code] === undefined ? {} : { hint: hints[code] }),
  });
}

function asSourceError(error: unknown, where: string, timeoutMs: number): SourceError {
  if (error instanceof SourceError) return error;
  if (error instanceof HealError && error.code === TIMED_OUT) {
    return new SourceError(`${where} gave no whole answer within ${timeoutMs} ms`, {
      code: "source-timed-out",
      retryable: true,
    });
  }
  // fetch says only "fetch failed"; why stands in its cause.
  const cause = error instanceof Error && error.cause !== undefined ? error.cause : error;
  return new SourceError(`${where} could not be reached: ${messageOf(cause)}`, {
    code: "source-unreachable",
    retryable: true,
    hint: "Check that the address of this log source is right and open from this machine.",
    cause: error,
  });
}

function understood<T>(text: string, schema: z.ZodType<T>, where: string): T {
  const parsed = parseJson(text);
  const result = parsed === undefined ? undefined : schema.safeParse(parsed.value);
  if (result?.success) return result.data;
  const why = result === undefined ? "it is no JSON" : (result.error.issues[0]?.message ?? "");
  const place = result?.error?.issues[0]?.path.join(".") ?? "";
  throw new SourceError(
    `The answer of ${where} was not understood: ${why}${place === "" ? "" : ` at ${place}`}`,
    {
      code: "source-answer",
      retryable: true,
      hint: "Is a proxy or a login page between opsmedic and this log source?",
    },
  );
}

function parseJson(text: string): { value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) as unknown };
  } catch {
    return undefined;
  }
}
